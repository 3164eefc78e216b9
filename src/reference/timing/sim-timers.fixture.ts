import type { QueueTimers } from './deadline-queue.js';

/** Timers in simulated time that are as coarse as Node's: whole milliseconds, early by up to one, immediates cost 10 µs. */
export class SimTimers implements QueueTimers {
  #now = 0;
  #timeouts: { at: number; callback: () => void }[] = [];
  #immediates: (() => void)[] = [];

  now(): number {
    return this.#now;
  }

  setTimeout(callback: () => void, ms: number): void {
    // libuv keeps its time in whole milliseconds, rounded down.
    this.#timeouts.push({ at: Math.floor(this.#now) + Math.max(1, Math.trunc(ms)), callback });
  }

  setImmediate(callback: () => void): void {
    this.#immediates.push(callback);
  }

  /** The process is not scheduled for so long. */
  stall(ms: number): void {
    this.#now += ms;
  }

  /** Runs what is due until `until`, letting promises settle between. */
  async run(until: number): Promise<void> {
    while (this.#now < until) {
      await Promise.resolve();
      await Promise.resolve();
      await Promise.resolve();
      const immediates = this.#immediates;
      this.#immediates = [];
      for (const callback of immediates) callback();
      const due = this.#timeouts.filter(({ at }) => at <= this.#now);
      this.#timeouts = this.#timeouts.filter(({ at }) => at > this.#now);
      for (const { callback } of due) callback();
      if (this.#immediates.length > 0 || due.length > 0) this.#now += 0.01;
      else this.#now = Math.min(until, ...this.#timeouts.map(({ at }) => at));
    }
    await Promise.resolve();
  }
}
