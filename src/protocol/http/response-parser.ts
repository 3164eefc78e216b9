import { ByteStore } from '../framing/byte-store.js';
import { FramingError } from '../framing/framing-error.js';
import { parseHead, type ResponseHead } from './response-head.js';

const LF = 0x0a;
const CR = 0x0d;

/** What a {@link ResponseParser} calls back. Bytes are valid only during the call. */
export interface ResponseSink {
  onHead(head: ResponseHead): void;
  onBody(bytes: Buffer, start: number, end: number): void;
  /** The message is complete; `reusable` says whether the connection may carry another. */
  onEnd(reusable: boolean): void;
}

/** Sizes beyond which a response is refused. */
export interface HttpLimits {
  /** Status line and headers, or trailers; 64 KiB by default. */
  maxHeadBytes: number;
  /** One response body; 64 MiB by default. Not applied to event streams, whose events have a limit of their own. */
  maxBodyBytes: number;
}

/** The limits that hold unless others are given. */
export const defaultHttpLimits: HttpLimits = { maxHeadBytes: 64 * 1024, maxBodyBytes: 64 * 1024 * 1024 };

type State = 'head' | 'fixed' | 'until-close' | 'chunk-size' | 'chunk-data' | 'chunk-end' | 'trailers';

/**
 * Parses HTTP/1.x responses (RFC 9112): content-length, chunked with extensions and trailers, until close, interim 1xx,
 * bodiless 204 and 304. Any split of the stream into chunks gives the same calls, body pieces joined.
 */
export class ResponseParser {
  readonly #sink: ResponseSink;
  readonly #limits: HttpLimits;
  readonly #partial = new ByteStore();
  #state: State = 'head';
  #head: ResponseHead | undefined;
  #remaining = 0;
  #bodyBytes = 0;
  #trailerBytes = 0;

  constructor(sink: ResponseSink, limits: HttpLimits = defaultHttpLimits) {
    this.#sink = sink;
    this.#limits = limits;
  }

  /** True between two messages: nothing of a response has arrived. */
  get idle(): boolean {
    return this.#state === 'head' && this.#partial.length === 0;
  }

  /**
   * Takes `chunk[start, end)`; the chunk may be reused afterwards.
   *
   * @throws FramingError when the bytes are not an HTTP response or exceed a limit.
   */
  push(chunk: Buffer, start: number, end: number): void {
    let at = start;
    while (at < end) {
      switch (this.#state) {
        case 'head':
          at = this.#readHead(chunk, at, end);
          break;
        case 'fixed':
        case 'chunk-data':
          at = this.#readCounted(chunk, at, end);
          break;
        case 'until-close':
          this.#body(chunk, at, end);
          at = end;
          break;
        default:
          at = this.#readLine(chunk, at, end);
      }
    }
  }

  /**
   * The peer has ended the stream. Completes a body that lasts until close.
   *
   * @returns whether the stream ended between two messages; false means that an answer was cut off.
   */
  close(): boolean {
    if (this.#state === 'until-close') {
      this.#finish(false);
      return true;
    }
    return this.idle;
  }

  #readHead(chunk: Buffer, start: number, end: number): number {
    if (this.#partial.length === 0) {
      const stop = headEnd(chunk, start, end);
      if (stop !== -1) {
        this.#limitHead(stop - start);
        this.#begin(parseHead(chunk, start, stop));
        return stop;
      }
      this.#limitHead(end - start);
      this.#partial.append(chunk, start, end);
      this.#refuseOther();
      return end;
    }
    const had = this.#partial.length;
    this.#partial.append(chunk, start, end);
    const stop = headEnd(this.#partial.bytes, 0, this.#partial.length, Math.max(0, had - 3));
    this.#limitHead(stop === -1 ? this.#partial.length : stop);
    if (stop === -1) {
      this.#refuseOther();
      return end;
    }
    const head = parseHead(this.#partial.bytes, 0, stop);
    this.#partial.clear();
    this.#begin(head);
    return start + (stop - had);
  }

  /** What does not begin as HTTP does need not be read to an end that may never come. */
  #refuseOther(): void {
    const begun = this.#partial.bytes.toString('latin1', 0, Math.min(5, this.#partial.length));
    if (!'HTTP/'.startsWith(begun)) throw new FramingError('the answer is not HTTP/1.x');
  }

  #limitHead(bytes: number): void {
    if (bytes > this.#limits.maxHeadBytes) {
      throw new FramingError(`the response headers are larger than ${this.#limits.maxHeadBytes} bytes`);
    }
  }

  #begin(head: ResponseHead): void {
    if (head.status < 200 && head.status !== 101) return;
    this.#head = head;
    this.#bodyBytes = 0;
    const bodiless = head.status === 204 || head.status === 304;
    if (!bodiless && !head.chunked && head.contentLength !== undefined && head.contentLength > 0) {
      this.#limitBody(head.contentLength);
      this.#remaining = head.contentLength;
      this.#state = 'fixed';
    } else if (!bodiless && head.chunked) {
      this.#state = 'chunk-size';
    } else if (!bodiless && head.contentLength === undefined) {
      this.#state = 'until-close';
    }
    this.#sink.onHead(head);
    if (this.#state === 'head') this.#finish(head.keepAlive);
  }

  #readCounted(chunk: Buffer, start: number, end: number): number {
    const take = Math.min(this.#remaining, end - start);
    this.#remaining -= take;
    this.#body(chunk, start, start + take);
    if (this.#remaining === 0) {
      if (this.#state === 'fixed') this.#finish(this.#head!.keepAlive);
      else this.#state = 'chunk-end';
    }
    return start + take;
  }

  /** Reads a chunk-size line, the line end after a chunk, or a trailer line. */
  #readLine(chunk: Buffer, start: number, end: number): number {
    const newline = chunk.indexOf(LF, start);
    if (newline === -1 || newline >= end) {
      this.#limitHead(this.#partial.length + end - start);
      this.#partial.append(chunk, start, end);
      return end;
    }
    let line: string;
    if (this.#partial.length > 0) {
      this.#limitHead(this.#partial.length + newline - start);
      this.#partial.append(chunk, start, newline);
      line = this.#partial.bytes.toString('latin1', 0, this.#partial.length);
      this.#partial.clear();
    } else {
      const stop = newline > start && chunk[newline - 1] === CR ? newline - 1 : newline;
      if (this.#state === 'chunk-size') {
        const size = smallHex(chunk, start, stop);
        if (size > 0) {
          this.#chunk(size);
          return newline + 1;
        }
      } else if (this.#state === 'chunk-end' && stop === start) {
        this.#state = 'chunk-size';
        return newline + 1;
      }
      line = chunk.toString('latin1', start, newline);
    }
    if (line.endsWith('\r')) line = line.slice(0, -1);
    this.#takeLine(line);
    return newline + 1;
  }

  #takeLine(line: string): void {
    if (this.#state === 'trailers') {
      this.#trailerBytes += line.length;
      this.#limitHead(this.#trailerBytes);
      if (line === '') this.#finish(this.#head!.keepAlive);
      return;
    }
    if (this.#state === 'chunk-end') {
      if (line !== '') throw new FramingError('a chunk of the response is longer than it says');
      this.#state = 'chunk-size';
      return;
    }
    const digits = /^([0-9a-f]{1,12})[ \t]*(?:;.*)?$/i.exec(line)?.[1];
    if (digits === undefined) throw new FramingError('the response has a chunk without a valid size');
    const size = parseInt(digits, 16);
    if (size === 0) {
      this.#state = 'trailers';
      this.#trailerBytes = 0;
    }
    if (size > 0) this.#chunk(size);
  }

  #chunk(size: number): void {
    this.#limitBody(this.#bodyBytes + size);
    this.#remaining = size;
    this.#state = 'chunk-data';
  }

  #limitBody(bytes: number): void {
    if (bytes > this.#limits.maxBodyBytes && this.#head?.eventStream !== true) {
      throw new FramingError(`the response body is larger than ${this.#limits.maxBodyBytes} bytes`);
    }
  }

  #body(chunk: Buffer, start: number, end: number): void {
    this.#bodyBytes += end - start;
    this.#limitBody(this.#bodyBytes);
    this.#sink.onBody(chunk, start, end);
  }

  #finish(reusable: boolean): void {
    this.#state = 'head';
    this.#head = undefined;
    this.#sink.onEnd(reusable);
  }
}

/** The index behind the empty line that ends the head, or -1. */
function headEnd(bytes: Buffer, start: number, end: number, from = start): number {
  let newline = bytes.indexOf(LF, from);
  while (newline !== -1 && newline < end - 1) {
    const next = bytes[newline + 1];
    if (next === LF) return newline + 2;
    if (next === CR && newline + 2 < end && bytes[newline + 2] === LF) return newline + 3;
    newline = bytes.indexOf(LF, newline + 1);
  }
  return -1;
}

/** The value of one to seven hexadecimal digits and nothing else, or -1. */
function smallHex(bytes: Buffer, start: number, end: number): number {
  if (end <= start || end - start > 7) return -1;
  let value = 0;
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!;
    const digit = byte >= 0x30 && byte <= 0x39 ? byte - 0x30 : (byte | 0x20) - 0x57;
    if (digit < 0 || digit > 15 || (byte > 0x39 && digit < 10)) return -1;
    value = value * 16 + digit;
  }
  return value;
}
