import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FramingError } from '../framing/index.js';
import { ResponseParser, type HttpLimits, type ResponseHead } from './index.js';

interface Message {
  status: number;
  body: string;
  reusable: boolean;
  headers: Record<string, string>;
}

function parse(bytes: Buffer, cuts: number[] = [], limits?: HttpLimits) {
  const messages: Message[] = [];
  let head: ResponseHead | undefined;
  let body: Buffer[] = [];
  const parser = new ResponseParser(
    {
      onHead: (value) => {
        head = value;
        body = [];
      },
      onBody: (chunk, start, end) => body.push(Buffer.from(chunk.subarray(start, end))),
      onEnd: (reusable) =>
        messages.push({
          status: head!.status,
          body: Buffer.concat(body).toString(),
          reusable,
          headers: Object.fromEntries(head!.headers),
        }),
    },
    limits,
  );
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  let from = 0;
  for (const place of [...places, bytes.length]) {
    const piece = Buffer.concat([
      Buffer.from('\r\n\r\n'),
      bytes.subarray(from, place),
      Buffer.from('\n\n0\r\n'),
    ]);
    if (place > from) parser.push(piece, 4, 4 + place - from);
    piece.fill(0x0a);
    from = place;
  }
  return { messages, whole: parser.close() };
}

describe('ResponseParser', () => {
  it.each([
    ['a length', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A: b\r\n\r\nhello', 'hello', true],
    [
      'chunks',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\n\r\n',
      'hello',
      true,
    ],
    [
      'trailers',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5 \r\nhello\r\n0\r\nX: y\r\n\r\n',
      'hello',
      true,
    ],
    ['bare line feeds', 'HTTP/1.1 200 OK\ncontent-length:5\n\nhello', 'hello', true],
    ['no reason', 'HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n', '', true],
    ['204', 'HTTP/1.1 204 No Content\r\n\r\n', '', true],
    ['close', 'HTTP/1.1 200 OK\r\nConnection: Close\r\nContent-Length: 5\r\n\r\nhello', 'hello', false],
    ['HTTP/1.0', 'HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello', 'hello', false],
    ['until close', 'HTTP/1.1 200 OK\r\n\r\nhello', 'hello', false],
    [
      'interim answers',
      'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello',
      'hello',
      true,
    ],
  ])('reads a body framed by %s', (_name, text, body, reusable) => {
    const { messages, whole } = parse(Buffer.from(text));
    expect(messages).toMatchObject([{ body, reusable }]);
    expect(whole).toBe(true);
  });

  it('gives the same messages however the bytes are split', () => {
    const content = fc.string({ unit: 'grapheme', maxLength: 30 });
    const message = fc
      .tuple(
        content,
        fc.boolean(),
        fc.constantFrom('200 OK', '404 Not Found'),
        fc.integer({ min: 1, max: 9 }),
      )
      .map(([text, chunked, status, size]) => {
        const bytes = Buffer.from(text);
        const head = `HTTP/1.1 ${status}\r\nX-Size: ${size}\r\n`;
        if (!chunked)
          return Buffer.concat([Buffer.from(`${head}Content-Length: ${bytes.length}\r\n\r\n`), bytes]);
        const pieces = [Buffer.from(`${head}Transfer-Encoding: chunked\r\n\r\n`)];
        for (let at = 0; at < bytes.length; at += size) {
          const piece = bytes.subarray(at, at + size);
          pieces.push(Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n'));
        }
        return Buffer.concat([...pieces, Buffer.from('0\r\n\r\n')]);
      });
    fc.assert(
      fc.property(fc.array(message, { maxLength: 5 }), fc.array(fc.nat(1000)), (messages, cuts) => {
        const bytes = Buffer.concat(messages);
        const result = parse(bytes, cuts);
        expect(result).toEqual(parse(bytes));
        expect(result.messages).toHaveLength(messages.length);
      }),
    );
  });

  it.each([
    ['another protocol', 'SSH-2.0-OpenSSH_9.2\r\n\r\n', /not HTTP/],
    ['a bad length', 'HTTP/1.1 200 OK\r\nContent-Length: five\r\n\r\n', /content-length/],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n', /content-length/],
    ['a bad chunk size', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n', /chunk/],
    ['an overlong chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhello\r\n', /chunk/],
    ['a large head', `HTTP/1.1 200 OK\r\nX: ${'y'.repeat(200)}\r\n\r\n`, /headers are larger than 100/],
    ['a large body', 'HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n', /body is larger than 1000/],
    [
      'a large chunk',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffff\r\n',
      /body is larger than 1000/,
    ],
  ])('refuses %s', (_name, text, message) => {
    const limits = { maxHeadBytes: 100, maxBodyBytes: 1000 };
    expect(() => parse(Buffer.from(text), [], limits)).toThrow(FramingError);
    expect(() => parse(Buffer.from(text), [9, 40, 90, 130], limits)).toThrow(message);
  });

  it('tells an answer cut off from an answer complete', () => {
    expect(parse(Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel')).whole).toBe(false);
    expect(parse(Buffer.from('HTTP/1.1 200 OK\r\nConte')).whole).toBe(false);
    expect(parse(Buffer.from('')).whole).toBe(true);
  });
});
