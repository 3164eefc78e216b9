import { failureClasses } from '../../core/outcome.js';
import type { Json } from '../../core/json.js';
import { outcomeIndex } from '../lanes/answer-checker.js';
import type { CallTemplate } from '../lanes/call-template.js';
import type { Lane, OutcomeIndex } from '../lanes/lane.js';
import type { KeepingChecker } from './keeping-checker.js';
import { TurnLane } from './turn-lane.js';
import type { TurnShare } from './turn-share.js';

/** The calls of a chain, by step. */
export interface ChainCalls {
  readonly length: number;
  /** The call of a step in the chain with this index, with what earlier steps kept. */
  template(step: number, iteration: number, saved: ReadonlyMap<string, Json>): CallTemplate;
}

/** A turn of dependent calls, one after another: what one answers goes into the arguments of a later one. */
export class ChainLane extends TurnLane {
  readonly #calls: ChainCalls;
  readonly #checker: KeepingChecker;
  readonly #saved = new Map<string, Json>();
  #step = 0;

  constructor(
    index: number,
    share: TurnShare,
    lane: Lane,
    { calls, checker }: { calls: ChainCalls; checker: KeepingChecker },
  ) {
    super(index, share, [lane]);
    this.#calls = calls;
    this.#checker = checker;
  }

  protected override firstCalls(): void {
    this.#saved.clear();
    this.#step = 0;
    this.#begin(this.lanes[0]!, true);
  }

  protected override next(lane: Lane, outcome: OutcomeIndex): void {
    const kept = this.#checker.take(lane.requestId);
    if (outcome !== outcomeIndex.ok) {
      this.#endEarly(lane, `${failureClasses[outcome - 1] ?? 'failed'}: ${lane.message}`, outcome);
      return;
    }
    for (const [name, value] of kept?.values ?? []) this.#saved.set(name, value);
    if (kept?.missing !== undefined) {
      if (!this.warmup) this.share.turns.missing();
      this.#endEarly(lane, kept.missing, outcomeIndex.mismatch);
      return;
    }
    this.#step++;
    if (this.#step === this.#calls.length) this.finish(lane.endMs, outcomeIndex.ok);
    else if (this.mayGoOn()) this.#begin(lane, false);
    else this.finish(lane.endMs, outcomeIndex.ok, false);
  }

  #endEarly(lane: Lane, because: string, outcome: OutcomeIndex): void {
    if (!this.warmup) this.share.turns.ended(this.#step, because);
    this.finish(lane.endMs, outcome);
  }

  #begin(lane: Lane, first: boolean): void {
    const iteration = this.iteration * this.#calls.length + this.#step;
    this.call(lane, this.#calls.template(this.#step, this.iteration, this.#saved), iteration, first);
  }
}
