import type { Clock } from '../../core/clock.js';
import { messageOf } from '../../core/errors.js';
import { printableLine } from '../../core/printable.js';
import type { Random } from '../../core/random.js';
import { collectList, type CollectedList, type ListLimits } from './collect-list.js';
import type { SourceState, SourceStatus, ToolSource } from './types.js';

/** How sources are followed. Times in milliseconds. */
export interface FollowOptions {
  clock: Clock;
  random: Random;
  /** How long a list may take; 10,000. */
  deadlineMs: number;
  /** A source without `ttlMs` is asked again after this; 0: only when it tells of a change. Default 0. */
  intervalMs: number;
  /** The least time between two lists that the source itself asked for; 250. */
  minGapMs: number;
  limits: ListLimits;
}

/** A hostile `ttlMs` neither floods the source nor makes a list eternal. */
const shortestTtlMs = 1_000;
const longestTtlMs = 24 * 3_600_000;
const firstRetryMs = 1_000;
const longestRetryMs = 60_000;

/** Takes a new list in; answers when it is in. */
export type ListTaker = (list: CollectedList) => Promise<void> | void;

/** Keeps one source's list: asks for it, with a deadline, when told to, when it changed, when it is old, when it failed. */
export class SourceFollower {
  readonly source: ToolSource;
  readonly #options: FollowOptions;
  readonly #take: ListTaker;
  readonly #unsubscribe: (() => void) | undefined;
  #running: Promise<void> | undefined;
  #controller: AbortController | undefined;
  #cancelTimer: (() => void) | undefined;
  #again = false;
  #closed = false;
  #lastStart = -Infinity;
  #tools = 0;
  #state: SourceState = 'new';
  #attempts = 0;
  #failures = 0;
  #lastAttemptAt: number | undefined;
  #lastGoodAt: number | undefined;
  #listMs: number | undefined;
  #error: string | undefined;
  #rejected: SourceStatus['rejected'] = [];
  #rejectedCount = 0;

  constructor(source: ToolSource, options: FollowOptions, take: ListTaker) {
    this.source = source;
    this.#options = options;
    this.#take = take;
    this.#unsubscribe = source.onChanged?.(() => {
      this.#onChanged();
    });
  }

  /** True while what is known is not what the source lists now. */
  get stale(): boolean {
    return this.#state === 'stale';
  }

  get closed(): boolean {
    return this.#closed;
  }

  status(): SourceStatus {
    return {
      id: this.source.id,
      state: this.#state,
      tools: this.#tools,
      attempts: this.#attempts,
      failures: this.#failures,
      lastAttemptAt: this.#lastAttemptAt,
      lastGoodAt: this.#lastGoodAt,
      listMs: this.#listMs,
      error: this.#error,
      rejected: this.#rejected,
      rejectedCount: this.#rejectedCount,
    };
  }

  /** Asks for the list now, or joins the list that is under way. Never rejects: see {@link status}. */
  refresh(): Promise<void> {
    if (this.#closed) return Promise.resolve();
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
      if (this.#closed) return;
      if (this.#again) this.#onChanged();
      else this.#schedule();
    });
    return this.#running;
  }

  /** Ends what is under way; no list is taken in any more. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#cancelTimer?.();
    this.#controller?.abort(new Error('The source was removed'));
    this.#unsubscribe?.();
  }

  async #run(): Promise<void> {
    const { clock, deadlineMs, limits } = this.#options;
    this.#cancelTimer?.();
    this.#again = false;
    this.#attempts++;
    this.#lastStart = clock.now();
    this.#lastAttemptAt = clock.wall();
    const controller = new AbortController();
    this.#controller = controller;
    const cancelDeadline = clock.after(deadlineMs, () => {
      controller.abort(new Error(`The source gave no complete list within ${deadlineMs} ms`));
    });
    try {
      const list = await orAborted(collectList(this.source, controller.signal, limits), controller.signal);
      cancelDeadline();
      if (this.#closed) return;
      await this.#take(list);
      this.#succeeded(list);
    } catch (thrown) {
      // What still runs of a failed list is told so; its later answer is not looked at.
      if (!controller.signal.aborted) controller.abort(thrown);
      this.#failures++;
      this.#state = this.#lastGoodAt === undefined ? 'failed' : 'stale';
      this.#error = printableLine(messageOf(thrown), 300);
    } finally {
      cancelDeadline();
      this.#controller = undefined;
    }
  }

  #succeeded(list: CollectedList): void {
    const { clock } = this.#options;
    this.#state = 'fresh';
    this.#failures = 0;
    this.#error = undefined;
    this.#tools = list.tools.size;
    this.#lastGoodAt = clock.wall();
    this.#listMs = clock.now() - this.#lastStart;
    this.#rejected = list.rejected;
    this.#rejectedCount = list.rejectedCount;
  }

  #onChanged(): void {
    if (this.#closed) return;
    if (this.#running !== undefined) {
      this.#again = true;
      return;
    }
    const { clock, minGapMs } = this.#options;
    this.#after(Math.max(0, this.#lastStart + minGapMs - clock.now()));
  }

  #schedule(): void {
    const { intervalMs, random } = this.#options;
    if (this.#failures > 0) {
      const wait = Math.min(longestRetryMs, firstRetryMs * 2 ** Math.min(this.#failures - 1, 16));
      this.#after(wait * (0.5 + random.next() / 2));
      return;
    }
    const ttl = this.source.ttlMs;
    if (typeof ttl === 'number' && Number.isFinite(ttl) && ttl >= 0) {
      this.#after(Math.min(longestTtlMs, Math.max(shortestTtlMs, ttl)));
    } else if (intervalMs > 0) {
      this.#after(intervalMs);
    }
  }

  #after(ms: number): void {
    this.#cancelTimer?.();
    this.#cancelTimer = this.#options.clock.after(ms, () => {
      void this.refresh();
    });
  }
}

/** The promise, or the signal's reason as soon as it is aborted; listens no longer than needed. */
function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      reject(signal.reason as Error);
    };
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => {
      signal.removeEventListener('abort', abort);
    });
  });
}
