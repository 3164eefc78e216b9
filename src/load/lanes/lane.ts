import type { StopReport } from '../../target/index.js';
import type { CallTemplate } from './call-template.js';
import type { SourceOptions } from './http-source.js';

/** What a call came to: 0 is ok, i + 1 the i-th of `failureClasses`. */
export type OutcomeIndex = number;

/** Hears from lanes. */
export interface LaneOwner {
  /** The lane's call has come to its one outcome; the lane can carry the next at once. */
  settled(lane: Lane, outcome: OutcomeIndex): void;
}

/**
 * One slot that carries one call at a time: an HTTP connection, or a share of a pipe. The engine fills in the call and
 * its times and calls {@link Lane.send}; the lane calls back `settled` exactly once. Fields are reused from call to
 * call: nothing is allocated. All times are milliseconds of the thread's `performance.now()`.
 */
export abstract class Lane {
  readonly index: number;
  /** The virtual user on this lane, where the executor has them. */
  busy = false;
  template!: CallTemplate;
  iteration = 0;
  /** Made before the measuring began. */
  warmup = false;
  intendedMs = 0;
  /** When this slot became free for the call, or the call was due where it was free already. */
  freeMs = 0;
  sentMs = 0;
  firstByteMs = 0;
  endMs = 0;
  /** When the call is given up; the engine looks every few milliseconds. */
  deadlineMs = Infinity;
  /** Of a failed call: what went wrong, in one sentence, and the beginning of the answer. */
  message = '';
  response = '';

  constructor(index: number) {
    this.index = index;
  }

  /** The id of the request that was sent last; 0 where a lane has none of its own. */
  get requestId(): number {
    return 0;
  }

  /**
   * Makes the bytes of the call that `template` describes, where a lane can before it sends: what the generator does until
   * then is not the server's time. {@link Lane.send} follows at once.
   */
  prepare(): void {
    // A lane that has nothing to make ahead.
  }

  /** Sends the call that the fields describe. */
  abstract send(): void;
  /** The deadline has passed: ends the call as a timeout, on the wire too. */
  abstract expire(): void;
  /** Ends everything at once, without an outcome for a call under way. */
  abstract destroy(): void;
}

/** Where lanes come from: what is shared by all lanes of one load thread. */
export interface LaneSource {
  /**
   * Starts what must be started and opens what must be open before the load; `lanes` is how many will be used at once.
   *
   * @throws DynoError (111) when the target cannot be reached or refuses the handshake.
   */
  prepare(lanes: number): Promise<void>;
  /** The lane with this index, made when first asked for. */
  lane(index: number): Lane;
  /** The process of a stdio target. */
  readonly pid: number | undefined;
  /**
   * Readies itself for another load of the same target, keeping what was started; undefined where nothing is worth keeping.
   *
   * @throws DynoError (111) when what was kept has ended meanwhile.
   */
  use?(options: SourceOptions): void;
  /** From now on everything is sent with this Authorization header; undefined where there is none. */
  authorize?(value: string): void;
  /** The ids of the first sessions that {@link LaneSource.close} has ended. */
  readonly ended?: readonly string[];
  /** Ends sessions and connections, stops what was started; tells how a process came to its end. */
  close(): Promise<StopReport | undefined>;
}
