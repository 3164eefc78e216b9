import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DynoError } from './errors.js';
import { parseJsonc } from './jsonc.js';

const failure = (text: string) => {
  try {
    parseJsonc(text, 'mcp.json');
  } catch (error) {
    expect(error).toBeInstanceOf(DynoError);
    expect((error as DynoError).exitCode).toBe(104);
    return (error as DynoError).message;
  }
  return expect.fail('it was accepted');
};

describe('JSON with comments', () => {
  it('reads every JSON text as JSON.parse does', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(parseJsonc(text, 'x')).toEqual(JSON.parse(text));
      }),
    );
  });

  it('reads comments, trailing commas and a byte order mark', () => {
    const text = '\ufeff// top\n{ "a": [1, 2, /* two */], // "b": 1\n "url": "http://x/*y*/", }\n';
    expect(parseJsonc(text, 'x')).toEqual({ a: [1, 2], url: 'http://x/*y*/' });
  });

  it('treats __proto__ as a plain key', () => {
    const value = parseJsonc('{"__proto__": {"polluted": true}}', 'x');
    expect(Object.keys(value as object)).toEqual(['__proto__']);
    expect((value as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it.each([
    ['{\n  "a": 1\n  "b": 2\n}', 'mcp.json:3:3: Expected , or } after the value'],
    ['{ a: 1 }', 'mcp.json:1:3: Expected a key in double quotes or }'],
    ['{"a" 1}', 'mcp.json:1:6: Expected : after the key'],
    ['{"a": tru}', "mcp.json:1:7: Expected a value, got 'tru'"],
    ['{"a": [1 2]}', 'mcp.json:1:10: Expected , or ] after the value'],
    ['{"a": "b}', 'mcp.json:1:7: Expected a closing " on the same line'],
    ['{"a": 1', 'mcp.json:1:8: Expected , or } after the value, got the end of the file'],
    ['', 'mcp.json:1:1: Expected a value, got the end of the file'],
    ['{} x', 'mcp.json:1:4: Expected the end of the file'],
    ['/* open', 'mcp.json:1:1: Expected the end of the comment (*/)'],
    ['{,}', 'mcp.json:1:2: Expected a key in double quotes or }'],
  ])('says where %j breaks', (text, message) => {
    expect(failure(text)).toBe(message);
  });

  it('does not exhaust the stack', () => {
    expect(failure('['.repeat(100_000))).toMatch(/at most 200 levels/);
  });

  it('accepts nothing that is not JSON after cutting comments and commas', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'{}[]":,1a \n\\') }), (text) => {
        let ours: unknown;
        try {
          ours = parseJsonc(text, 'x');
        } catch (error) {
          expect(error).toBeInstanceOf(DynoError);
          return;
        }
        // Made of these characters there are no comments; only trailing commas can differ.
        expect(ours).toEqual(JSON.parse(text.replace(/("(?:[^"\\]|\\.)*")|,(\s*[}\]])/g, '$1$2')));
      }),
      { numRuns: 2000 },
    );
  });
});
