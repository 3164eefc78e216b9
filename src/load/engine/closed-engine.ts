import type { Random } from '../../core/random.js';
import type { LoadPlan } from '../../plan/load-plan.js';
import type { LoadShape } from '../executors/index.js';
import { outcomeIndex } from '../lanes/answer-checker.js';
import type { Lane, LaneSource, OutcomeIndex } from '../lanes/lane.js';
import type { Mix } from '../schedule/mix.js';
import type { CallBook } from './call-book.js';
import { BusyLanes, type Engine } from './engine.js';
import type { Pacer } from './pacer.js';
import { WakeQueue } from './wake-queue.js';

/** What an engine is made of, besides its shape. */
export interface EngineParts {
  plan: LoadPlan;
  source: Pick<LaneSource, 'lane'>;
  mix: Pick<Mix, 'pick'>;
  book: Pick<CallBook, 'sent' | 'sentAtOnce' | 'settled'>;
  /** ms; the clock of all times here. */
  now: () => number;
  /** Makes the pacer that will call `wake`. */
  pacer: (wake: () => void) => Pacer;
  random: Random;
  /** This thread's place among the load threads. */
  shard: number;
  shards: number;
  /** Length of a fixed warm-up, ms. */
  warmupMs: number;
}

/** How often the number of virtual users is brought up to a ramp, ms. */
const rampStepMs = 20;
/** How long a virtual user waits after it could not connect, ms: a dead server is not hammered. */
const reconnectMs = 20;

/**
 * The closed model: every virtual user sends its next call when its last answer came (and it has thought). It slows down
 * with the server, and so cannot see how long calls would have waited.
 */
export class ClosedEngine implements Engine {
  activity = 0;
  active = 0;
  windowEndMs = Infinity;
  readonly waiting = 0;
  readonly #parts: EngineParts;
  readonly #shape: Extract<LoadShape, { model: 'closed' }>;
  readonly #vus: number;
  readonly #busy = new BusyLanes();
  readonly #thinking = new WakeQueue<Lane>();
  readonly #pacer: Pacer;
  readonly #paced: boolean;
  /** Iterations left of each virtual user, where they are counted so. */
  readonly #left: number[];
  #remaining = Infinity;
  #index: number;
  #measureMs = 0;
  #stopping = false;
  #done: (() => void) | undefined;
  #nextRampMs = Infinity;

  constructor(shape: Extract<LoadShape, { model: 'closed' }>, parts: EngineParts) {
    this.#shape = shape;
    this.#parts = parts;
    const { shard, shards, plan } = parts;
    this.#vus = shareOf(shape.vus, shard, shards);
    this.#index = shard;
    this.#paced = plan.thinkTime !== undefined;
    const { iterations } = shape;
    if (iterations !== undefined && 'total' in iterations) {
      this.#remaining = shareOf(iterations.total, shard, shards);
    }
    const perVu = iterations !== undefined && 'perVu' in iterations ? iterations.perVu : Infinity;
    this.#left = Array.from({ length: this.#vus }, () => perVu);
    this.#pacer = parts.pacer(() => {
      this.#wake();
    });
  }

  get inFlight(): number {
    return this.#busy.size;
  }

  start(startMs: number, done: () => void): void {
    this.#done = done;
    this.#measureMs = startMs + this.#parts.warmupMs;
    this.windowEndMs = this.#measureMs + this.#shape.durationMs;
    if (this.#shape.vusAt !== undefined) this.#nextRampMs = startMs;
    else this.#thinking.push(startMs, undefined);
    this.#pace();
  }

  stop(): void {
    if (this.#stopping) return;
    this.#stopping = true;
    this.#thinking.clear();
    this.#pacer.stop();
    this.active = 0;
    this.#finishWhenIdle();
  }

  abort(why: string): void {
    this.stop();
    this.#busy.giveUp(this.#parts.now(), outcomeIndex.timeout, why, (lane, outcome) => {
      this.settled(lane, outcome);
    });
    this.#finishWhenIdle();
  }

  sweep(): void {
    const now = this.#parts.now();
    this.#busy.sweep(now);
    if (!this.#stopping && now >= this.windowEndMs) this.stop();
  }

  settled(lane: Lane, outcome: OutcomeIndex): void {
    this.activity++;
    lane.busy = false;
    this.#busy.delete(lane);
    this.#parts.book.settled(lane, outcome);
    if (this.#stopping) {
      this.#finishWhenIdle();
      return;
    }
    const now = this.#parts.now();
    if (outcome === outcomeIndex.connect) this.#pause(lane, now + reconnectMs);
    else if (this.#paced) this.#pause(lane, now + this.#thinkMs());
    else this.#begin(lane, now);
  }

  #wake(): void {
    const now = this.#parts.now();
    if (now >= this.#nextRampMs) this.#ramp(now);
    for (let due = this.#thinking.due(now); due !== undefined; due = this.#thinking.due(now)) {
      if (due.item === undefined) this.#activate(this.#vus, due.atMs);
      else this.#begin(due.item, due.atMs);
    }
    this.#pace();
  }

  #pace(): void {
    if (!this.#stopping) this.#pacer.wakeAt(Math.min(this.#thinking.nextMs, this.#nextRampMs));
  }

  #ramp(now: number): void {
    const { shard, shards } = this.#parts;
    const wanted = this.#shape.vusAt!(Math.max(0, now - this.#measureMs));
    this.#nextRampMs = now + rampStepMs;
    this.#activate(shareOf(wanted, shard, shards), now);
  }

  /** Brings the number of virtual users at work to `wanted`; those too many leave after the call they are in. */
  #activate(wanted: number, dueMs: number): void {
    const before = this.active;
    this.active = Math.min(wanted, this.#vus);
    for (let index = before; index < this.active; index++) {
      const lane = this.#parts.source.lane(index);
      if (!lane.busy) this.#begin(lane, dueMs);
    }
  }

  #pause(lane: Lane, untilMs: number): void {
    this.#thinking.push(untilMs, lane);
    this.#pace();
  }

  #thinkMs(): number {
    const think = this.#parts.plan.thinkTime;
    if (think === undefined) return 0;
    return think.kind === 'constant' ? think.ms : this.#parts.random.exponential(think.meanMs);
  }

  #begin(lane: Lane, dueMs: number): void {
    if (lane.index >= this.active || lane.busy) return;
    const { now, mix, book, plan, shards } = this.#parts;
    const nowMs = now();
    if (nowMs >= this.windowEndMs) {
      this.stop();
      return;
    }
    lane.warmup = nowMs < this.#measureMs;
    if (!lane.warmup && !this.#take(lane)) return;
    lane.template = mix.pick(this.#index);
    lane.iteration = this.#index;
    this.#index += shards;
    lane.busy = true;
    this.#busy.add(lane);
    this.activity++;
    lane.prepare();
    const sentMs = now();
    lane.sentMs = sentMs;
    lane.freeMs = lane.intendedMs = this.#paced ? dueMs : sentMs;
    lane.deadlineMs = sentMs + plan.timeoutMs;
    if (this.#paced) book.sent(lane);
    else book.sentAtOnce(lane);
    lane.send();
  }

  /** Takes an iteration, where they are counted; false when there is none left. */
  #take(lane: Lane): boolean {
    if (this.#remaining <= 0 || this.#left[lane.index]! <= 0) {
      if (this.#remaining <= 0 || this.#left.every((left) => left <= 0)) this.stop();
      return false;
    }
    this.#remaining--;
    this.#left[lane.index]!--;
    return true;
  }

  #finishWhenIdle(): void {
    if (this.#busy.size > 0) return;
    const done = this.#done;
    this.#done = undefined;
    done?.();
  }
}

/** How many of `total` things with global indexes belong to a shard. */
export function shareOf(total: number, shard: number, shards: number): number {
  return Math.max(0, Math.ceil((total - shard) / shards));
}
