import { outcomeIndex } from '../lanes/answer-checker.js';
import type { Lane, OutcomeIndex } from '../lanes/lane.js';
import type { Mix } from '../schedule/mix.js';
import { TurnLane } from './turn-lane.js';
import type { TurnShare } from './turn-share.js';

/** A turn of several calls of the mix, as many at once as it has lanes; each lane sends its next when it is free. */
export class BurstLane extends TurnLane {
  readonly #calls: number;
  readonly #mix: Pick<Mix, 'pick'>;
  #begun = 0;
  #settled = 0;
  #refused = false;

  constructor(
    index: number,
    share: TurnShare,
    lanes: readonly Lane[],
    { calls, mix }: { calls: number; mix: Pick<Mix, 'pick'> },
  ) {
    super(index, share, lanes);
    this.#calls = calls;
    this.#mix = mix;
  }

  protected override firstCalls(): void {
    this.#begun = this.#settled = 0;
    this.#refused = false;
    for (const lane of this.lanes) if (this.#begun < this.#calls) this.#begin(lane, true);
  }

  protected override next(lane: Lane, outcome: OutcomeIndex): void {
    this.#settled++;
    // A server that takes no connections is not asked for the rest of the burst.
    if (outcome === outcomeIndex.connect) this.#refused = true;
    const left = this.#begun < this.#calls;
    if (left && !this.#refused && this.mayGoOn()) this.#begin(lane, false);
    else if (this.#settled === this.#begun)
      this.finish(this.#lastEndMs(), this.#outcome(), !left || this.#refused);
  }

  /** An answer in a stream ends its call before the lane is free: the last to be settled need not be the last answered. */
  #lastEndMs(): number {
    return this.lanes.reduce((last, { endMs }) => Math.max(last, endMs), 0);
  }

  #outcome(): OutcomeIndex {
    return this.#refused ? outcomeIndex.connect : this.failure;
  }

  #begin(lane: Lane, first: boolean): void {
    const call = this.iteration * this.#calls + this.#begun++;
    this.call(lane, this.#mix.pick(call), call, first);
  }
}
