import type { Lane } from '../lanes/lane.js';

/** What a call under way has asked so far. */
export interface CallAsks {
  /** `sentMs` of the call: a lane carries one after the other. */
  readonly sentMs: number;
  /** Rounds of input that were answered (stateless era). */
  rounds: number;
  /** Requests that wait for our answer now, and since when one does. */
  open: number;
  sinceMs: number;
  /** Time in which at least one request waited for us, ms. */
  ownMs: number;
}

/** Knows of each lane what its call has asked; only calls that ask are here. */
export class AskingCalls {
  readonly #calls = new Map<Lane, CallAsks>();

  get size(): number {
    return this.#calls.size;
  }

  /** The call that the lane carries now. */
  of(lane: Lane): CallAsks {
    const known = this.#calls.get(lane);
    if (known?.sentMs === lane.sentMs) return known;
    const fresh = { sentMs: lane.sentMs, rounds: 0, open: 0, sinceMs: 0, ownMs: 0 };
    this.#calls.set(lane, fresh);
    return fresh;
  }

  /** A request of the lane's call has arrived. */
  begin(lane: Lane, now: number): void {
    const call = this.of(lane);
    if (call.open++ === 0) call.sinceMs = now;
  }

  /** The answer to one has been sent. */
  end(lane: Lane, sentMs: number, now: number): void {
    const call = this.#calls.get(lane);
    if (call?.sentMs !== sentMs || call.open === 0) return;
    if (--call.open === 0) call.ownMs += now - call.sinceMs;
  }

  /** The lane's call is over: what it asked, or undefined where it asked nothing. */
  take(lane: Lane, now: number): CallAsks | undefined {
    const call = this.#calls.get(lane);
    if (call === undefined) return undefined;
    this.#calls.delete(lane);
    if (call.sentMs !== lane.sentMs) return undefined;
    if (call.open > 0) call.ownMs += Math.max(0, now - call.sinceMs);
    return call;
  }
}
