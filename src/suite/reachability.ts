import { failureClasses } from '../core/outcome.js';
import type { LoadProgress } from '../load/index.js';
import type { Bench } from './bench.js';

/** So long nothing but failed connections, and the target is tried by itself; ms. */
const suspiciousMs = 1500;
const connect = failureClasses.indexOf('connect');

/** Notices during a load that a target, given by its URL, is no longer there: its process is not ours to watch. */
export class Reachability {
  readonly #bench: Pick<Bench, 'ended'>;
  readonly #onOutOfReach: (why: string) => void;
  #ok = 0;
  #failed = 0;
  #sinceMs = 0;
  #trying = false;

  constructor(bench: Pick<Bench, 'ended'>, onOutOfReach: (why: string) => void) {
    this.#bench = bench;
    this.#onOutOfReach = onOutOfReach;
  }

  look({ operations, elapsedMs }: Pick<LoadProgress, 'operations' | 'elapsedMs'>): void {
    const ok = operations.reduce((sum, operation) => sum + operation.ok, 0);
    const failed = operations.reduce((sum, operation) => sum + (operation.failed[connect] ?? 0), 0);
    if (ok > this.#ok || failed === this.#failed) this.#sinceMs = elapsedMs;
    this.#ok = ok;
    this.#failed = failed;
    if (elapsedMs - this.#sinceMs < suspiciousMs || this.#trying) return;
    this.#trying = true;
    void this.#bench.ended().then((why) => {
      if (why !== undefined) this.#onOutOfReach(why);
      this.#trying = false;
      this.#sinceMs = elapsedMs;
    });
  }
}
