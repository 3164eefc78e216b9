import { ByteStore } from './byte-store.js';
import { FramingError } from './framing-error.js';

const LF = 0x0a;
const CR = 0x0d;
const COLON = 0x3a;
const SPACE = 0x20;

/** One server-sent event. `data` is empty for priming events, which carry only an id. */
export interface SseEvent {
  /** The event type, `message` unless the stream says otherwise. */
  event: string;
  data: string;
  /** The last event id, where this event set one. */
  id: string | undefined;
  /** The reconnection time in milliseconds, where this event set one. */
  retry: number | undefined;
}

/**
 * Parses `text/event-stream` as the WHATWG HTML standard (section 9.2.6) says: lines end in LF, CR or CRLF, comments and
 * unknown fields are passed over, a byte order mark is skipped. Unlike a browser it also reports events without data,
 * since the MCP's priming events carry their id that way. Any split of the stream into chunks gives the same events.
 */
export class SseParser {
  readonly #onEvent: (event: SseEvent) => void;
  readonly #maxBytes: number;
  readonly #partial = new ByteStore();
  #skipLineFeed = false;
  #atStart = true;
  #event = '';
  #data: string | undefined;
  #id: string | undefined;
  #retry: number | undefined;
  #size = 0;

  /** @param options.maxBytes largest event accepted, 64 MiB by default. */
  constructor(options: { onEvent: (event: SseEvent) => void; maxBytes?: number }) {
    this.#onEvent = options.onEvent;
    this.#maxBytes = options.maxBytes ?? 64 * 1024 * 1024;
  }

  /** Forgets a half-read event, to begin with a new stream. */
  reset(): void {
    this.#partial.clear();
    this.#skipLineFeed = false;
    this.#atStart = true;
    this.#clearEvent();
  }

  /**
   * Takes `chunk[start, end)` and calls back for each event that it completes. The chunk may be reused afterwards.
   *
   * @throws FramingError when an event is larger than the limit; what follows must not be pushed any more.
   */
  push(chunk: Buffer, start = 0, end = chunk.length): void {
    let from = start;
    if (this.#skipLineFeed && from < end) {
      this.#skipLineFeed = false;
      if (chunk[from] === LF) from++;
    }
    let nextReturn = chunk.indexOf(CR, from);
    while (from < end) {
      let lineEnd = chunk.indexOf(LF, from);
      if (lineEnd === -1 || lineEnd >= end) lineEnd = end;
      let next = lineEnd + 1;
      if (nextReturn !== -1 && nextReturn < lineEnd) {
        lineEnd = nextReturn;
        next = lineEnd + 1;
        if (next < end) {
          if (chunk[next] === LF) next++;
        } else {
          this.#skipLineFeed = true;
        }
        nextReturn = chunk.indexOf(CR, next);
      } else if (lineEnd === end) {
        break;
      }
      if (this.#partial.length > 0) {
        this.#store(chunk, from, lineEnd);
        this.#line(this.#partial.bytes, 0, this.#partial.length);
        this.#partial.clear();
      } else {
        this.#line(chunk, from, lineEnd);
      }
      from = next;
    }
    if (from < end) this.#store(chunk, from, end);
  }

  #store(chunk: Buffer, start: number, end: number): void {
    if (this.#size + this.#partial.length + end - start > this.#maxBytes) this.#tooLarge();
    this.#partial.append(chunk, start, end);
  }

  #tooLarge(): never {
    throw new FramingError(`an event of the stream is larger than ${this.#maxBytes} bytes`);
  }

  #line(bytes: Buffer, lineStart: number, end: number): void {
    let start = lineStart;
    if (this.#atStart) {
      this.#atStart = false;
      const marked = bytes[start] === 0xef && bytes[start + 1] === 0xbb && bytes[start + 2] === 0xbf;
      if (marked && end - start >= 3) start += 3;
    }
    if (start >= end) {
      this.#dispatch();
      return;
    }
    this.#size += end - start;
    if (this.#size > this.#maxBytes) this.#tooLarge();
    const first = bytes[start];
    // `data:` is nearly every line: found without making a string of the name.
    if (first === 0x64 && start + 4 < end && bytes[start + 4] === COLON && isData(bytes, start)) {
      const value = bytes[start + 5] === SPACE && start + 5 < end ? start + 6 : start + 5;
      const text = value < end ? bytes.toString('utf8', value, end) : '';
      this.#data = this.#data === undefined ? text : `${this.#data}\n${text}`;
      return;
    }
    if (first === COLON) return;
    const line = bytes.toString('utf8', start, end);
    const colon = line.indexOf(':');
    const name = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    this.#field(name, value);
  }

  #field(name: string, value: string): void {
    if (name === 'event') this.#event = value;
    else if (name === 'data') this.#data = this.#data === undefined ? value : `${this.#data}\n${value}`;
    else if (name === 'id' && !value.includes('\0')) this.#id = value;
    else if (name === 'retry' && /^\d+$/.test(value)) this.#retry = Number(value);
  }

  #dispatch(): void {
    if (this.#data === undefined && this.#id === undefined && this.#retry === undefined) {
      this.#clearEvent();
      return;
    }
    const event: SseEvent = {
      event: this.#event === '' ? 'message' : this.#event,
      data: this.#data ?? '',
      id: this.#id,
      retry: this.#retry,
    };
    this.#clearEvent();
    this.#onEvent(event);
  }

  #clearEvent(): void {
    this.#event = '';
    this.#data = undefined;
    this.#id = undefined;
    this.#retry = undefined;
    this.#size = 0;
  }
}

/** Whether the line at `start`, which begins with `d`, begins with `data`. */
function isData(bytes: Buffer, start: number): boolean {
  return bytes[start + 1] === 0x61 && bytes[start + 2] === 0x74 && bytes[start + 3] === 0x61;
}
