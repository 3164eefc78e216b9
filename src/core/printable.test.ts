import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lastLines, printable, printableLine } from './printable.js';

describe('printable', () => {
  it('removes colours, cursor movement, titles and links', () => {
    expect(
      printable('\u001b[31mred\u001b[0m \u001b[2J\u001b[1;1Hx\u001b]0;title\u0007y\u001bPq\u001b\\z'),
    ).toBe('red xyz');
    expect(printable('\u001b]8;;http://evil\u001b\\text\u001b]8;;\u001b\\')).toBe('text');
    expect(printable('\u001b]never closed')).toBe('never closed');
    expect(printable('\u001bcreset \u001b(B')).toBe('reset ');
  });

  it('keeps tabs, line feeds and every other script', () => {
    expect(printable('a\tb\r\nc\rdé漢字🙂')).toBe('a\tb\nc\ndé漢字🙂');
  });

  it('removes what reorders or hides text', () => {
    expect(printable('a\u202eb\u2066c\u0000\u009bd')).toBe('abcd');
  });

  it('never lets a control character through', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.integer({ max: 0x2100 }).map((code) => String.fromCharCode(code)) }),
        (text) => {
          // eslint-disable-next-line no-control-regex
          expect(printable(text)).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/);
        },
      ),
    );
  });

  it('makes one bounded line', () => {
    expect(printableLine(' a\n\n b\u001b[1m c ', 10)).toBe('a b c');
    expect(printableLine('x'.repeat(300), 10)).toBe('xxxxxxxxx…');
  });

  it('gives the last lines', () => {
    expect(lastLines('one\n\ntwo\nthree \n\n', 2)).toEqual(['two', 'three']);
  });
});
