import type { ServerResponse } from 'node:http';
import type { JsonObject } from '../../../core/json.js';

/** A client that reads this much less than it is sent has stopped reading; its connection is closed. Bytes. */
const maxUnread = 64 * 1024 * 1024;

const streamHeaders = [
  'Content-Type',
  'text/event-stream',
  'Cache-Control',
  'no-cache, no-transform',
  'X-Accel-Buffering',
  'no',
];

/** Begins an event stream on a response. @internal */
export function beginStream(response: ServerResponse, headers: readonly string[] = []): void {
  response.writeHead(200, [...streamHeaders, ...headers]);
  response.flushHeaders();
}

/** @internal */
export function eventText(message: JsonObject, id?: string): string {
  return `event: message\n${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(message)}\n\n`;
}

/** Hears of a message that is being written; what it returns is called when the system has taken it. @internal */
export type OnSending = (response: ServerResponse, message: JsonObject) => (() => void) | undefined;

interface LoggedEvent {
  stream: SseStream;
  text: string;
}

/** The last events of a session, over all its streams, so that a broken stream can be resumed. @internal */
export class EventLog {
  readonly #capacity: number;
  readonly retryMs: number | undefined;
  #events: LoggedEvent[] = [];
  #firstId = 1;

  /** @param capacity events kept. */
  constructor(capacity: number, retryMs: number | undefined) {
    this.#capacity = capacity;
    this.retryMs = retryMs;
  }

  /** Stores what `textOf` makes of the new event's id; returns that text. */
  append(stream: SseStream, textOf: (id: string) => string): string {
    const text = textOf(String(this.#firstId + this.#events.length));
    this.#events.push({ stream, text });
    if (this.#events.length > this.#capacity * 2) {
      const surplus = this.#events.length - this.#capacity;
      this.#events = this.#events.slice(surplus);
      this.#firstId += surplus;
    }
    return text;
  }

  /** The stream of an event, and what it sent after it; undefined for an id that is not, or no longer, known. */
  after(lastEventId: string): { stream: SseStream; texts: string[] } | undefined {
    const index = Number(lastEventId) - this.#firstId;
    const last = /^\d+$/.test(lastEventId) ? this.#events[index] : undefined;
    if (last === undefined) return undefined;
    const { stream } = last;
    const later = this.#events.slice(index + 1).filter((event) => event.stream === stream);
    return { stream, texts: later.map((event) => event.text) };
  }
}

/**
 * A stream of messages to a client. With an {@link EventLog} it outlives its connection: what is sent meanwhile is kept
 * and handed over when the client resumes.
 *
 * @internal
 */
export class SseStream {
  readonly #log: EventLog | undefined;
  readonly #onSending: OnSending | undefined;
  #response: ServerResponse | undefined;
  #ended = false;

  constructor(log: EventLog | undefined, onSending?: OnSending) {
    this.#log = log;
    this.#onSending = onSending;
  }

  get connected(): boolean {
    return this.#response !== undefined;
  }

  /** Binds a response whose stream has begun; a resumed one first gets what it missed. */
  attach(response: ServerResponse, missed: readonly string[] = []): void {
    this.#response?.end();
    this.#response = response;
    response.once('close', () => {
      if (this.#response === response) this.#response = undefined;
    });
    if (missed.length > 0) response.write(missed.join(''));
    if (this.#ended) this.closeConnection();
  }

  /** An event with an id and no data: from now on the stream can be resumed. */
  prime(): void {
    const log = this.#log;
    if (log === undefined) return;
    const retry = log.retryMs === undefined ? '' : `retry: ${log.retryMs}\n`;
    this.#write(log.append(this, (id) => `id: ${id}\n${retry}data: \n\n`));
  }

  send(message: JsonObject): void {
    if (this.#ended) return;
    const log = this.#log;
    const text = log === undefined ? eventText(message) : log.append(this, (id) => eventText(message, id));
    const written = this.#response === undefined ? undefined : this.#onSending?.(this.#response, message);
    this.#write(text, written);
  }

  comment(): void {
    this.#write(': keepalive\n\n');
  }

  /** The last message was sent. */
  end(): void {
    this.#ended = true;
    this.closeConnection();
  }

  /** Ends the response; with a log the stream itself goes on. */
  closeConnection(): void {
    const response = this.#response;
    this.#response = undefined;
    response?.end();
  }

  #write(text: string, written?: () => void): void {
    const response = this.#response;
    if (response === undefined) return;
    if (written === undefined) response.write(text);
    else response.write(text, written);
    if (response.writableLength > maxUnread) response.destroy();
  }
}
