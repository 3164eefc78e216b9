import { connect, type Socket } from 'node:net';
import type { Random } from '../../core/index.js';
import { roundTripMs, type NetworkConditions } from '../conditions/conditions.js';
import { Direction } from '../stream/direction.js';
import type { Link } from '../stream/link.js';
import type { ReleaseTimer } from '../stream/release-timer.js';
import type { Address } from './address.js';

/** Sees what passes a connection, before the network gets at it. */
export interface ConnectionTap {
  up(chunk: Buffer): void;
  down(chunk: Buffer): void;
  /** The connection is gone. */
  end(): void;
}

/** What the connections of a proxy share, and whom they tell. */
export interface ConnectionShare {
  readonly up: Link;
  readonly down: Link;
  readonly timer: ReleaseTimer;
  readonly conditions: NetworkConditions;
  readonly bytes: { up: number; down: number };
  upstreamFailed(error: NodeJS.ErrnoException): void;
  upstreamReached(): void;
  gone(connection: ProxyConnection, wasReset: boolean): void;
}

/** A client's connection, and the one to the server behind it. */
export class ProxyConnection {
  readonly #share: ConnectionShare;
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #random: Random;
  readonly #tap: ConnectionTap | undefined;
  readonly #up: Direction;
  readonly #down: Direction;
  readonly #timers: NodeJS.Timeout[] = [];
  #reached = false;
  #silent = false;
  #reset = false;
  #open = 2;

  constructor(
    client: Socket,
    upstream: Address,
    share: ConnectionShare,
    random: Random,
    tap?: ConnectionTap,
  ) {
    this.#share = share;
    this.#client = client;
    this.#random = random;
    this.#tap = tap;
    this.#server = connect({ host: upstream.host, port: upstream.port, allowHalfOpen: true, noDelay: true });
    const towards = (from: Socket, to: Socket) => ({
      write: (chunk: Buffer) => to.write(chunk),
      end: () => {
        to.end();
      },
      limitReached: () => {
        this.#finish();
      },
      pause: () => {
        from.pause();
      },
      resume: () => {
        from.resume();
      },
    });
    const { up, down, timer, conditions } = share;
    this.#up = new Direction(up, towards(client, this.#server), timer, random);
    this.#down = new Direction(down, towards(this.#server, client), timer, random);
    if (conditions.handshake) {
      // The handshake has cost a round trip before the first byte sets out.
      this.#up.holdUntil(timer.now() + roundTripMs(conditions) + conditions.up.latencyMs);
    }
    this.#listen();
    this.#setTimers(conditions);
  }

  /** Ends it as a network would that has lost it: with a reset, towards both. */
  reset(): void {
    this.#reset = true;
    this.#client.resetAndDestroy();
    // A socket that never was up has nobody to be reset.
    if (this.#reached) this.#server.resetAndDestroy();
    else this.#server.destroy();
  }

  /** From now on nothing passes any more, in either direction, and no close either. */
  silence(): void {
    this.#silent = true;
    this.#up.silence();
    this.#down.silence();
  }

  /** The links carry again. */
  released(): void {
    this.#up.released();
    this.#down.released();
  }

  #listen(): void {
    const { bytes } = this.#share;
    const [client, server] = [this.#client, this.#server];
    client.on('data', (chunk: Buffer) => {
      bytes.up += chunk.length;
      this.#tap?.up(chunk);
      if (!this.#resets()) this.#up.push(chunk);
    });
    server.on('data', (chunk: Buffer) => {
      bytes.down += chunk.length;
      this.#tap?.down(chunk);
      if (!this.#resets()) this.#down.push(chunk);
    });
    client.on('drain', () => {
      this.#down.drained();
    });
    server.on('drain', () => {
      this.#up.drained();
    });
    client.on('end', () => {
      this.#up.end();
    });
    server.on('end', () => {
      this.#down.end();
    });
    server.once('connect', () => {
      this.#reached = true;
      this.#share.upstreamReached();
    });
    client.on('error', () => {
      if (!this.#silent) this.reset();
    });
    server.on('error', (error) => {
      if (!this.#reached && !this.#reset) this.#share.upstreamFailed(error);
      if (!this.#silent) this.reset();
    });
    client.once('close', this.#closed);
    server.once('close', this.#closed);
  }

  #setTimers({ resetAfterMs, halfOpenAfterMs }: NetworkConditions): void {
    if (resetAfterMs > 0) {
      this.#later(resetAfterMs, () => {
        this.reset();
      });
    }
    if (halfOpenAfterMs > 0) {
      this.#later(halfOpenAfterMs, () => {
        this.silence();
      });
    }
  }

  #later(ms: number, then: () => void): void {
    this.#timers.push(setTimeout(then, ms).unref());
  }

  #resets(): boolean {
    const { resetShare } = this.#share.conditions;
    if (resetShare === 0 || this.#random.next() >= resetShare) return false;
    this.reset();
    return true;
  }

  /** Closes both sides once what was written has left. */
  #finish(): void {
    this.#client.end();
    this.#server.end();
    this.silence();
    this.#client.destroySoon();
    this.#server.destroySoon();
  }

  readonly #closed = (): void => {
    this.#open--;
    if (this.#open > 0) {
      // The other side may still be sending what is under way; a side that is gone takes nothing any more.
      if (this.#silent) return;
      if (this.#client.destroyed && this.#client.errored === null && !this.#client.readableEnded)
        this.reset();
      return;
    }
    for (const timer of this.#timers) clearTimeout(timer);
    this.#up.silence();
    this.#down.silence();
    this.#tap?.end();
    this.#share.gone(this, this.#reset);
  };
}
