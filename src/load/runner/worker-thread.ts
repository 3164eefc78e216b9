import { Worker } from 'node:worker_threads';
import { DynoError } from '../../core/errors.js';
import type { StopReport } from '../../target/index.js';
import type { FromWorker } from '../worker/channel.js';
import type { WorkerLink } from './coordinator.js';

/** Threads run compiled code: from a source file they take what the last build made of it. */
const entry = new URL(
  import.meta.url.endsWith('.ts') ? '../../../dist/load/worker/worker-entry.js' : '../worker/worker-entry.js',
  import.meta.url,
);

/** How long a thread may take to stop what it started: its process is given that long, and a little more; ms. */
const closingMs = 10_000;

/** A load thread, for one load after another. */
export class WorkerThread {
  readonly #worker = new Worker(entry);
  #lost: Error | undefined;

  constructor() {
    this.#worker.on('error', (error) => {
      this.#lost ??= error;
    });
    this.#worker.on('exit', (code) => {
      this.#lost ??= new DynoError(`A load thread ended unexpectedly (exit code ${code})`, {
        code: 'load-thread-lost',
      });
    });
  }

  /** A line to the thread for one load; `release` it afterwards. */
  link(): WorkerLink & { release(): void } {
    const worker = this.#worker;
    const listeners: (() => void)[] = [];
    const listen = <T>(event: 'message' | 'error' | 'exit', callback: (value: T) => void) => {
      worker.on(event, callback);
      listeners.push(() => worker.off(event, callback));
    };
    return {
      channel: {
        send: (message) => {
          worker.postMessage(message);
        },
        onMessage: (callback: (message: FromWorker) => void) => {
          listen('message', callback);
        },
      },
      onLost: (callback) => {
        const lost = () => {
          // The thread's own listeners came first.
          callback(this.#lost!);
        };
        if (this.#lost !== undefined) lost();
        listen('error', lost);
        listen('exit', lost);
      },
      release: () => {
        for (const off of listeners) off();
      },
    };
  }

  /** Stops what the thread started, then the thread. */
  async close(): Promise<StopReport[]> {
    const stops = this.#lost === undefined ? await this.#closed() : [];
    await this.#worker.terminate();
    return stops;
  }

  #closed(): Promise<StopReport[]> {
    return new Promise((resolve) => {
      const none = () => {
        resolve([]);
      };
      const timer = setTimeout(none, closingMs);
      this.#worker.once('exit', none);
      this.#worker.on('message', (message: FromWorker) => {
        if (message.type !== 'closed') return;
        clearTimeout(timer);
        this.#worker.off('exit', none);
        resolve(message.stops);
      });
      this.#worker.postMessage({ type: 'close' });
    });
  }
}
