import type { Lane, LaneOwner, OutcomeIndex } from '../lanes/lane.js';

/** What the thread around an engine asks of it. */
export interface Engine extends LaneOwner {
  /** Begins at `startMs` of the clock; `done` is called once, when the last call is settled or given up. */
  start(startMs: number, done: () => void): void;
  /** Begins no further calls and lets those under way finish. */
  stop(): void;
  /** Gives up every call under way, as timeouts, and is done. */
  abort(why: string): void;
  /** Gives up the calls whose deadline has passed. */
  sweep(): void;
  readonly inFlight: number;
  readonly waiting: number;
  /** Virtual users at work, or slots. */
  readonly active: number;
  /** Changes with everything the engine does. */
  readonly activity: number;
  /** When the measured part ends by the plan, ms of the clock; Infinity where calls are counted. */
  readonly windowEndMs: number;
}

/** The lanes that carry a call, for deadlines and for giving up. */
export class BusyLanes {
  readonly #lanes = new Set<Lane>();

  get size(): number {
    return this.#lanes.size;
  }

  add(lane: Lane): void {
    this.#lanes.add(lane);
  }

  delete(lane: Lane): void {
    this.#lanes.delete(lane);
  }

  /** Expires the lanes whose deadline has passed. */
  sweep(now: number): void {
    for (const lane of this.#lanes) {
      if (lane.deadlineMs <= now) {
        lane.endMs = now;
        lane.expire();
      }
    }
  }

  /** Ends every call under way with this outcome and message. */
  giveUp(
    now: number,
    outcome: OutcomeIndex,
    message: string,
    settled: (lane: Lane, outcome: OutcomeIndex) => void,
  ): void {
    for (const lane of [...this.#lanes]) {
      lane.endMs = now;
      lane.message = message;
      lane.response = '';
      settled(lane, outcome);
      lane.destroy();
    }
  }
}
