import type { CallBook } from '../engine/call-book.js';
import type { LaneOwner } from '../lanes/lane.js';
import type { TurnRecorder } from '../recording/turn-recorder.js';

/** What all turns of a load thread share. */
export interface TurnShare {
  /** The engine, which hears of turns. */
  readonly owner: LaneOwner;
  /** Where single calls are written down. */
  readonly calls: Pick<CallBook, 'sent' | 'sentAtOnce' | 'settled'>;
  readonly turns: TurnRecorder;
  /** ms; the clock of all times here. */
  readonly now: () => number;
  /** Of each call. */
  readonly timeoutMs: number;
  /** After this moment turns under way begin no further call. */
  lastCallMs: number;
  /** Calls under way. */
  inFlight: number;
  /** Changes with every call. */
  activity: number;
}
