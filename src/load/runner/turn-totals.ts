import { Summary } from '../recording/summary.js';
import type { TurnDelta, TurnEnding } from '../recording/turn-recorder.js';

/** Reasons for early ends that are kept in all. */
const mostEndings = 200;

/** What turns came to over any stretch of a load. */
export class TurnTotals {
  ok = 0;
  /** Of these, the turns that ended while the load was still on. */
  okInWindow = 0;
  failed = 0;
  missing = 0;
  cut = 0;
  /** Of ok turns. */
  readonly time = new Summary();
  readonly #endings = new Map<string, TurnEnding>();

  /** Turns that came to an end of their own. */
  get ended(): number {
    return this.ok + this.failed;
  }

  /** Why chains ended early, most frequent first. */
  get endings(): TurnEnding[] {
    return [...this.#endings.values()].sort((a, b) => b.count - a.count);
  }

  /**
   * Adds what a load thread drained.
   *
   * @param inWindow it was drained before the window of the load ended.
   */
  addDelta(delta: TurnDelta, inWindow = true): void {
    this.ok += delta.ok;
    if (inWindow) this.okInWindow += delta.ok;
    this.failed += delta.failed;
    this.missing += delta.missing;
    this.cut += delta.cut;
    if (delta.time !== undefined) this.time.addDelta(delta.time);
    for (const ending of delta.endings) this.#addEnding(ending);
  }

  #addEnding(ending: TurnEnding): void {
    const full = this.#endings.size >= mostEndings;
    const exact = `${ending.step} ${ending.because}`;
    const key = full && !this.#endings.has(exact) ? '' : exact;
    const known = this.#endings.get(key);
    if (known !== undefined) known.count += ending.count;
    else if (key !== '') this.#endings.set(key, { ...ending });
    else this.#endings.set('', { step: -1, because: 'for other reasons', count: ending.count });
  }

  /** As a delta again, to keep it small. */
  toDelta(): TurnDelta {
    const { ok, failed, missing, cut, endings } = this;
    const time = this.time.toDelta();
    return { ok, failed, missing, cut, endings, ...(time === undefined ? {} : { time }) };
  }
}

/** Two deltas as one. */
export function joinedTurns(a: TurnDelta | undefined, b: TurnDelta | undefined): TurnDelta | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  const both = new TurnTotals();
  both.addDelta(a);
  both.addDelta(b);
  return both.toDelta();
}
