import type { Clock } from '../../core/clock.js';
import { DynoError, messageOf } from '../../core/errors.js';
import { printableLine } from '../../core/printable.js';
import type { JsonObject } from '../../core/json.js';
import type { Random } from '../../core/random.js';
import {
  connect,
  WireError,
  type ConnectOptions,
  type Implementation,
  type McpConnection,
  type McpServer,
  type RequestOptions,
  type Subscription,
} from '../../protocol/index.js';
import { connectTarget, openTarget, type OpenTarget, type TargetSpec } from '../../target/index.js';
import { backoffMs, type BackoffOptions } from './backoff.js';

/** What a client connects to: a target, or a server in this process. */
export type ServerTarget = TargetSpec | { kind: 'in-process'; server: McpServer };

/** The state of a link to a server. */
export type LinkState =
  /** An attempt is under way. */
  | 'connecting'
  | 'connected'
  /** The last attempt failed, or the connection was lost; the next attempt has its time. */
  | 'waiting'
  | 'closed';

/** How a server is doing. */
export interface ServerStatus {
  name: string;
  state: LinkState;
  serverInfo?: Implementation;
  protocolVersion?: string;
  era?: McpConnection['era'];
  transport?: McpConnection['transport'];
  /** The process that was started for it. */
  pid?: number;
  /** How often a connection was made. */
  connects: number;
  /** Attempts that failed since the last connection. */
  failures: number;
  /** Why it is not connected, one printable sentence. */
  error?: string;
  /** How long until the next attempt, in milliseconds. */
  nextAttemptMs?: number;
}

/** What a link needs, and whom it tells. */
export interface LinkOptions {
  clock: Clock;
  random: Random;
  backoff: BackoffOptions;
  connect: ConnectOptions;
  /** The bound for one attempt to connect, start of the process included; milliseconds. */
  connectTimeoutMs: number;
  onState(status: ServerStatus): void;
  onNotification(method: string, params: JsonObject): void;
}

/** A connection that lasted this long was good: the next loss starts with the shortest wait. */
const goodAfterMs = 10_000;
/** How long a server that failed a call has to show that it is still there. */
const checkMs = 2_000;

/** Keeps one server connected: again after every loss, with growing waits, until it is closed. */
export class ServerLink {
  readonly name: string;
  readonly target: ServerTarget;
  readonly #options: LinkOptions;
  #state: LinkState = 'connecting';
  #connection: McpConnection | undefined;
  #opened: OpenTarget | undefined;
  #attempt: Promise<McpConnection> | undefined;
  #check: Promise<unknown> | undefined;
  #subscription: Subscription | undefined;
  readonly #stopping = new Set<Promise<unknown>>();
  readonly #closing = new AbortController();
  #cancelTimer = () => {};
  #connects = 0;
  #failures = 0;
  #connectedAt = 0;
  #nextAt = 0;
  #error: unknown;

  constructor(name: string, target: ServerTarget, options: LinkOptions) {
    this.name = name;
    this.target = target;
    this.#options = options;
  }

  get connection(): McpConnection | undefined {
    return this.#connection;
  }

  status(): ServerStatus {
    const connection = this.#connection;
    const pid = this.#opened?.child?.pid;
    return {
      name: this.name,
      state: this.#state,
      connects: this.#connects,
      failures: this.#failures,
      ...(connection !== undefined && {
        serverInfo: connection.serverInfo,
        protocolVersion: connection.protocolVersion,
        era: connection.era,
        transport: connection.transport,
      }),
      ...(pid !== undefined && { pid }),
      ...(this.#error !== undefined && { error: printableLine(messageOf(this.#error), 300) }),
      ...(this.#state === 'waiting' && {
        nextAttemptMs: Math.max(0, this.#nextAt - this.#options.clock.now()),
      }),
    };
  }

  /** Connects now, or joins the attempt that is under way. @throws DynoError (111) when it fails */
  connect(): Promise<McpConnection> {
    if (this.#state === 'closed') return Promise.reject(this.#gone());
    if (this.#connection !== undefined) return Promise.resolve(this.#connection);
    this.#attempt ??= this.#try().finally(() => {
      this.#attempt = undefined;
    });
    return this.#attempt;
  }

  /**
   * Does something over the connection; waits for one that is being made, but not for one that was lost.
   *
   * @throws WireError (`connect`) while the server is not connected, and whatever `work` throws
   */
  async use<T>(
    work: (connection: McpConnection) => Promise<T>,
    options: Pick<RequestOptions, 'signal' | 'timeoutMs'> = {},
  ): Promise<T> {
    const connection = this.#connection ?? (await this.#awaited(options));
    try {
      return await work(connection);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      if (error.outcome === 'connect' || error.outcome === 'transport') void this.#verify(connection);
      if (!forgetsSessions(error, connection)) throw error;
      await this.#verify(connection);
      if (this.#connection === connection) throw error;
      // It refused the call because it no longer knows the session, so the call was not made.
      return await work(await this.connect());
    }
  }

  /** Reaches the server, for a router that wants to know whether it is back. */
  async probe(signal: AbortSignal): Promise<void> {
    // What is started by us is started again in its own time; whatever else may be back at any moment.
    if (this.#connection === undefined && this.target.kind !== 'stdio') {
      await this.connect();
      return;
    }
    await this.use((connection) => connection.ping({ signal, timeoutMs: checkMs }), { signal });
  }

  /** Ends the connection and the process behind it. Never rejects. */
  async close(): Promise<void> {
    if (this.#state !== 'closed') {
      this.#state = 'closed';
      this.#cancelTimer();
      this.#closing.abort(this.#gone());
      this.#release();
      this.#options.onState(this.status());
    }
    await this.#attempt?.catch(() => undefined);
    await Promise.all(this.#stopping);
  }

  async #try(): Promise<McpConnection> {
    this.#cancelTimer();
    this.#setState('connecting');
    const { connect: how, clock, connectTimeoutMs } = this.#options;
    const signal = this.#closing.signal;
    let opened: OpenTarget | undefined;
    try {
      const options: ConnectOptions = {
        ...how,
        clock,
        signal,
        timeoutMs: connectTimeoutMs,
        onNotification: (method, params) => {
          this.#options.onNotification(method, params);
        },
      };
      let connection: McpConnection;
      if (this.target.kind === 'in-process') connection = await connect(this.target, options);
      else {
        opened = await openTarget(this.target);
        connection = await connectTarget(opened, options);
      }
      if (signal.aborted) {
        await connection.close();
        throw signal.reason;
      }
      this.#connected(connection, opened);
      return connection;
    } catch (error) {
      if (opened !== undefined) this.#track(opened.stop());
      if (!signal.aborted) this.#failed(error);
      throw error;
    }
  }

  #connected(connection: McpConnection, opened: OpenTarget | undefined): void {
    this.#connection = connection;
    this.#opened = opened;
    this.#connects++;
    this.#connectedAt = this.#options.clock.now();
    this.#error = undefined;
    void connection.closed.then(({ reason }) => {
      this.#lost(connection, new WireError(`The connection was lost: ${reason}`, { outcome: 'transport' }));
    });
    this.#setState('connected');
    this.#subscribe(connection, 0);
  }

  /** In the stateless era a server tells of changes only to who listens. */
  #subscribe(connection: McpConnection, failures: number): void {
    const changes = (capability: string) => {
      const offered = connection.capabilities[capability];
      return (
        typeof offered === 'object' && offered !== null && (offered as JsonObject)['listChanged'] === true
      );
    };
    if (connection.era !== 'stateless' || !(changes('tools') || changes('prompts') || changes('resources'))) {
      return;
    }
    this.#subscription = connection.subscribe({
      ...(changes('tools') && { toolsListChanged: true }),
      ...(changes('prompts') && { promptsListChanged: true }),
      ...(changes('resources') && { resourcesListChanged: true }),
    });
    const again = () => {
      if (this.#connection !== connection) return;
      const wait = backoffMs(failures + 1, this.#options.random, this.#options.backoff);
      this.#cancelTimer = this.#options.clock.after(wait, () => {
        if (this.#connection !== connection) return;
        // What changed meanwhile was told to nobody.
        this.#options.onNotification('notifications/tools/list_changed', {});
        this.#subscribe(connection, failures + 1);
      });
    };
    this.#subscription.ended.then(again, again);
  }

  #lost(connection: McpConnection, error: unknown): void {
    if (this.#connection !== connection || this.#state === 'closed') return;
    if (this.#options.clock.now() - this.#connectedAt >= goodAfterMs) this.#failures = 0;
    this.#release();
    this.#failed(error);
  }

  #failed(error: unknown): void {
    this.#failures++;
    this.#error = error;
    const wait = backoffMs(this.#failures, this.#options.random, this.#options.backoff);
    this.#nextAt = this.#options.clock.now() + wait;
    this.#cancelTimer();
    this.#cancelTimer = this.#options.clock.after(wait, () => {
      this.connect().catch(() => undefined);
    });
    this.#setState('waiting');
  }

  /** A call failed on the way: is the server still there? */
  #verify(connection: McpConnection): Promise<unknown> {
    if (this.#connection !== connection) return Promise.resolve();
    this.#check ??= connection
      .ping({ timeoutMs: checkMs })
      .catch((error: unknown) => {
        // A JSON-RPC error shows that it is there and knows us.
        if (!(error instanceof WireError && error.outcome === 'rpc')) this.#lost(connection, error);
      })
      .finally(() => {
        this.#check = undefined;
      });
    return this.#check;
  }

  #release(): void {
    const connection = this.#connection;
    const opened = this.#opened;
    this.#subscription?.close();
    this.#cancelTimer();
    this.#connection = undefined;
    this.#opened = undefined;
    this.#subscription = undefined;
    if (connection === undefined) return;
    this.#track(connection.close().then(() => opened?.stop()));
  }

  #track(work: Promise<unknown>): void {
    const settled = work
      .catch(() => undefined)
      .finally(() => {
        this.#stopping.delete(settled);
      });
    this.#stopping.add(settled);
  }

  async #awaited({
    signal,
    timeoutMs,
  }: Pick<RequestOptions, 'signal' | 'timeoutMs'>): Promise<McpConnection> {
    if (this.#attempt === undefined) throw this.#notConnected();
    signal?.throwIfAborted();
    return await new Promise((resolve, reject) => {
      const abort = () => {
        reject(signal?.reason as Error);
      };
      const cancel = this.#options.clock.after(timeoutMs ?? this.#options.connectTimeoutMs, () => {
        reject(new WireError(`${this.name} was not connected in time`, { outcome: 'timeout' }));
      });
      signal?.addEventListener('abort', abort, { once: true });
      this.#attempt!.then(resolve, () => {
        reject(this.#notConnected());
      }).finally(() => {
        cancel();
        signal?.removeEventListener('abort', abort);
      });
    });
  }

  #notConnected(): Error {
    if (this.#state === 'closed') return this.#gone();
    const why = this.#error === undefined ? '' : `: ${printableLine(messageOf(this.#error), 300)}`;
    return new WireError(`The server '${printableLine(this.name, 60)}' is not connected${why}`, {
      outcome: 'connect',
      cause: this.#error,
    });
  }

  #gone(): DynoError {
    return new DynoError(`The server '${printableLine(this.name, 60)}' was disconnected`, {
      code: 'disconnected',
    });
  }

  #setState(state: LinkState): void {
    if (this.#state === 'closed') return;
    this.#state = state;
    this.#options.onState(this.status());
  }
}

/** Some servers answer 400 where 404 belongs, when they no longer know a session (server-everything does). */
function forgetsSessions(error: WireError, connection: McpConnection): boolean {
  const refused = error.outcome === 'http' && (error.status === 400 || error.status === 404);
  return refused && connection.era === 'session' && connection.transport === 'http';
}
