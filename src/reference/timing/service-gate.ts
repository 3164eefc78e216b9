import { DeadlineQueue } from './deadline-queue.js';

/** One call's stay: times of the gate's clock, in milliseconds. */
export interface Stay {
  arrived: number;
  /** When a slot was really free for it. */
  started: number;
  ended: number;
}

/** A stay under way. */
export interface PendingStay {
  done: Promise<Stay>;
  /** Ends the stay now and frees its slot. Does nothing when it has ended. */
  leave(): void;
}

interface Visitor {
  arrived: number;
  started: number | undefined;
  serviceMs: number;
  over: boolean;
  finish: (stay: Stay) => void;
}

/** Lateness up to this is made up for by the slot's next call. */
const latenessMs = 1;

/**
 * Lets calls take their service time, at most `slots` at once, the others in the order of arrival. Deadlines are
 * absolute: a slot's next call is due as if it had started when the last was due, so that lateness does not add up; it may
 * be shorter by as much as the last was late. Stays never overlap in a slot: K slots carry K / (mean stay) when full.
 */
export class ServiceGate {
  readonly #queue: DeadlineQueue;
  readonly #slots: number;
  #waiting: Visitor[] = [];
  #head = 0;
  #inService = 0;
  inServiceMax = 0;
  waitingMax = 0;

  /** @param slots calls served at once; Infinity for no limit. */
  constructor(slots = Infinity, queue = new DeadlineQueue()) {
    this.#slots = slots;
    this.#queue = queue;
  }

  get inService(): number {
    return this.#inService;
  }

  get waiting(): number {
    return this.#waiting.length - this.#head;
  }

  now(): number {
    return this.#queue.now();
  }

  /** Forgets the maxima. */
  resetMaxima(): void {
    this.inServiceMax = this.#inService;
    this.waitingMax = this.waiting;
  }

  /** Begins a stay, in a slot or in the queue for one. */
  enter(serviceMs: number): PendingStay {
    const arrived = this.#queue.now();
    const { promise, resolve } = deferred<Stay>();
    const visitor: Visitor = { arrived, started: undefined, serviceMs, over: false, finish: resolve };
    if (this.#inService < this.#slots) this.#start(visitor, arrived, arrived);
    else {
      this.#waiting.push(visitor);
      this.waitingMax = Math.max(this.waitingMax, this.waiting);
    }
    return {
      done: promise,
      leave: () => {
        const now = this.#queue.now();
        this.#end(visitor, now, now);
      },
    };
  }

  #start(visitor: Visitor, from: number, freeAt: number): void {
    this.#inService++;
    this.inServiceMax = Math.max(this.inServiceMax, this.#inService);
    visitor.started = freeAt;
    const due = from + visitor.serviceMs;
    this.#queue.add(due, () => {
      this.#end(visitor, this.#queue.now(), due);
    });
  }

  #end(visitor: Visitor, now: number, due: number): void {
    if (visitor.over) return;
    visitor.over = true;
    const { arrived, started } = visitor;
    visitor.finish({ arrived, started: started ?? now, ended: now });
    if (started === undefined) return;
    this.#inService--;
    const next = this.#next();
    if (next === undefined) return;
    const from = now - due > latenessMs ? now : due;
    this.#start(next, Math.max(from, next.arrived), now);
  }

  #next(): Visitor | undefined {
    while (this.#head < this.#waiting.length) {
      const next = this.#waiting[this.#head++]!;
      if (this.#head > 1024 && this.#head * 2 > this.#waiting.length) {
        this.#waiting = this.#waiting.slice(this.#head);
        this.#head = 0;
      }
      if (!next.over) return next;
    }
    this.#waiting = [];
    this.#head = 0;
    return undefined;
  }
}

function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
