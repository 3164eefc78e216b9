import { sleep, type Clock } from '../../../core/clock.js';
import type { SseEvent } from '../../framing/sse-parser.js';
import type { HttpAnswer } from '../../http/http-answer.js';
import { readEvents, type StreamPosition } from './event-stream.js';

const firstRetryMs = 1000;
const longestRetryMs = 30_000;
/** Failures in a row after which the stream is given up: it is optional. */
const maxFailures = 5;

/** The GET stream of a session: opened again when it ends, given up where the server does not offer it. */
export class ListeningStream {
  /** Resolves when the server has opened the stream, or is known not to. */
  readonly ready: Promise<void>;
  #resolveReady!: () => void;
  readonly #clock: Clock;
  readonly #maxBytes: number;
  readonly #open: (lastEventId: string | undefined, signal: AbortSignal) => Promise<HttpAnswer>;
  readonly #onEvent: (event: SseEvent) => void;
  readonly #controller = new AbortController();

  constructor(options: {
    clock: Clock;
    maxBytes: number;
    open: (lastEventId: string | undefined, signal: AbortSignal) => Promise<HttpAnswer>;
    onEvent: (event: SseEvent) => void;
  }) {
    this.#clock = options.clock;
    this.#maxBytes = options.maxBytes;
    this.#open = options.open;
    this.#onEvent = options.onEvent;
    this.ready = new Promise((resolve) => {
      this.#resolveReady = resolve;
    });
    // Ends with the abort at the latest; nothing that happens to an optional stream is an error of the connection.
    this.#run()
      .catch(() => undefined)
      .finally(this.#resolveReady);
  }

  close(): void {
    this.#controller.abort(new Error('the connection was closed'));
  }

  async #run(): Promise<void> {
    const { signal } = this.#controller;
    const position: StreamPosition = { lastEventId: undefined, retryMs: undefined };
    let failures = 0;
    while (!signal.aborted && failures < maxFailures) {
      try {
        const answer = await this.#open(position.lastEventId, signal);
        failures = 0;
        this.#resolveReady();
        await readEvents(answer, { maxBytes: this.#maxBytes, position, onEvent: this.#onEvent });
      } catch (error) {
        signal.throwIfAborted();
        const { status } = error as { status?: number };
        // The server has no such stream, or no longer this session.
        if (status !== undefined && status >= 400 && status < 500 && status !== 429) {
          if (position.lastEventId === undefined) return;
          position.lastEventId = undefined;
        }
        failures++;
        this.#resolveReady();
      }
      const wait = position.retryMs ?? firstRetryMs;
      const longer = Math.min(wait * 2 ** Math.max(0, failures - 1), longestRetryMs);
      await sleep(Math.max(wait, longer), this.#clock, signal);
    }
  }
}
