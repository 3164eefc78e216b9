import { outcomeIndex } from '../lanes/answer-checker.js';
import type { Lane, OutcomeIndex } from '../lanes/lane.js';
import type { LoadShape } from '../executors/index.js';
import type { ShardRecorder } from '../recording/shard-recorder.js';
import { Arrivals } from '../schedule/arrivals.js';
import { RateCurve } from '../schedule/rate-curve.js';
import { shareOf, type EngineParts } from './closed-engine.js';
import { BusyLanes, type Engine } from './engine.js';
import { Fifo } from './fifo.js';
import type { Pacer } from './pacer.js';

interface Waiting {
  intendedMs: number;
  index: number;
  warmup: boolean;
}

/**
 * The open model: calls are due by a schedule, whatever the server does. One that finds no slot free waits, and its
 * latency counts from when it was due. After the window those that still wait are sent as long as the grace lasts.
 */
export class OpenEngine implements Engine {
  activity = 0;
  windowEndMs = Infinity;
  readonly active: number;
  readonly #parts: EngineParts;
  readonly #shape: Extract<LoadShape, { model: 'open' }>;
  readonly #recorder: ShardRecorder;
  readonly #maxWaiting: number;
  readonly #busy = new BusyLanes();
  readonly #free = new Fifo<Lane>();
  readonly #queue = new Fifo<Waiting>();
  readonly #pacer: Pacer;
  #warmup: Arrivals;
  #arrivals: Arrivals;
  #startMs = 0;
  #measureMs = 0;
  #stopping = false;
  #done: (() => void) | undefined;

  constructor(shape: Extract<LoadShape, { model: 'open' }>, parts: EngineParts, recorder: ShardRecorder) {
    this.#shape = shape;
    this.#parts = parts;
    this.#recorder = recorder;
    const { shard, shards, random } = parts;
    this.active = Math.max(1, shareOf(shape.vus, shard, shards));
    this.#maxWaiting = shareOf(shape.maxWaiting, shard, shards);
    const rate = shape.curve.rateAt(0);
    const warmup = new RateCurve(rate, [{ durationMs: parts.warmupMs, target: rate }]);
    this.#warmup = new Arrivals(warmup, shape.arrivals, random.fork('warm-up'), shard, shards);
    this.#arrivals = new Arrivals(shape.curve, shape.arrivals, random.fork('arrivals'), shard, shards);
    this.#pacer = parts.pacer(() => {
      this.#wake();
    });
  }

  get inFlight(): number {
    return this.#busy.size;
  }

  get waiting(): number {
    return this.#queue.length;
  }

  start(startMs: number, done: () => void): void {
    this.#done = done;
    this.#startMs = startMs;
    this.#measureMs = startMs + this.#parts.warmupMs;
    this.windowEndMs = this.#measureMs + this.#shape.durationMs;
    for (let index = 0; index < this.active; index++) this.#free.push(this.#parts.source.lane(index));
    this.#pacer.wakeAt(this.#nextMs());
  }

  stop(): void {
    this.#stopping = true;
    this.#pacer.stop();
    this.#finishWhenIdle();
  }

  abort(why: string): void {
    this.stop();
    this.#recorder.dropped += this.#queue.length;
    this.#queue.clear();
    this.#busy.giveUp(this.#parts.now(), outcomeIndex.timeout, why, (lane, outcome) => {
      this.settled(lane, outcome);
    });
    this.#finishWhenIdle();
  }

  sweep(): void {
    this.#busy.sweep(this.#parts.now());
  }

  settled(lane: Lane, outcome: OutcomeIndex): void {
    this.activity++;
    lane.busy = false;
    this.#busy.delete(lane);
    this.#parts.book.settled(lane, outcome);
    const next = this.#queue.shift();
    if (next === undefined) {
      this.#free.push(lane);
      if (this.#stopping) this.#finishWhenIdle();
      return;
    }
    this.#begin(lane, next, this.#parts.now());
  }

  #nextMs(): number {
    const warm = this.#warmup.dueMs;
    if (warm !== Infinity) return this.#startMs + warm;
    const due = this.#arrivals.dueMs;
    // After the last arrival one more wake-up, at the end of the window, ends the load.
    return due === Infinity ? this.windowEndMs : this.#measureMs + due;
  }

  #wake(): void {
    const { now } = this.#parts;
    let at = now();
    for (let next = this.#nextMs(); next <= at; next = this.#nextMs()) {
      this.activity++;
      if (this.#warmup.dueMs !== Infinity) {
        this.#arrive({ intendedMs: next, index: this.#warmup.index, warmup: true });
        this.#warmup.advance();
      } else if (this.#arrivals.dueMs === Infinity) {
        this.stop();
        return;
      } else {
        this.#arrive({ intendedMs: next, index: this.#arrivals.index, warmup: false });
        this.#arrivals.advance();
      }
      at = now();
    }
    this.#pacer.wakeAt(this.#nextMs());
  }

  #arrive(call: Waiting): void {
    if (!call.warmup) this.#recorder.offered++;
    const lane = this.#free.shift();
    if (lane !== undefined) this.#begin(lane, call, call.intendedMs);
    else if (this.#queue.length < this.#maxWaiting) this.#queue.push(call);
    else if (!call.warmup) this.#recorder.dropped++;
  }

  #begin(lane: Lane, call: Waiting, freeMs: number): void {
    const { now, mix, book, plan } = this.#parts;
    lane.template = mix.pick(call.index);
    lane.iteration = call.index;
    lane.warmup = call.warmup;
    lane.intendedMs = call.intendedMs;
    lane.freeMs = freeMs;
    lane.busy = true;
    this.#busy.add(lane);
    lane.prepare();
    lane.sentMs = now();
    lane.deadlineMs = lane.sentMs + plan.timeoutMs;
    book.sent(lane);
    lane.send();
  }

  #finishWhenIdle(): void {
    if (this.#busy.size > 0 || this.#queue.length > 0) return;
    const done = this.#done;
    this.#done = undefined;
    done?.();
  }
}
