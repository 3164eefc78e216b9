import { isClear, type DirectionConditions } from '../conditions/conditions.js';

/** One direction of the link that all connections share: it carries one byte after the other. */
export class Link {
  /** While set, nothing arrives. */
  held = false;
  /** True where bytes may be passed on as they come. */
  clear = true;
  /** How late bytes were passed on, beyond what the conditions say: the machine was busy elsewhere. */
  readonly late = { count: 0, sumMs: 0, maxMs: 0 };
  #conditions: DirectionConditions;
  #freeMs = 0;
  /** Who handed over the last bytes, and from when on the link carries nothing but theirs. */
  #last: { owner: object | undefined; fromMs: number } = { owner: undefined, fromMs: 0 };

  constructor(conditions: DirectionConditions) {
    this.#conditions = conditions;
    this.clear = isClear(conditions);
  }

  get conditions(): DirectionConditions {
    return this.#conditions;
  }

  /** What is under way already keeps the time that it was given. */
  set conditions(conditions: DirectionConditions) {
    this.#conditions = conditions;
    this.clear = isClear(conditions);
    if (conditions.bandwidth === 0) this.#freeMs = 0;
  }

  /** When the last of `bytes` that `owner` hands over at `nowMs` has left the link, ms. */
  transmit(bytes: number, nowMs: number, owner: object): number {
    const { bandwidth } = this.#conditions;
    if (bandwidth === 0) return nowMs;
    const fromMs = Math.max(nowMs, this.#freeMs);
    if (this.#last.owner !== owner || fromMs === nowMs) this.#last = { owner, fromMs };
    this.#freeMs = fromMs + (bytes / bandwidth) * 1000;
    return this.#freeMs;
  }

  /** Bytes that were due at `dueMs` are passed on at `nowMs`. */
  passedOn(dueMs: number, nowMs: number): void {
    const lateMs = Math.max(0, nowMs - dueMs);
    this.late.count++;
    this.late.sumMs += lateMs;
    if (lateMs > this.late.maxMs) this.late.maxMs = lateMs;
  }

  /** `owner` is gone: what it handed over last need not be carried, unless others wait behind it and have their times. */
  giveBack(owner: object, nowMs: number): void {
    if (this.#last.owner === owner) this.#freeMs = Math.min(this.#freeMs, Math.max(nowMs, this.#last.fromMs));
  }
}
