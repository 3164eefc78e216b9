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

  /** When the last of `bytes` that are handed over at `nowMs` has left the link, ms. */
  transmit(bytes: number, nowMs: number): number {
    const { bandwidth } = this.#conditions;
    if (bandwidth === 0) return nowMs;
    this.#freeMs = Math.max(nowMs, this.#freeMs) + (bytes / bandwidth) * 1000;
    return this.#freeMs;
  }

  /** Bytes that were due at `dueMs` are passed on at `nowMs`. */
  passedOn(dueMs: number, nowMs: number): void {
    const lateMs = Math.max(0, nowMs - dueMs);
    this.late.count++;
    this.late.sumMs += lateMs;
    if (lateMs > this.late.maxMs) this.late.maxMs = lateMs;
  }

  /** The connection is gone that these bytes were handed over for: the link need not carry them. */
  giveBack(bytes: number): void {
    const { bandwidth } = this.#conditions;
    if (bandwidth > 0) this.#freeMs -= (bytes / bandwidth) * 1000;
  }
}
