import { ByteStore } from '../../protocol/framing/index.js';

/** Bodies beyond this are passed over: they are no requests that anybody would replay. */
const largestBody = 16 * 1024 * 1024;
const largestHead = 256 * 1024;

/**
 * Finds the bodies of HTTP/1.1 requests in the bytes that a client sends, whatever chunks they come in. What is no HTTP (TLS,
 * garbage) ends it: from then on nothing is found.
 */
export class HttpBodies {
  readonly #onBody: (body: string) => void;
  readonly #bytes = new ByteStore();
  #given = false;
  #skip = 0;

  constructor(onBody: (body: string) => void) {
    this.#onBody = onBody;
  }

  /** True once something came that is no HTTP. */
  get lost(): boolean {
    return this.#given;
  }

  push(chunk: Buffer): void {
    if (this.#given) return;
    let from = 0;
    if (this.#skip > 0) {
      from = Math.min(this.#skip, chunk.length);
      this.#skip -= from;
    }
    if (from < chunk.length) this.#bytes.append(chunk, from, chunk.length);
    while (this.#bytes.length > 0 && !this.#given && this.#take());
  }

  /** Takes one request off the front; false where more bytes are needed. */
  #take(): boolean {
    const bytes = this.#bytes.bytes.subarray(0, this.#bytes.length);
    const headEnd = bytes.indexOf('\r\n\r\n');
    if (headEnd === -1) {
      if (!/^[A-Z]{0,20}($| )/.test(bytes.toString('latin1', 0, 21)) || bytes.length > largestHead)
        this.#lose();
      return false;
    }
    const head = bytes.toString('latin1', 0, headEnd);
    if (!/^[A-Z]+ \S+ HTTP\/1\.[01]\r?(\n|$)/.test(head)) {
      this.#lose();
      return false;
    }
    const start = headEnd + 4;
    if (/^transfer-encoding:.*chunked/im.test(head)) return this.#takeChunks(bytes, start);
    const length = Number(/^content-length:\s*(\d+)/im.exec(head)?.[1] ?? 0);
    if (length > largestBody) {
      this.#skip = Math.max(0, start + length - bytes.length);
      this.#drop(Math.min(bytes.length, start + length));
      return true;
    }
    if (bytes.length < start + length) return false;
    if (length > 0) this.#onBody(bytes.toString('utf8', start, start + length));
    this.#drop(start + length);
    return true;
  }

  #takeChunks(bytes: Buffer, start: number): boolean {
    const pieces: Buffer[] = [];
    let at = start;
    for (let size = -1; size !== 0;) {
      const lineEnd = bytes.indexOf('\r\n', at);
      if (lineEnd === -1) return false;
      const line = bytes.toString('latin1', at, lineEnd);
      if (!/^[0-9a-f]{1,8}\s*(;.*)?$/i.test(line)) {
        this.#lose();
        return false;
      }
      size = Number.parseInt(line, 16);
      if (bytes.length > start + largestBody) {
        this.#lose();
        return false;
      }
      if (bytes.length < lineEnd + 2 + size + 2) return false;
      pieces.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + size));
      at = lineEnd + 2 + size + 2;
    }
    this.#onBody(Buffer.concat(pieces).toString('utf8'));
    this.#drop(at);
    return true;
  }

  #drop(count: number): void {
    const rest = Buffer.from(this.#bytes.bytes.subarray(count, this.#bytes.length));
    this.#bytes.clear();
    if (rest.length > 0) this.#bytes.append(rest, 0, rest.length);
  }

  #lose(): void {
    this.#given = true;
    this.#bytes.clear();
  }
}
