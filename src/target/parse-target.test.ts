import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DynoError, redact } from '../core/index.js';
import { parseTarget, type TargetWords } from './parse-target.js';

const failure = (words: TargetWords): DynoError => {
  try {
    parseTarget(words);
  } catch (error) {
    expect(error).toBeInstanceOf(DynoError);
    expect((error as DynoError).exitCode).toBe(104);
    return error as DynoError;
  }
  return expect.fail('it was accepted');
};

describe('a target', () => {
  it('is a URL, legacy HTTP+SSE when it says so', () => {
    expect(parseTarget({ url: 'HTTP://Host:80/mcp?x=1#frag' })).toEqual({
      kind: 'http',
      url: 'http://host/mcp?x=1',
      headers: {},
    });
    expect(parseTarget({ url: ' sse+https://host/sse ' })).toEqual({
      kind: 'sse',
      url: 'https://host/sse',
      headers: {},
    });
    expect(parseTarget({ url: 'http://[::1]:3000', headers: { 'X-A': '1' } })).toMatchObject({
      url: 'http://[::1]:3000/',
      headers: { 'X-A': '1' },
    });
  });

  it('is a start command', () => {
    expect(parseTarget({ command: ['node', 'server.js', '--x'], env: { A: 'b' }, cwd: '/tmp' })).toEqual({
      kind: 'stdio',
      command: 'node',
      args: ['server.js', '--x'],
      env: { A: 'b' },
      cwd: '/tmp',
    });
  });

  it('is the bundled reference server where nothing is given', () => {
    expect(parseTarget({ headers: {}, env: {} })).toEqual({ kind: 'reference', transport: 'http', args: [] });
  });

  it('leaves out what it has no use for: the environment may set it for other targets', () => {
    const all: TargetWords = {
      headers: { A: 'b' },
      auth: { kind: 'bearer', token: 't' },
      env: { C: 'd' },
      cwd: '/',
    };
    expect(parseTarget(all)).toEqual({ kind: 'reference', transport: 'http', args: [] });
    expect(parseTarget({ ...all, command: ['x'] })).toEqual({
      kind: 'stdio',
      command: 'x',
      args: [],
      env: { C: 'd' },
      cwd: '/',
    });
    expect(parseTarget({ ...all, url: 'http://h/' })).toEqual({
      kind: 'http',
      url: 'http://h/',
      headers: { A: 'b' },
      auth: all.auth,
    });
  });

  it('turns the user of a URL into a header and keeps the password out of sight', () => {
    const spec = parseTarget({ url: 'http://me:s%C3%A9same-open@host/mcp' });
    expect(spec).toEqual({
      kind: 'http',
      url: 'http://host/mcp',
      headers: { authorization: `Basic ${Buffer.from('me:sésame-open').toString('base64')}` },
    });
    expect(redact('it is sésame-open')).toBe('it is «redacted»');
  });
});

describe('what is no target is told with what to do', () => {
  it.each<[TargetWords, RegExp, RegExp | undefined]>([
    [
      { url: 'http://a', command: ['b', 'c'] },
      /Expected one target, got the URL 'http:\/\/a' and the command 'b c'/,
      /behind --/,
    ],
    [{ command: [] }, /Expected a start command behind --, got nothing/, /node server.js/],
    [{ command: [''] }, /Expected a start command/, undefined],
    [
      { url: 'localhost:3000/mcp' },
      /got 'localhost:3000\/mcp'/,
      /Did you mean http:\/\/localhost:3000\/mcp\?/,
    ],
    [{ url: '127.0.0.1:3000' }, /to be a URL/, /Did you mean http:\/\/127.0.0.1:3000\?/],
    [{ url: 'example.org/mcp' }, /to be a URL/, /Did you mean http:\/\/example.org\/mcp\?/],
    [{ url: 'server.js' }, /to be a URL/, /A start command stands behind --/],
    [{ url: './server' }, /to be a URL/, /A start command stands behind --/],
    [{ url: '' }, /to be a URL/, /For example/],
    [{ url: 'htpp://host/mcp' }, /scheme to be one of http, .*got 'htpp'/, /Did you mean 'http'\?/],
    [{ url: 'ws://host/mcp' }, /got 'ws'/, /For example/],
    [{ url: 'http:///mcp' }, /to name a host/, undefined],
    [{ url: 'sse+http:///sse' }, /to name a host/, undefined],
    [{ url: 'http://:3000/mcp' }, /to name a host/, undefined],
    [{ url: 'http://user@/mcp' }, /to name a host/, undefined],
    [{ url: 'http://host:99999/' }, /port to be at most 65535/, undefined],
    [{ url: 'http://ho st/' }, /to be a URL/, /Check host and port/],
    [{ url: 'http://h/', headers: { 'bad name': 'x' } }, /name of an HTTP header, got 'bad name'/, undefined],
    [
      { url: 'http://h/', headers: { a: 'x\r\nb: y' } },
      /header a to have a value without line breaks/,
      undefined,
    ],
    [
      { url: 'http://h/', headers: { Authorization: 'x' }, auth: { kind: 'bearer', token: 't' } },
      /one way of authorization, got two/,
      undefined,
    ],
    [{ command: ['x'], env: { 'A=B': 'b' } }, /name of an environment variable, got 'A=B'/, undefined],
  ])('%j', (words, message, hint) => {
    const error = failure(words);
    expect(error.message).toMatch(message);
    if (hint) expect(error.hint).toMatch(hint);
  });

  it('whatever the text is', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.webUrl(),
          fc.string().map((rest) => `http://${rest}`),
          fc.string().map((rest) => `sse+https://${rest}`),
        ),
        (url) => {
          try {
            const spec = parseTarget({ url });
            expect(new URL((spec as { url: string }).url).hostname).not.toBe('');
          } catch (error) {
            expect(error).toBeInstanceOf(DynoError);
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
