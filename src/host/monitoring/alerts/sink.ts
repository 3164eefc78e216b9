import { messageOf, type Clock, printableLine } from '../../../core/index.js';
import type { AlertNotification } from './alert.js';

/** Somebody to tell about alerts. */
export interface AlertSink {
  /** For reports; not a secret. */
  readonly name: string;
  /** Tells it. Rejects when it could not; stops when the signal says so. */
  send(notification: AlertNotification, signal: AbortSignal): Promise<void>;
}

/** How a sink is doing. */
export interface SinkReport {
  readonly name: string;
  readonly sent: number;
  readonly failed: number;
  /** Not sent, since too many were waiting. */
  readonly dropped: number;
  readonly waiting: number;
  readonly lastError: string | null;
}

/** How notifications are delivered. */
export interface DeliveryOptions {
  /** For one attempt; default 5,000. */
  timeoutMs?: number;
  /** Attempts for each notification; default 3, one second apart, then two. */
  attempts?: number;
  /** Notifications that may wait for a slow sink; default 100. */
  maxWaiting?: number;
}

/** Delivers to one sink, one after another, so that neither a slow sink nor a failing one holds up anything else. */
export class SinkQueue {
  readonly #sink: AlertSink;
  readonly #clock: Clock;
  readonly #options: Required<DeliveryOptions>;
  readonly #finished: (sink: string, result: 'sent' | 'failed' | 'dropped') => void;
  readonly #end = new AbortController();
  #waiting: AlertNotification[] = [];
  #working: Promise<void> | undefined;
  #sent = 0;
  #failed = 0;
  #dropped = 0;
  #lastError: string | null = null;

  constructor(
    sink: AlertSink,
    clock: Clock,
    options: DeliveryOptions,
    finished: (sink: string, result: 'sent' | 'failed' | 'dropped') => void,
  ) {
    this.#sink = sink;
    this.#clock = clock;
    this.#options = { timeoutMs: 5000, attempts: 3, maxWaiting: 100, ...options };
    this.#finished = finished;
  }

  get report(): SinkReport {
    return {
      name: this.#sink.name,
      sent: this.#sent,
      failed: this.#failed,
      dropped: this.#dropped,
      waiting: this.#waiting.length,
      lastError: this.#lastError,
    };
  }

  push(notification: AlertNotification): void {
    if (this.#end.signal.aborted || this.#waiting.length >= this.#options.maxWaiting) {
      this.#dropped++;
      this.#finished(this.#sink.name, 'dropped');
      return;
    }
    this.#waiting.push(notification);
    this.#working ??= this.#work();
  }

  /** Resolves when nothing waits any more. */
  async idle(): Promise<void> {
    await this.#working;
  }

  /** Gives what waits one more time limit, then ends it. */
  async close(): Promise<void> {
    if (this.#working !== undefined) {
      const cancel = this.#clock.after(this.#options.timeoutMs, () => {
        this.#end.abort(new Error('monitoring was closed'));
      });
      await this.#working;
      cancel();
    }
    this.#end.abort(new Error('monitoring was closed'));
  }

  async #work(): Promise<void> {
    for (;;) {
      const notification = this.#waiting.shift();
      if (notification === undefined) break;
      const sent = await this.#deliver(notification);
      if (sent) this.#sent++;
      else this.#failed++;
      this.#finished(this.#sink.name, sent ? 'sent' : 'failed');
    }
    this.#working = undefined;
  }

  async #deliver(notification: AlertNotification): Promise<boolean> {
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#attempt(notification);
        return true;
      } catch (error) {
        this.#lastError = printableLine(messageOf(error));
        if (attempt >= this.#options.attempts || this.#end.signal.aborted) return false;
        await this.#pause(1000 * attempt);
      }
    }
  }

  async #attempt(notification: AlertNotification): Promise<void> {
    // An abort that is past raises no event any more.
    this.#end.signal.throwIfAborted();
    const limit = new AbortController();
    const { timeoutMs } = this.#options;
    const cancel = this.#clock.after(timeoutMs, () => {
      limit.abort(new Error(`it took longer than ${timeoutMs} ms`));
    });
    const signal = AbortSignal.any([limit.signal, this.#end.signal]);
    // A sink that does not heed its signal is left behind rather than waited for.
    const ended = new Promise<never>((_resolve, reject) => {
      signal.addEventListener(
        'abort',
        () => {
          reject(signal.reason as Error);
        },
        { once: true },
      );
    });
    try {
      await Promise.race([this.#sink.send(notification, signal), ended]);
    } finally {
      cancel();
    }
  }

  #pause(ms: number): Promise<void> {
    if (this.#end.signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        cancel();
        this.#end.signal.removeEventListener('abort', done);
        resolve();
      };
      const cancel = this.#clock.after(ms, done);
      this.#end.signal.addEventListener('abort', done, { once: true });
    });
  }
}
