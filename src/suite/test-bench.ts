import type { LoadRunner, LoadSession } from '../load/index.js';
import { ownConnections, type ResourceSource } from '../measure/index.js';
import type { ConnectOptions, McpConnection } from '../protocol/index.js';
import type { StopReport } from '../target/index.js';
import type { Bench, OpenedBench } from './bench.js';
import { leftByStop, leftSockets, type Leftover } from './cleanup/leftover.js';

/** So many ids of sessions are remembered. */
const mostSessions = 16;

/** Loads of several tests go through it, on the same process over stdio. */
export interface SharedSession {
  loads: LoadSession;
  /** Asked once, at the end of the test: whether the session ends with it. @param wrong the test did not end well. */
  endsAfter(wrong: boolean): boolean;
}

/** A bench as one test has it: what the test opened through it and left open is closed by {@link TestBench.close}. */
export class TestBench implements Bench {
  readonly spec: Bench['spec'];
  readonly target: Bench['target'];
  readonly tools: Bench['tools'];
  readonly loadTarget: Bench['loadTarget'];
  /** Its loads follow each other on the same threads and, over stdio, on the same process. */
  readonly runner: LoadRunner;
  readonly startable: boolean;
  readonly #bench: Bench;
  readonly #connections = new Set<McpConnection>();
  readonly #benches: OpenedBench[] = [];
  readonly #session: LoadSession | undefined;
  readonly #shared: SharedSession | undefined;
  readonly #sessions: string[] = [];
  #closed = false;
  readonly #stopsBefore: number;
  readonly #deathsBefore: number;
  readonly #socketsBefore: ReturnType<typeof ownConnections>;

  /**
   * @param sharing other tests run beside it: connections that appear meanwhile may be theirs.
   * @param shared what its loads go through, where it is not its own.
   */
  constructor(bench: Bench, sharing = false, shared?: SharedSession) {
    this.#socketsBefore = sharing ? undefined : ownConnections();
    this.#bench = bench;
    this.spec = bench.spec;
    this.target = bench.target;
    this.tools = bench.tools;
    this.loadTarget = bench.loadTarget;
    this.#shared = shared;
    this.#session = shared?.loads ?? bench.runner.session?.();
    this.runner = this.#session ?? bench.runner;
    this.startable = bench.startable;
    this.#stopsBefore = bench.stops.length;
    this.#deathsBefore = bench.deaths.length;
  }

  resources(loadPids: readonly number[]): ResourceSource {
    return this.#bench.resources(loadPids);
  }

  lastWords(): string {
    return this.#bench.lastWords();
  }

  get gone(): AbortSignal {
    return this.#bench.gone;
  }

  get stops(): readonly StopReport[] {
    return this.#bench.stops;
  }

  /** Those of this test. */
  get deaths(): readonly string[] {
    return [
      ...this.#bench.deaths.slice(this.#deathsBefore),
      ...this.#benches.flatMap((bench) => bench.deaths),
    ];
  }

  /** The ids of the first sessions that were opened here. */
  get sessions(): readonly string[] {
    return this.#sessions;
  }

  ended(): Promise<string | undefined> {
    return this.#bench.ended();
  }

  async connect(options?: Partial<ConnectOptions>): Promise<McpConnection> {
    const connection = await this.#bench.connect(options);
    // A test that its time limit ended may still be opening things.
    if (this.#closed) await connection.close();
    const { sessionId } = connection;
    if (sessionId !== undefined && this.#sessions.length < mostSessions) this.#sessions.push(sessionId);
    this.#connections.add(connection);
    void connection.closed.then(() => this.#connections.delete(connection));
    return connection;
  }

  async fresh(env?: Readonly<Record<string, string>>, args?: readonly string[]): Promise<OpenedBench> {
    const opened = await this.#bench.fresh(env, args);
    const session = opened.runner.session?.();
    const bench: OpenedBench = {
      ...opened,
      runner: session ?? opened.runner,
      close: async () => {
        await session?.close();
        await opened.close();
      },
    };
    if (this.#closed) await bench.close();
    this.#benches.push(bench);
    return bench;
  }

  /** Closes what is still open; what is left then. Never rejects. @param wrong the test did not end well. */
  async close(wrong = false): Promise<Leftover[]> {
    this.#closed = true;
    const ends = this.#shared?.endsAfter(wrong) ?? true;
    const stops = (ends ? await this.#session?.close() : undefined) ?? [];
    await Promise.allSettled([...this.#connections].map((connection) => connection.close()));
    await Promise.allSettled(this.#benches.map((bench) => bench.close()));
    const own = this.#bench.stops.slice(this.#stopsBefore);
    const all = [...stops, ...own, ...this.#benches.flatMap((bench) => bench.stops)];
    return [
      ...all.flatMap((report) => leftByStop(report, this.target.kind === 'stdio')),
      ...(await leftSockets(this.#socketsBefore)),
    ];
  }
}
