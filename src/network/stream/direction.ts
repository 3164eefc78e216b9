import type { Random } from '../../core/index.js';
import type { DirectionConditions } from '../conditions/conditions.js';
import type { Link } from './link.js';
import type { ReleaseTimer, Timed } from './release-timer.js';

/** Where a direction's bytes go, and whom it tells. */
export interface DirectionEnds {
  /** @returns false where the receiver wants no more for now; {@link Direction.drained} follows. */
  write(chunk: Buffer): boolean;
  /** The sender has closed its side. */
  end(): void;
  /** The limit of bytes is reached, and they are passed on: the connection is to be closed. */
  limitReached(): void;
  /** Stops and starts reading from the sender. */
  pause(): void;
  resume(): void;
}

interface Parcel {
  /** Undefined for the end. */
  chunk: Buffer | undefined;
  dueMs: number;
}

/** A TCP segment on Ethernet carries so much; loss is counted by it. */
const segmentBytes = 1460;
/** On a slow link a chunk is passed on in pieces of this much time, so that it trickles as it would. */
const pieceMs = 5;
/** Bytes under way before the sender is told to wait; with a bandwidth, what the link carries in half a second more than its latency. */
const mostUnderWay = 16 * 1024 * 1024;
const leastUnderWay = 64 * 1024;

/** One direction of one connection: takes chunks, passes them on when the network would have. The order is kept. */
export class Direction implements Timed {
  readonly #link: Link;
  readonly #ends: DirectionEnds;
  readonly #timer: ReleaseTimer;
  readonly #random: Random;
  #queue: Parcel[] = [];
  #head = 0;
  #underWay = 0;
  #lastDueMs = 0;
  #taken = 0;
  #paused = false;
  #blocked = false;
  #scheduled = false;
  #silent = false;
  /** While what is due is passed on because its time has come. */
  #onTime = false;
  #limited = false;

  constructor(link: Link, ends: DirectionEnds, timer: ReleaseTimer, random: Random) {
    this.#link = link;
    this.#ends = ends;
    this.#timer = timer;
    this.#random = random;
  }

  /** Nothing arrives before this moment of the clock. */
  holdUntil(moment: number): void {
    this.#lastDueMs = Math.max(this.#lastDueMs, moment);
  }

  /** From now on everything is swallowed, also what is under way. */
  silence(): void {
    this.#silent = true;
    this.#link.giveBack(this, this.#timer.now());
    this.#queue = [];
    this.#head = 0;
    this.#underWay = 0;
  }

  /** Takes a chunk from the sender. It must not be changed afterwards. */
  push(chunk: Buffer): void {
    if (this.#silent || this.#limited) return;
    const { conditions, clear } = this.#link;
    if (clear && this.#lastDueMs === 0 && this.#isIdle()) {
      this.#taken += chunk.length;
      this.#write(chunk);
      return;
    }
    const rest = conditions.limitBytes === 0 ? chunk.length : conditions.limitBytes - this.#taken;
    const kept = rest >= chunk.length ? chunk : chunk.subarray(0, Math.max(0, rest));
    this.#taken += kept.length;
    this.#take(kept, conditions);
    if (conditions.limitBytes > 0 && this.#taken >= conditions.limitBytes) {
      this.#limited = true;
      this.#enqueue(undefined, this.#lastDueMs);
    }
  }

  /** The sender has closed its side. */
  end(): void {
    if (this.#silent || this.#limited) return;
    const { slowCloseMs, latencyMs } = this.#link.conditions;
    if (this.#isIdle() && slowCloseMs === 0 && latencyMs === 0) this.#ends.end();
    else this.#enqueue(undefined, this.#timer.now() + latencyMs + slowCloseMs);
  }

  /** The receiver takes bytes again. */
  drained(): void {
    if (!this.#blocked) return;
    this.#blocked = false;
    this.#flush(this.#timer.now());
    if (!this.#blocked) this.#relieve();
  }

  /** The link is no longer held. */
  released(): void {
    this.#flush(this.#timer.now());
  }

  release(nowMs: number): void {
    this.#scheduled = false;
    this.#onTime = true;
    this.#flush(nowMs);
    this.#onTime = false;
  }

  #isIdle(): boolean {
    return this.#head === this.#queue.length && !this.#link.held;
  }

  #take(chunk: Buffer, conditions: DirectionConditions): void {
    if (chunk.length === 0) return;
    const now = this.#timer.now();
    const piece = pieceBytes(conditions);
    for (let from = 0; from < chunk.length; from += piece) {
      const part = chunk.length <= piece ? chunk : chunk.subarray(from, from + piece);
      const gap = from === 0 ? 0 : conditions.sliceGapMs;
      const due =
        this.#link.transmit(part.length, now, this) + delayOf(conditions, part.length, this.#random);
      this.#enqueue(part, Math.max(due, this.#lastDueMs + gap));
    }
    if (this.#underWay > mostBytes(conditions)) this.#pause();
  }

  #enqueue(chunk: Buffer | undefined, dueMs: number): void {
    this.#lastDueMs = Math.max(dueMs, this.#lastDueMs);
    this.#queue.push({ chunk, dueMs: this.#lastDueMs });
    this.#underWay += chunk?.length ?? 0;
    this.#schedule();
  }

  #schedule(): void {
    const next = this.#queue[this.#head];
    if (next === undefined || this.#scheduled || this.#blocked || this.#link.held) return;
    this.#scheduled = true;
    this.#timer.at(next.dueMs, this);
  }

  #flush(nowMs: number): void {
    while (!this.#blocked && !this.#link.held) {
      const next = this.#queue[this.#head];
      if (next === undefined) break;
      if (next.dueMs > nowMs) break;
      this.#head++;
      if (next.chunk === undefined) {
        if (this.#limited) this.#ends.limitReached();
        else this.#ends.end();
      } else {
        this.#underWay -= next.chunk.length;
        // What a slow reader or a cut held back is not late.
        if (this.#onTime) this.#link.passedOn(next.dueMs, nowMs);
        this.#write(next.chunk);
      }
    }
    if (this.#head === this.#queue.length) {
      this.#queue = [];
      this.#head = 0;
      // What was delayed is out: a network that was cleared meanwhile passes bytes on at once again.
      if (this.#lastDueMs <= nowMs) this.#lastDueMs = 0;
    } else if (this.#head > 1024) {
      this.#queue = this.#queue.slice(this.#head);
      this.#head = 0;
    }
    if (this.#underWay <= mostBytes(this.#link.conditions) / 2 && !this.#blocked) this.#relieve();
    this.#schedule();
  }

  #write(chunk: Buffer): void {
    if (this.#ends.write(chunk)) return;
    this.#blocked = true;
    this.#pause();
  }

  #pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    this.#ends.pause();
  }

  #relieve(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#ends.resume();
  }
}

function pieceBytes({ bandwidth, sliceBytes }: DirectionConditions): number {
  const byLink =
    bandwidth === 0 ? Infinity : Math.max(segmentBytes, Math.floor((bandwidth * pieceMs) / 1000));
  return Math.min(sliceBytes === 0 ? Infinity : sliceBytes, byLink);
}

function mostBytes({ bandwidth, latencyMs }: DirectionConditions): number {
  if (bandwidth === 0) return mostUnderWay;
  return Math.min(mostUnderWay, Math.max(leastUnderWay, (bandwidth * (latencyMs + 500)) / 1000));
}

function delayOf(conditions: DirectionConditions, bytes: number, random: Random): number {
  const { latencyMs, jitterMs, distribution, stallShare, stallMs } = conditions;
  let delay = latencyMs;
  if (jitterMs > 0) {
    if (distribution === 'uniform') delay += jitterMs * (2 * random.next() - 1);
    else if (distribution === 'normal') delay += random.normal(0, jitterMs);
    else delay += random.exponential(jitterMs);
  }
  if (stallShare > 0) {
    const lost = 1 - (1 - stallShare) ** Math.ceil(bytes / segmentBytes);
    if (random.next() < lost) delay += stallMs;
  }
  return Math.max(0, delay);
}
