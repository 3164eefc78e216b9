/** A source of time. Everything that waits or measures takes one, so that tests can use {@link FakeClock}. */
export interface Clock {
  /** Monotonic time in milliseconds, with fractions; the zero is arbitrary. */
  now(): number;
  /** Wall-clock time in milliseconds since the Unix epoch. */
  wall(): number;
  /** Calls back once, `ms` milliseconds from now; the return value cancels. */
  after(ms: number, callback: () => void): () => void;
}

/** The machine's clock. Its timers keep the process alive, as `setTimeout` does. */
export const systemClock: Clock = {
  now: () => performance.now(),
  wall: () => Date.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    return () => {
      clearTimeout(timer);
    };
  },
};

/** The machine's clock for housekeeping: its timers do not keep the process alive. */
export const backgroundClock: Clock = {
  now: systemClock.now,
  wall: systemClock.wall,
  after(ms, callback) {
    const timer = setTimeout(callback, ms).unref();
    return () => {
      clearTimeout(timer);
    };
  },
};

/** Resolves after `ms` milliseconds of the clock; rejects with the signal's reason when aborted. */
export function sleep(ms: number, clock: Clock = systemClock, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason as Error);
      return;
    }
    const abort = () => {
      cancel();
      reject(signal?.reason as Error);
    };
    const cancel = clock.after(ms, () => {
      signal?.removeEventListener('abort', abort);
      resolve();
    });
    signal?.addEventListener('abort', abort, { once: true });
  });
}

/** A clock that stands still until {@link FakeClock.advance} moves it. For tests where time is the subject. */
export class FakeClock implements Clock {
  #now = 0;
  #nextId = 0;
  readonly #epoch: number;
  readonly #timers = new Map<number, { at: number; callback: () => void }>();

  constructor(epoch = Date.UTC(2026, 0, 1)) {
    this.#epoch = epoch;
  }

  now(): number {
    return this.#now;
  }

  wall(): number {
    return this.#epoch + this.#now;
  }

  after(ms: number, callback: () => void): () => void {
    const id = this.#nextId++;
    this.#timers.set(id, { at: this.#now + Math.max(0, ms), callback });
    return () => this.#timers.delete(id);
  }

  /** How many timers are waiting. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Moves time on, firing due timers in order of their time; lets promises settle between them. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve));
      let next: [number, { at: number; callback: () => void }] | undefined;
      for (const entry of this.#timers) {
        if (entry[1].at <= end && (next === undefined || entry[1].at < next[1].at)) next = entry;
      }
      if (next === undefined) break;
      this.#timers.delete(next[0]);
      this.#now = Math.max(this.#now, next[1].at);
      next[1].callback();
    }
    this.#now = end;
    await new Promise((resolve) => setImmediate(resolve));
  }
}
