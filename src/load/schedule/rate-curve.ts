import type { Stage } from '../../plan/load-plan.js';

interface Piece {
  fromMs: number;
  toMs: number;
  /** Calls per ms at the piece's beginning, and its change per ms. */
  rate: number;
  slope: number;
  /** Arrivals before the piece. */
  before: number;
}

/** A rate over time, piecewise linear; times in ms, rates given in calls per second. */
export class RateCurve {
  /** When the curve ends, ms. */
  readonly durationMs: number;
  /** The expected number of arrivals over the whole curve. */
  readonly total: number;
  readonly #pieces: Piece[] = [];

  constructor(startRate: number, stages: readonly Stage[]) {
    let at = 0;
    let rate = startRate / 1000;
    let before = 0;
    for (const stage of stages) {
      const end = stage.target / 1000;
      if (stage.durationMs > 0) {
        const slope = (end - rate) / stage.durationMs;
        this.#pieces.push({ fromMs: at, toMs: at + stage.durationMs, rate, slope, before });
        before += ((rate + end) / 2) * stage.durationMs;
        at += stage.durationMs;
      }
      rate = end;
    }
    this.durationMs = at;
    this.total = before;
  }

  /** Calls per second at a time. */
  rateAt(ms: number): number {
    const piece = this.#pieces.find((each) => ms < each.toMs);
    return piece === undefined ? 0 : (piece.rate + piece.slope * (ms - piece.fromMs)) * 1000;
  }

  /** When `arrivals` have arrived, ms; Infinity beyond the total. Arrivals must be asked for in rising order. */
  timeOf(arrivals: number): number {
    // A thousandth of an arrival of tolerance: 10 s at 100/s are 1,000 arrivals, whatever floating point makes of it.
    if (arrivals > this.total - 1e-6) return Infinity;
    while (this.#at < this.#pieces.length - 1 && arrivals >= this.#pieces[this.#at + 1]!.before) this.#at++;
    const { fromMs, toMs, rate, slope, before } = this.#pieces[this.#at]!;
    const due = arrivals - before;
    if (slope === 0) return fromMs + due / rate;
    // slope/2 t² + rate t = due, in the form that stays exact where the slope is small.
    const root = Math.sqrt(Math.max(0, rate * rate + 2 * slope * due));
    return due === 0 ? fromMs : Math.min(toMs, fromMs + (2 * due) / (rate + root));
  }

  #at = 0;
}
