import { outcomeIndex } from '../lanes/answer-checker.js';
import type { CallTemplate } from '../lanes/call-template.js';
import { Lane, type OutcomeIndex } from '../lanes/lane.js';
import type { TurnShare } from './turn-share.js';

/**
 * A turn as the engine sees it: one lane that carries what is in truth several calls, each over a lane of its own. Calls
 * are recorded one by one; the engine hears of the turn when the last of them is settled.
 */
export abstract class TurnLane extends Lane {
  /** Whether a turn's start can be late: not where one begins the moment the one before it ended. */
  due = false;
  protected readonly share: TurnShare;
  protected readonly lanes: readonly Lane[];
  /** The first failure among the calls. */
  #failure: OutcomeIndex = outcomeIndex.ok;
  #underWay = false;
  #complete = false;

  constructor(index: number, share: TurnShare, lanes: readonly Lane[]) {
    super(index);
    this.share = share;
    this.lanes = lanes;
  }

  override send(): void {
    // Each call has a deadline of its own: we want to be asked at every sweep.
    this.deadlineMs = -Infinity;
    this.#failure = outcomeIndex.ok;
    this.#underWay = true;
    this.#complete = false;
    this.firstCalls();
  }

  /** Begins the turn. */
  protected abstract firstCalls(): void;
  /** A call of the turn is settled and recorded: go on, or {@link TurnLane.finish}. */
  protected abstract next(lane: Lane, outcome: OutcomeIndex): void;

  /** One of our lanes has settled its call. */
  callSettled(lane: Lane, outcome: OutcomeIndex): void {
    this.#settle(lane, outcome);
    if (this.#underWay) this.next(lane, outcome);
  }

  override expire(): void {
    for (const lane of this.lanes) {
      if (!lane.busy || lane.deadlineMs > this.endMs) continue;
      lane.endMs = this.endMs;
      lane.expire();
    }
  }

  override destroy(): void {
    for (const lane of this.lanes) lane.destroy();
  }

  /**
   * The engine has done with the turn: writes it down. Calls that are still under way were given up, and end as
   * `outcome`.
   */
  close(outcome: OutcomeIndex): void {
    this.#underWay = false;
    for (const lane of this.lanes) {
      if (!lane.busy) continue;
      lane.endMs = this.endMs;
      lane.message = this.message;
      lane.response = '';
      this.#settle(lane, outcome);
    }
    if (this.warmup) return;
    const { turns } = this.share;
    if (!this.#complete) turns.cut();
    else if (outcome === outcomeIndex.ok) turns.ok(this.endMs - this.intendedMs);
    else turns.failed();
  }

  /** Sends a call of the turn; `first` for one that is due when the turn is. */
  protected call(lane: Lane, template: CallTemplate, iteration: number, first: boolean): void {
    const { now, timeoutMs, calls } = this.share;
    lane.template = template;
    lane.iteration = iteration;
    lane.warmup = this.warmup;
    lane.prepare();
    const sentMs = now();
    lane.sentMs = sentMs;
    lane.intendedMs = first ? this.intendedMs : sentMs;
    lane.freeMs = first ? this.freeMs : sentMs;
    lane.deadlineMs = sentMs + timeoutMs;
    lane.busy = true;
    this.share.inFlight++;
    this.share.activity++;
    if (first && this.due) calls.sent(lane);
    else calls.sentAtOnce(lane);
    lane.send();
  }

  /** Whether there is time for a further call of this turn. */
  protected mayGoOn(): boolean {
    return this.share.now() < this.share.lastCallMs;
  }

  /**
   * The turn is over, the last of its calls at `endMs`.
   *
   * @param complete false where it was cut by the end of the load.
   */
  protected finish(endMs: number, outcome: OutcomeIndex, complete = true): void {
    this.endMs = endMs;
    this.#complete = complete;
    this.share.owner.settled(this, outcome);
  }

  /** What the turn came to by its calls: the first failure. */
  protected get failure(): OutcomeIndex {
    return this.#failure;
  }

  #settle(lane: Lane, outcome: OutcomeIndex): void {
    lane.busy = false;
    this.share.inFlight--;
    this.share.activity++;
    if (outcome !== outcomeIndex.ok && this.#failure === outcomeIndex.ok) this.#failure = outcome;
    this.share.calls.settled(lane, outcome);
  }
}
