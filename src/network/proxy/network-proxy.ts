import type { Server, Socket } from 'node:net';
import { messageOf, seededRandom, systemClock, type Random } from '../../core/index.js';
import { copyConditions, type CutKind, type NetworkConditions } from '../conditions/conditions.js';
import { Link } from '../stream/link.js';
import { ReleaseTimer } from '../stream/release-timer.js';
import { showAddress, type Address } from './address.js';
import { ProxyConnection, type ConnectionShare, type ConnectionTap } from './connection.js';
import { CutSchedule } from './cut-schedule.js';
import { listenForConnections } from './listen.js';

/** How to start a proxy. */
export interface ProxyOptions {
  /** Port 0: any free one. */
  listen: Address;
  upstream: Address;
  conditions: NetworkConditions;
  /** Fixes jitter, stalls and resets of each connection; 1 unless given. */
  seed?: number;
  /** Sentences for people: a server that cannot be reached, a port that is lost. */
  onNotice?: (sentence: string) => void;
  /** Sees each connection's bytes. */
  tap?: (connection: number) => ConnectionTap;
}

/** What a proxy has done so far. */
export interface ProxyStats {
  connections: { total: number; open: number; reset: number };
  /** From clients to the server, and back. */
  bytes: { up: number; down: number };
  /** Connections for which the server could not be reached, and the last reason. */
  upstreamFailures: number;
  upstreamFailure: string | undefined;
  cuts: number;
  /** How late delayed bytes were passed on beyond what the conditions say, ms; the machine's doing. */
  late: { meanMs: number; maxMs: number };
  /** Whether there is no network at the moment. */
  cut: boolean;
}

/** A running proxy, here or in a thread of its own. */
export interface ProxyControl {
  /** Where it listens. */
  readonly address: Address;
  setConditions(conditions: NetworkConditions): Promise<void>;
  /** Where new connections go from now on, such as after a restart on another port. */
  setUpstream(upstream: Address): Promise<void>;
  /** Cuts the network for a while, from now on. */
  cut(forMs: number, kind: CutKind): Promise<void>;
  /** Resets every open connection; new ones are welcome. */
  resetAll(): Promise<void>;
  stats(): Promise<ProxyStats>;
  /** Resets what is open and listens no more. */
  close(): Promise<void>;
}

/** How long is waited before a lost port is asked for again, ms. */
const listenAgainMs = 20;

/**
 * A TCP proxy that behaves like a network: HTTP and HTTPS (passed through) alike. With clear conditions it passes bytes on as
 * they come.
 *
 * @throws DynoError (104) where it cannot listen.
 */
export async function startProxy(options: ProxyOptions): Promise<NetworkProxy> {
  const proxy = new NetworkProxy(options);
  await proxy.listen();
  return proxy;
}

/** See {@link startProxy}. */
export class NetworkProxy implements ProxyControl, ConnectionShare {
  readonly up: Link;
  readonly down: Link;
  readonly timer = new ReleaseTimer(systemClock, true);
  readonly bytes = { up: 0, down: 0 };
  conditions: NetworkConditions;
  readonly #options: ProxyOptions;
  readonly #random: Random;
  readonly #connections = new Set<ProxyConnection>();
  readonly #cuts: CutSchedule;
  #upstream: Address;
  #address: Address;
  #server: Server | undefined;
  #closed = false;
  #isCut: CutKind | undefined;
  #total = 0;
  #resets = 0;
  #failures = 0;
  #failure: string | undefined;
  #reachable = true;
  #cutCount = 0;

  /** Use {@link startProxy}. */
  constructor(options: ProxyOptions) {
    this.#options = options;
    this.#upstream = options.upstream;
    this.#address = options.listen;
    this.#random = seededRandom(options.seed ?? 1);
    this.conditions = copyConditions(options.conditions);
    this.up = new Link(this.conditions.up);
    this.down = new Link(this.conditions.down);
    this.#cuts = new CutSchedule(systemClock, {
      begin: (kind) => {
        this.#cut(kind);
      },
      end: () => {
        void this.#mend();
      },
    });
  }

  get address(): Address {
    return this.#address;
  }

  get upstream(): Address {
    return this.#upstream;
  }

  /** @internal */
  async listen(): Promise<void> {
    await this.#listen();
    this.#cuts.plan(this.conditions.cuts);
  }

  setConditions(conditions: NetworkConditions): Promise<void> {
    this.conditions = copyConditions(conditions);
    this.up.conditions = this.conditions.up;
    this.down.conditions = this.conditions.down;
    this.#cuts.plan(this.conditions.cuts);
    return Promise.resolve();
  }

  setUpstream(upstream: Address): Promise<void> {
    this.#upstream = upstream;
    this.#reachable = true;
    return Promise.resolve();
  }

  cut(forMs: number, kind: CutKind): Promise<void> {
    this.#cuts.now(forMs, kind);
    return Promise.resolve();
  }

  resetAll(): Promise<void> {
    for (const connection of [...this.#connections]) connection.reset();
    return Promise.resolve();
  }

  stats(): Promise<ProxyStats> {
    return Promise.resolve({
      connections: { total: this.#total, open: this.#connections.size, reset: this.#resets },
      bytes: { ...this.bytes },
      upstreamFailures: this.#failures,
      upstreamFailure: this.#failure,
      cuts: this.#cutCount,
      late: this.#late(),
      cut: this.#isCut !== undefined,
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cuts.stop();
    this.#stopListening();
    await this.resetAll();
    this.timer.stop();
  }

  upstreamFailed(error: NodeJS.ErrnoException): void {
    this.#failures++;
    this.#failure = error.code === 'ECONNREFUSED' ? 'connection refused' : messageOf(error);
    // One sentence per outage, however many connections it meets.
    if (this.#reachable) {
      this.#options.onNotice?.(
        `The server at ${showAddress(this.#upstream)} cannot be reached (${this.#failure}); connections are reset until it can. ` +
          'If it came back on another port, PUT /upstream tells the proxy (--api).',
      );
    }
    this.#reachable = false;
  }

  upstreamReached(): void {
    this.#reachable = true;
  }

  gone(connection: ProxyConnection, wasReset: boolean): void {
    this.#connections.delete(connection);
    if (wasReset) this.#resets++;
  }

  readonly #accept = (socket: Socket): void => {
    const index = this.#total++;
    const tap = this.#options.tap?.(index);
    const random = this.#random.fork(`connection ${index}`);
    this.#connections.add(new ProxyConnection(socket, this.#upstream, this, random, tap));
  };

  #late(): ProxyStats['late'] {
    const [up, down] = [this.up.late, this.down.late];
    const count = up.count + down.count;
    return {
      meanMs: count === 0 ? 0 : (up.sumMs + down.sumMs) / count,
      maxMs: Math.max(up.maxMs, down.maxMs),
    };
  }

  async #listen(): Promise<void> {
    const { server, port } = await listenForConnections(this.#address, this.#accept);
    this.#address = { ...this.#address, port };
    if (this.#closed || this.#isCut === 'reset') server.close();
    else this.#server = server;
  }

  #stopListening(): void {
    this.#server?.close();
    this.#server = undefined;
  }

  #cut(kind: CutKind): void {
    this.#cutCount++;
    this.#isCut = kind;
    if (kind === 'reset') {
      this.#stopListening();
      void this.resetAll();
    } else {
      this.up.held = this.down.held = true;
    }
  }

  async #mend(): Promise<void> {
    const kind = this.#isCut;
    this.#isCut = undefined;
    this.up.held = this.down.held = false;
    for (const connection of this.#connections) connection.released();
    let told = false;
    while (kind === 'reset' && this.#server === undefined && !this.#closed && this.#isCut === undefined) {
      try {
        await this.#listen();
      } catch (error) {
        if (!told) this.#options.onNotice?.(`After the cut: ${messageOf(error)}`);
        told = true;
        await new Promise((resolve) => setTimeout(resolve, listenAgainMs));
      }
    }
  }
}
