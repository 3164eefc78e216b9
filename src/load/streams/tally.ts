import { printableLine } from '../../core/printable.js';
import type { Told } from './stream-report.js';

/** Servers may give a reason of its own to each stream; no more than these are kept apart. */
const most = 20;

/** Counts sentences; those beyond the first twenty are counted together. */
export class Tally {
  readonly #counts = new Map<string, number>();

  add(sentence: string): void {
    const why = printableLine(sentence, 200);
    const key = this.#counts.has(why) || this.#counts.size < most ? why : 'other reasons';
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
  }

  get total(): number {
    return [...this.#counts.values()].reduce((sum, count) => sum + count, 0);
  }

  /** The most frequent first. */
  told(): Told[] {
    return [...this.#counts].map(([why, count]) => ({ why, count })).sort((a, b) => b.count - a.count);
  }
}
