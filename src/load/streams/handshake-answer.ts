import { SseParser } from '../../protocol/framing/index.js';
import type { ResponseHead } from '../../protocol/http/index.js';
import { resultOf } from '../lanes/side-channel.js';

/** Answers to what opens a stream are small; what is longer is not read to its end. */
const mostText = 1_000_000;

/** The answer to one request of a stream's handshake, whether it comes as JSON or as events. */
export class HandshakeAnswer {
  readonly head: ResponseHead;
  #text = '';
  readonly #sse: SseParser | undefined;

  constructor(head: ResponseHead) {
    this.head = head;
    this.#sse = head.eventStream
      ? new SseParser({
          onEvent: ({ data }) => {
            // Logs may come before the answer, which is the last message.
            if (data !== '') this.#text = data;
          },
          maxBytes: mostText,
        })
      : undefined;
  }

  push(bytes: Buffer, start: number, end: number): void {
    if (this.#sse !== undefined) this.#sse.push(bytes, start, end);
    else if (this.#text.length < mostText) this.#text += bytes.toString('utf8', start, end);
  }

  /** What is wrong with it as the answer to a request, undefined where nothing is. */
  get fault(): string | undefined {
    const { status } = this.head;
    const result = resultOf(this.#text);
    if (status === 200) return 'fault' in result ? result.fault : undefined;
    const said = 'fault' in result && result.fault.startsWith('JSON-RPC') ? `, ${result.fault}` : '';
    return `HTTP ${status}${said}`;
  }

  /** Likewise for a notification, which has no answer but its status. */
  get refusal(): string | undefined {
    const { status } = this.head;
    return status >= 200 && status < 300 ? undefined : `HTTP ${status}`;
  }
}
