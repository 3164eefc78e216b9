import { monitorEventLoopDelay, PerformanceObserver, type IntervalHistogram } from 'node:perf_hooks';
import type { ThreadReport } from './channel.js';

/** How often the loop's lateness is looked at, ms. */
const resolutionMs = 10;
/** A thread's busy share is looked at over at least this long, ms: shorter ones are all garbage collection or none. */
const windowMs = 1000;

/** Watches the load thread that it is made on: busy time, timer lateness, garbage collection. */
export class ThreadMeter {
  readonly #pollingMs: () => number;
  readonly #delay: IntervalHistogram = monitorEventLoopDelay({ resolution: resolutionMs });
  readonly #observer: PerformanceObserver;
  #utilization = performance.eventLoopUtilization();
  #polled = 0;
  #busyMax = 0;
  #busyMs = 0;
  #windowBusyMs = 0;
  #windowMs = 0;
  #watchedMs = 0;
  #gcMs = 0;
  #gcMaxMs = 0;

  /** @param pollingMs deliberate polling so far, which is active time of the loop but no work. */
  constructor(pollingMs: () => number) {
    this.#pollingMs = pollingMs;
    this.#observer = new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) {
        this.#gcMs += duration;
        this.#gcMaxMs = Math.max(this.#gcMaxMs, duration);
      }
    });
  }

  start(): void {
    this.#delay.enable();
    this.#observer.observe({ entryTypes: ['gc'] });
    this.#utilization = performance.eventLoopUtilization();
    this.#polled = this.#pollingMs();
  }

  /** Work since the last call, ms. */
  lap(): number {
    const now = performance.eventLoopUtilization();
    const { active, idle } = performance.eventLoopUtilization(now, this.#utilization);
    this.#utilization = now;
    const polled = this.#pollingMs();
    const busy = Math.max(0, active - (polled - this.#polled));
    this.#polled = polled;
    const watched = active + idle;
    this.#busyMs += busy;
    this.#watchedMs += watched;
    this.#windowBusyMs += busy;
    this.#windowMs += watched;
    if (this.#windowMs >= windowMs) {
      this.#busyMax = Math.max(this.#busyMax, this.#windowBusyMs / this.#windowMs);
      this.#windowBusyMs = this.#windowMs = 0;
    }
    return busy;
  }

  stop(elapsedMs: number): ThreadReport {
    this.#delay.disable();
    this.#observer.disconnect();
    const mean = this.#watchedMs === 0 ? 0 : this.#busyMs / this.#watchedMs;
    return {
      elapsedMs,
      busyMax: Math.max(this.#busyMax, mean),
      busyMean: mean,
      loopLagP99Ms: Math.max(0, this.#delay.percentile(99) / 1e6 - resolutionMs),
      gcPauseMs: this.#gcMs,
      gcPauseMaxMs: this.#gcMaxMs,
    };
  }
}
