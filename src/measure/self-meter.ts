import { monitorEventLoopDelay, PerformanceObserver, type IntervalHistogram } from 'node:perf_hooks';
import { systemClock, type Clock } from '../core/index.js';
import { threadCpuMs } from './thread-cpu.js';

/** What this process, and the thread that asks, used over a time. */
export interface SelfReading {
  /** The time it covers, ms. */
  elapsedMs: number;
  /** CPU of the whole process, all threads, in % of one core. */
  cpuPercent: number;
  /** CPU of this thread alone, in % of one core; null where the system does not tell. */
  threadCpuPercent: number | null;
  /** Resident memory of the process now. */
  rssBytes: number;
  /** Garbage collection pauses of this thread. */
  gc: { count: number; totalMs: number; maxMs: number };
  /** How much later than asked timers of this thread fired. */
  loopDelay: { p50Ms: number; p99Ms: number; maxMs: number };
}

/** Timers ask for this interval, ms. */
const resolutionMs = 10;

/** Watches this process and this thread, so that the generator can say what it costs. Works in worker threads too. */
export class SelfMeter {
  readonly #clock: Clock;
  readonly #delay: IntervalHistogram;
  readonly #observer: PerformanceObserver;
  #startTimer: NodeJS.Timeout | undefined;
  #startDelayMs = 0;
  #gc = { count: 0, totalMs: 0, maxMs: 0 };
  #from: { t: number; cpuMs: number; threadMs: number | null };

  /** Starts at once. */
  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
    this.#delay = monitorEventLoopDelay({ resolution: resolutionMs });
    this.#delay.enable();
    this.#observer = new PerformanceObserver((list) => {
      this.#count(list.getEntries());
    });
    this.#observer.observe({ entryTypes: ['gc'] });
    this.#from = this.#mark();
    this.#watchStart();
  }

  /** What was used since the start or the last reading, and a new start. */
  read(): SelfReading {
    this.#count(this.#observer.takeRecords());
    const before = this.#from;
    const now = this.#mark();
    const elapsedMs = now.t - before.t;
    const share = (ms: number) => (elapsedMs > 0 ? (100 * ms) / elapsedMs : 0);
    const reading: SelfReading = {
      elapsedMs,
      cpuPercent: share(now.cpuMs - before.cpuMs),
      threadCpuPercent:
        now.threadMs === null || before.threadMs === null ? null : share(now.threadMs - before.threadMs),
      rssBytes: process.memoryUsage.rss(),
      gc: this.#gc,
      loopDelay: {
        p50Ms: this.#delayAt(50),
        p99Ms: this.#delayAt(99),
        maxMs: Math.max(this.#startDelayMs, this.#delay.count > 0 ? this.#delay.max / 1e6 - resolutionMs : 0),
      },
    };
    this.#from = now;
    this.#gc = { count: 0, totalMs: 0, maxMs: 0 };
    this.#delay.reset();
    this.#watchStart();
    return reading;
  }

  /** After a reset the histogram misses what delays its first tick; a timer of our own does not. */
  #watchStart(): void {
    this.#startDelayMs = 0;
    clearTimeout(this.#startTimer);
    const due = performance.now() + resolutionMs;
    this.#startTimer = setTimeout(() => {
      this.#startDelayMs = Math.max(0, performance.now() - due);
    }, resolutionMs).unref();
  }

  /** Ends the watching; {@link SelfMeter.read} still tells what was seen until then. */
  stop(): void {
    this.#count(this.#observer.takeRecords());
    this.#observer.disconnect();
    this.#delay.disable();
    clearTimeout(this.#startTimer);
  }

  /** The histogram holds the time between two firings of a timer. */
  #delayAt(percentile: number): number {
    if (this.#delay.count === 0) return 0;
    return Math.max(0, this.#delay.percentile(percentile) / 1e6 - resolutionMs);
  }

  #count(entries: readonly { duration: number }[]): void {
    for (const { duration } of entries) {
      this.#gc.count++;
      this.#gc.totalMs += duration;
      this.#gc.maxMs = Math.max(this.#gc.maxMs, duration);
    }
  }

  #mark(): { t: number; cpuMs: number; threadMs: number | null } {
    const { user, system } = process.cpuUsage();
    return { t: this.#clock.now(), cpuMs: (user + system) / 1000, threadMs: threadCpuMs() };
  }
}
