import type { Random } from '../../core/random.js';
import type { ArrivalProcess } from '../../plan/load-plan.js';
import type { RateCurve } from './rate-curve.js';

/**
 * The arrivals of an open model that belong to one of several load threads: those with a global index i ≡ shard mod
 * shards. All threads together make exactly the schedule of one. Poisson arrivals are a unit-rate process stretched by
 * the curve (time change; Çinlar, Introduction to Stochastic Processes, 1975), so that ramps are Poisson as well.
 */
export class Arrivals {
  /** The global index of the next arrival. */
  index: number;
  /** When it is due, ms from the load's start; Infinity when there are no more. */
  dueMs = 0;
  readonly #curve: Pick<RateCurve, 'timeOf'>;
  readonly #shards: number;
  readonly #random: Random | undefined;
  #generated = 0;
  #point = 0;

  constructor(
    curve: Pick<RateCurve, 'timeOf'>,
    process: ArrivalProcess,
    random: Random,
    shard: number,
    shards: number,
  ) {
    this.#curve = curve;
    this.#shards = shards;
    this.#random = process === 'poisson' ? random : undefined;
    this.index = shard;
    this.#settle();
  }

  /** Goes on to the next arrival. */
  advance(): void {
    this.index += this.#shards;
    this.#settle();
  }

  #settle(): void {
    if (this.#random === undefined) {
      this.dueMs = this.#curve.timeOf(this.index);
      return;
    }
    while (this.#generated <= this.index) {
      this.#point += this.#random.exponential(1);
      this.#generated++;
    }
    this.dueMs = this.#curve.timeOf(this.#point);
  }
}
