import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FramingError, LineSplitter, SseParser, type SseEvent } from './index.js';

/** Pushes the bytes in pieces cut at the given places; each piece is overwritten afterwards, as a reused buffer is. */
function pushInPieces(
  bytes: Buffer,
  cuts: number[],
  push: (chunk: Buffer, start: number, end: number) => void,
) {
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  let from = 0;
  for (const place of [...places, bytes.length]) {
    const around = Buffer.concat([
      Buffer.from('\nx:\r'),
      bytes.subarray(from, place),
      Buffer.from('\r\n\nx'),
    ]);
    push(around, 4, 4 + place - from);
    around.fill(0x0a);
    from = place;
  }
}

describe('LineSplitter', () => {
  const split = (bytes: Buffer, cuts: number[], maxBytes = 1000) => {
    const lines: string[] = [];
    const splitter = new LineSplitter({ onLine: (line) => lines.push(line), maxBytes });
    pushInPieces(bytes, cuts, (chunk, start, end) => {
      splitter.push(chunk, start, end);
    });
    return { lines, rest: splitter.end() };
  };

  it('gives the same lines however the bytes are split', () => {
    const line = fc
      .string({ unit: 'binary', maxLength: 12 })
      .map((text) => text.replace(/[\r\n\ud800-\udfff]/g, ''));
    fc.assert(
      fc.property(
        fc.array(fc.tuple(line, fc.constantFrom('\n', '\r\n'))),
        fc.array(fc.nat(500)),
        (parts, cuts) => {
          const bytes = Buffer.from(parts.map(([text, end]) => text + end).join(''));
          const expected = parts.map(([text]) => text).filter((text) => text !== '');
          expect(split(bytes, cuts)).toEqual({ lines: expected, rest: undefined });
        },
      ),
    );
  });

  it('keeps a last line without a break apart', () => {
    expect(split(Buffer.from('a\nbc'), [3])).toEqual({ lines: ['a'], rest: 'bc' });
  });

  it('refuses a line beyond the limit, whole or in pieces', () => {
    expect(() => split(Buffer.from('x'.repeat(21) + '\n'), [], 20)).toThrow(FramingError);
    expect(() => split(Buffer.from('x'.repeat(21)), [5, 10, 15], 20)).toThrow(/longer than 20 bytes/);
    expect(split(Buffer.from('x'.repeat(20) + '\n'), [7], 20).lines).toHaveLength(1);
  });
});

describe('SseParser', () => {
  const parse = (bytes: Buffer, cuts: number[] = [], maxBytes = 10_000) => {
    const events: SseEvent[] = [];
    const parser = new SseParser({ onEvent: (event) => events.push(event), maxBytes });
    pushInPieces(bytes, cuts, (chunk, start, end) => {
      parser.push(chunk, start, end);
    });
    return events;
  };
  const event = (fields: Partial<SseEvent>): SseEvent => ({
    event: 'message',
    data: '',
    id: undefined,
    retry: undefined,
    ...fields,
  });

  it.each([
    ['data: one\n\ndata:two\n\n', [event({ data: 'one' }), event({ data: 'two' })]],
    ['data: YHOO\ndata: +2\ndata: 10\n\n', [event({ data: 'YHOO\n+2\n10' })]],
    [': comment\n\ndata: x\n\n', [event({ data: 'x' })]],
    ['data\n\ndata\ndata\n\n', [event({ data: '' }), event({ data: '\n' })]],
    ['data:  two spaces\n\n', [event({ data: ' two spaces' })]],
    ['id: 7\ndata:\n\n', [event({ id: '7' })]],
    ['event: endpoint\rdata: /m\r\r', [event({ event: 'endpoint', data: '/m' })]],
    ['\ufeffdata: bom\r\n\r\n', [event({ data: 'bom' })]],
    ['retry: 1500\n\nretry: soon\ndata: y\n\n', [event({ retry: 1500 }), event({ data: 'y' })]],
    ['dato: no\ndata: cut off', []],
    ['event: only\n\n', []],
  ])('reads %j as the standard says', (text, expected) => {
    expect(parse(Buffer.from(text))).toEqual(expected);
  });

  it('gives the same events however the bytes are split', () => {
    const end = fc.constantFrom('\n', '\r\n', '\r');
    const text = fc.string({ unit: 'grapheme', maxLength: 8 }).map((value) => value.replace(/[\r\n\0]/g, ''));
    const line = fc.oneof(
      fc
        .tuple(fc.constantFrom('data: ', 'data:', 'id: ', 'event: ', ': ', 'other: '), text)
        .map(([a, b]) => a + b),
      fc.constantFrom('data', '', '', 'retry: 10'),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(line, end)), fc.array(fc.nat(400)), (lines, cuts) => {
        const bytes = Buffer.from(lines.map(([content, stop]) => content + stop).join(''));
        expect(parse(bytes, cuts)).toEqual(parse(bytes));
      }),
    );
  });

  it('refuses an event beyond the limit, one long line or many short ones', () => {
    expect(() => parse(Buffer.from('data: ' + 'x'.repeat(100)), [30, 60], 50)).toThrow(FramingError);
    expect(() => parse(Buffer.from('data: xx\n'.repeat(20)), [], 50)).toThrow(FramingError);
  });
});
