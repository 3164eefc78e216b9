import { FramingError } from '../framing/framing-error.js';

/** Status and headers of one response. The fields that frame the body are read at once, the rest when asked for. */
export class ResponseHead {
  readonly status: number;
  readonly contentLength: number | undefined;
  readonly chunked: boolean;
  readonly keepAlive: boolean;
  /** `text/event-stream` */
  readonly eventStream: boolean;
  readonly #text: string;
  #headers: Map<string, string> | undefined;

  constructor(text: string, status: number, framing: HeadFraming) {
    this.#text = text;
    this.status = status;
    this.contentLength = framing.contentLength;
    this.chunked = framing.chunked;
    this.keepAlive = framing.keepAlive;
    this.eventStream = framing.eventStream;
  }

  /** All headers by lower-case name; repeated ones joined by `, ` (RFC 9110, section 5.2). */
  get headers(): ReadonlyMap<string, string> {
    if (this.#headers === undefined) {
      this.#headers = new Map();
      for (const line of this.#text.split(/\r?\n/).slice(1)) {
        const colon = line.indexOf(':');
        if (colon <= 0) continue;
        const name = line.slice(0, colon).trim().toLowerCase();
        const value = line.slice(colon + 1).trim();
        const before = this.#headers.get(name);
        this.#headers.set(name, before === undefined ? value : `${before}, ${value}`);
      }
    }
    return this.#headers;
  }
}

/** What decides where the body ends. */
export interface HeadFraming {
  contentLength: number | undefined;
  chunked: boolean;
  keepAlive: boolean;
  eventStream: boolean;
}

let lastText = '';
let lastHead: ResponseHead | undefined;

/**
 * The head in `bytes[start, end)`. A server's heads are nearly always the same within a second, so the last one is kept
 * and given again when the text is the same (heads are immutable).
 *
 * @throws FramingError when it is not an HTTP/1.x response head.
 */
export function parseHead(bytes: Buffer, start: number, end: number): ResponseHead {
  const text = bytes.toString('latin1', start, end);
  if (text === lastText && lastHead !== undefined) return lastHead;
  const match = /^HTTP\/1\.([01]) (\d{3})(?: |\r?\n)/.exec(text);
  if (match === null) throw new FramingError('the answer is not HTTP/1.x');
  const framing: HeadFraming = {
    contentLength: undefined,
    chunked: false,
    keepAlive: match[1] === '1',
    eventStream: false,
  };
  for (const line of text.matchAll(
    /\n(content-length|transfer-encoding|connection|content-type)[ \t]*:[ \t]*([^\r\n]*)/gi,
  )) {
    readFraming(framing, line[1]!.toLowerCase(), line[2]!.trim().toLowerCase());
  }
  const head = new ResponseHead(text, Number(match[2]), framing);
  if (text.length < 8192) {
    lastText = text;
    lastHead = head;
  }
  return head;
}

function readFraming(framing: HeadFraming, name: string, value: string): void {
  if (name === 'content-type') framing.eventStream = value.startsWith('text/event-stream');
  else if (name === 'transfer-encoding') framing.chunked = /(^|,)\s*chunked$/.test(value);
  else if (name === 'connection') {
    if (/(^|,)\s*close\s*(,|$)/.test(value)) framing.keepAlive = false;
    else if (/(^|,)\s*keep-alive\s*(,|$)/.test(value)) framing.keepAlive = true;
  } else {
    const lengths = new Set(value.split(/\s*,\s*/));
    const length = [...lengths][0]!;
    if (lengths.size > 1 || !/^\d{1,15}$/.test(length)) {
      throw new FramingError('the response has no valid content-length');
    }
    if (framing.contentLength !== undefined && framing.contentLength !== Number(length)) {
      throw new FramingError('the response has two content-lengths');
    }
    framing.contentLength = Number(length);
  }
}
