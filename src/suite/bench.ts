import type { TargetReport } from '../core/run-result.js';
import type { LoadRunner, LoadTarget } from '../load/index.js';
import type { ResourceSource } from '../measure/index.js';
import type { ConnectOptions, McpConnection, Tool } from '../protocol/index.js';
import type { StopReport, TargetSpec } from '../target/index.js';

/** A target set up for measuring: reached, known, and ready to be loaded. */
export interface Bench {
  /** What was asked to be measured. */
  readonly spec: TargetSpec;
  readonly target: TargetReport;
  /** What it listed when it was explored; empty where it has no tools. */
  readonly tools: readonly Tool[];
  readonly loadTarget: LoadTarget;
  readonly runner: LoadRunner;
  /** Whether {@link Bench.fresh} can work: the target is started by us, not a URL. */
  readonly startable: boolean;
  /**
   * What to watch while the target is loaded.
   *
   * @param loadPids the processes that the load threads started: a stdio target's.
   */
  resources(loadPids: readonly number[]): ResourceSource;
  /** The last of what the target wrote to stderr; empty where it is not ours. */
  lastWords(): string;
  /**
   * Aborted when the process that serves all connections has ended by itself, with a sentence as the reason; never for a
   * URL, nor over stdio, where every connection has a process of its own.
   */
  readonly gone: AbortSignal;
  /**
   * How processes ended by themselves, over stdio, that were connected to and not yet closed; in the order of their ends, in
   * words with their last words.
   */
  readonly deaths: readonly string[];
  /** How the target came to its end, where no connection to it can be made any more; undefined where one can. */
  ended(): Promise<string | undefined>;
  /** How the processes came to their end that were stopped so far. */
  readonly stops: readonly StopReport[];
  /**
   * One more connection to the running target, in the revision that was agreed on; over stdio to one more process of it,
   * which ends with the connection. What a test leaves open is closed at its end.
   *
   * @throws DynoError (111) when the target cannot be reached or refuses.
   */
  connect(options?: Partial<ConnectOptions>): Promise<McpConnection>;
  /**
   * A new instance of the target, in a process of its own and explored anew. What a test leaves open is closed at its end.
   *
   * @param env added to the environment of a start command.
   * @param args added to the options of the bundled server; no other target takes any.
   * @throws DynoError (111) for a URL, which we cannot start, and when the target cannot be started or spoken to.
   */
  fresh(env?: Readonly<Record<string, string>>, args?: readonly string[]): Promise<OpenedBench>;
}

/** An opened target: explored over one connection first, then loaded. */
export interface OpenedBench extends Bench {
  /** For trying tools before the load; closed by {@link OpenedBench.ready}. */
  readonly connection: McpConnection;
  /** The exploring is over: closes its connection, and ends the process that a stdio target was explored in. */
  ready(): Promise<void>;
  /** Stops what was started. */
  close(): Promise<void>;
}
