import type { HttpError } from './http-error.js';
import type { ResponseHead } from './response-head.js';

/** What an answer needs of the exchange that it belongs to. */
export interface AnswerSource {
  pause(): void;
  resume(): void;
  cancel(): void;
}

const highWater = 1024 * 1024;

/**
 * The answer to one request: status and headers at once, the body as it comes. The body is read once, either whole by
 * {@link HttpAnswer.text} or in pieces by {@link HttpAnswer.body}; more than 1 MiB unread stops the reading.
 */
export class HttpAnswer {
  readonly status: number;
  /** By lower-case name. */
  readonly headers: ReadonlyMap<string, string>;
  readonly #source: AnswerSource;
  #pieces: Buffer[] = [];
  #size = 0;
  #paused = false;
  #ended = false;
  #error: HttpError | undefined;
  #wake: (() => void) | undefined;

  constructor(head: ResponseHead, source: AnswerSource) {
    this.status = head.status;
    this.headers = head.headers;
    this.#source = source;
  }

  /** True when the body is a stream of server-sent events. */
  get eventStream(): boolean {
    return (this.headers.get('content-type') ?? '').toLowerCase().startsWith('text/event-stream');
  }

  /** The whole body as UTF-8. @throws HttpError when the connection breaks or a limit is exceeded. */
  async text(): Promise<string> {
    const pieces: Buffer[] = [];
    for await (const piece of this.body()) pieces.push(piece);
    return Buffer.concat(pieces).toString('utf8');
  }

  /** The body in pieces as they arrive. Leaving the loop early ends the exchange. @throws HttpError as `text`. */
  async *body(): AsyncGenerator<Buffer, void, undefined> {
    let whole = false;
    try {
      for (;;) {
        const pieces = this.#pieces;
        this.#pieces = [];
        this.#size = 0;
        if (this.#paused) {
          this.#paused = false;
          this.#source.resume();
        }
        yield* pieces;
        if (this.#pieces.length > 0) continue;
        if (this.#error !== undefined) throw this.#error;
        if (this.#ended) {
          whole = true;
          return;
        }
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    } finally {
      if (!whole) this.cancel();
    }
  }

  /** Ends the exchange and closes its connection, unless the answer is complete. */
  cancel(): void {
    if (!this.#ended && this.#error === undefined) this.#source.cancel();
  }

  /** @internal A copy of what arrived. */
  push(piece: Buffer): void {
    this.#pieces.push(piece);
    this.#size += piece.length;
    if (this.#size > highWater && !this.#paused && !this.#ended) {
      this.#paused = true;
      this.#source.pause();
    }
    this.#notify();
  }

  /** @internal */
  end(error?: HttpError): void {
    if (error === undefined) this.#ended = true;
    else this.#error ??= error;
    this.#notify();
  }

  #notify(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}
