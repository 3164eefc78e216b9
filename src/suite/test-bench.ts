import type { LoadRunner, LoadSession } from '../load/index.js';
import { ownConnections, type ResourceSource } from '../measure/index.js';
import type { ConnectOptions, McpConnection } from '../protocol/index.js';
import type { StopReport } from '../target/index.js';
import type { Bench, OpenedBench } from './bench.js';
import { leftByStop, leftSockets, type Leftover } from './cleanup/leftover.js';

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
  #closed = false;
  readonly #stopsBefore: number;
  readonly #socketsBefore: ReturnType<typeof ownConnections>;

  /** @param sharing other tests run beside it: connections that appear meanwhile may be theirs. */
  constructor(bench: Bench, sharing = false) {
    this.#socketsBefore = sharing ? undefined : ownConnections();
    this.#bench = bench;
    this.spec = bench.spec;
    this.target = bench.target;
    this.tools = bench.tools;
    this.loadTarget = bench.loadTarget;
    this.#session = bench.runner.session?.();
    this.runner = this.#session ?? bench.runner;
    this.startable = bench.startable;
    this.#stopsBefore = bench.stops.length;
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

  ended(): Promise<string | undefined> {
    return this.#bench.ended();
  }

  async connect(options?: Partial<ConnectOptions>): Promise<McpConnection> {
    const connection = await this.#bench.connect(options);
    // A test that its time limit ended may still be opening things.
    if (this.#closed) await connection.close();
    this.#connections.add(connection);
    void connection.closed.then(() => this.#connections.delete(connection));
    return connection;
  }

  async fresh(env?: Readonly<Record<string, string>>): Promise<OpenedBench> {
    const opened = await this.#bench.fresh(env);
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

  /** Closes what is still open; what is left then. Never rejects. */
  async close(): Promise<Leftover[]> {
    this.#closed = true;
    const stops = (await this.#session?.close()) ?? [];
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
