import { SseParser, type SseEvent } from '../../framing/sse-parser.js';
import type { HttpAnswer } from '../../http/http-answer.js';
import { longestTimer } from '../time-limit.js';

/** What a reader learned of a stream besides its messages. */
export interface StreamPosition {
  /** The id of the last event; undefined where the stream cannot be resumed. */
  lastEventId: string | undefined;
  /** What the server wants between two connections, ms. */
  retryMs: number | undefined;
}

/**
 * Reads an answer's events until it ends, or `enough` says that nothing more is wanted. Keeps `position` up to date
 * while it reads, so that it holds after a broken connection too.
 *
 * @throws HttpError when the connection breaks, FramingError where an event is too large.
 */
export async function readEvents(
  answer: HttpAnswer,
  options: {
    maxBytes: number;
    position: StreamPosition;
    onEvent: (event: SseEvent) => void;
  },
): Promise<void> {
  const { position } = options;
  const parser = new SseParser({
    maxBytes: options.maxBytes,
    onEvent: (event) => {
      if (event.id !== undefined) position.lastEventId = event.id === '' ? undefined : event.id;
      if (event.retry !== undefined) position.retryMs = Math.min(event.retry, longestTimer);
      options.onEvent(event);
    },
  });
  for await (const piece of answer.body()) parser.push(piece);
}
