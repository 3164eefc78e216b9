import { Worker } from 'node:worker_threads';
import { DynoError } from '../../core/errors.js';
import type { FromStreams, ToStreams } from './stream-channel.js';
import type { StreamHolderOptions } from './stream-holder.js';
import type { StreamReport } from './stream-report.js';

/** Threads run compiled code: from a source file they take what the last build made of it. */
const entry = new URL(
  import.meta.url.endsWith('.ts') ? '../../../dist/load/streams/stream-entry.js' : './stream-entry.js',
  import.meta.url,
);

/** How long closing may take: sessions are given 15 s to be ended; ms. */
const closingMs = 20_000;

/**
 * What opening leaves behind fills the young generation however large it is, and is then counted against the streams: with
 * Node's own size 5,000 of them take 9 kB each instead of 4.
 */
const maxYoungGenerationSizeMb = 4;

interface Waiting {
  resolve: (report: StreamReport) => void;
  reject: (error: Error) => void;
}

/**
 * Holds event streams on a thread of its own, so that their events do not delay the calls of load threads, nor calls the
 * reading of events.
 */
export class StreamThread {
  readonly #worker = new Worker(entry, { resourceLimits: { maxYoungGenerationSizeMb } });
  readonly #waiting = new Map<FromStreams['type'], Waiting>();
  #lost: Error | undefined;

  constructor(options: Omit<StreamHolderOptions, 'roomLeft'>) {
    const lost = (error: Error) => {
      this.#lost ??= error;
      for (const waiting of this.#waiting.values()) waiting.reject(this.#lost);
    };
    this.#worker.on('error', lost);
    this.#worker.on('exit', (code) => {
      lost(
        new DynoError(`The thread that holds streams ended unexpectedly (exit code ${code})`, {
          code: 'stream-thread-lost',
        }),
      );
    });
    this.#worker.on('message', ({ type, report }: FromStreams) => {
      this.#waiting.get(type)?.resolve(report);
    });
    this.#say({ type: 'hold', options });
  }

  /**
   * Opens streams until so many were opened; resolves when no more are being opened.
   *
   * @param stop aborted: no further ones are begun.
   */
  async raise(wanted: number, stop?: AbortSignal): Promise<StreamReport> {
    const stopped = () => {
      this.#say({ type: 'stop-raising', why: 'the run was stopped' });
    };
    const raised = this.#ask({ type: 'raise', wanted });
    stop?.addEventListener('abort', stopped, { once: true });
    if (stop?.aborted === true) stopped();
    try {
      return await raised;
    } finally {
      stop?.removeEventListener('abort', stopped);
    }
  }

  /** What became of the streams so far. */
  look(): Promise<StreamReport> {
    return this.#ask({ type: 'look' });
  }

  /** Closes all streams, ends their sessions, ends the thread; undefined where the thread was lost. Never rejects. */
  async close(): Promise<StreamReport | undefined> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(resolve, closingMs, undefined);
    });
    const report = await Promise.race([this.#ask({ type: 'close' }).catch(() => undefined), late]);
    clearTimeout(timer);
    this.#lost ??= new DynoError('The thread that holds streams was closed', { code: 'stream-thread-lost' });
    await this.#worker.terminate();
    return report;
  }

  /** One question at a time: a new one takes the place of one that is still waiting. */
  #ask(message: ToStreams): Promise<StreamReport> {
    return new Promise((resolve, reject) => {
      if (this.#lost !== undefined) {
        reject(this.#lost);
        return;
      }
      this.#waiting.set(message.type === 'close' ? 'closed' : 'report', { resolve, reject });
      this.#say(message);
    });
  }

  #say(message: ToStreams): void {
    this.#worker.postMessage(message);
  }
}
