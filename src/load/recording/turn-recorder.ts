import { printableLine } from '../../core/printable.js';
import { Recorder, type RecorderDelta } from './recorder.js';

/** Different reasons for an early end that are told apart; further ones are counted together. */
const mostEndings = 50;

/** Why chains ended before their last step. */
export interface TurnEnding {
  /** From 0; -1 for reasons beyond those that are told apart. */
  step: number;
  /** One sentence part, such as `the answer has nothing at '$.id' to save as 'id'`. */
  because: string;
  count: number;
}

/** What the turns of one load thread came to in an interval. */
export interface TurnDelta {
  ok: number;
  /** Turns that did not come to their end, or in which a call failed. */
  failed: number;
  /** Of these, the ones in which every call was answered, but an answer lacked what a later step needs. */
  missing: number;
  /** Turns under way when the load ended: neither ok nor failed. */
  cut: number;
  /** Of ok turns, from their intended start to their last answer. */
  time?: RecorderDelta;
  endings: TurnEnding[];
}

/** Records the turns of one load thread. */
export class TurnRecorder {
  readonly #time = new Recorder();
  readonly #endings = new Map<string, TurnEnding>();
  #ok = 0;
  #failed = 0;
  #missing = 0;
  #cut = 0;

  /** A turn in which every call came out ok. */
  ok(ms: number): void {
    this.#ok++;
    this.#time.record(ms);
  }

  failed(): void {
    this.#failed++;
  }

  cut(): void {
    this.#cut++;
  }

  /** An answer lacks what a later step needs; {@link TurnRecorder.failed} counts the turn itself. */
  missing(): void {
    this.#missing++;
  }

  /** A chain ended at a step before its last. */
  ended(step: number, because: string): void {
    const known = this.#endings.get(`${step} ${because}`);
    if (known !== undefined) {
      known.count++;
      return;
    }
    if (this.#endings.size < mostEndings) {
      this.#endings.set(`${step} ${because}`, { step, because: printableLine(because, 300), count: 1 });
      return;
    }
    const others = this.#endings.get('');
    if (others === undefined) this.#endings.set('', { step: -1, because: 'for other reasons', count: 1 });
    else others.count++;
  }

  /** Hands over the interval and begins the next; undefined where nothing happened. */
  drain(): TurnDelta | undefined {
    if (this.#ok + this.#failed + this.#cut === 0) return undefined;
    const time = this.#time.drain();
    const delta: TurnDelta = {
      ok: this.#ok,
      failed: this.#failed,
      missing: this.#missing,
      cut: this.#cut,
      ...(time === undefined ? {} : { time }),
      endings: [...this.#endings.values()],
    };
    this.#ok = this.#failed = this.#missing = this.#cut = 0;
    this.#endings.clear();
    return delta;
  }
}
