import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../core/index.js';
import { HttpBodies } from './http-bodies.js';
import { readRecording } from './read-recording.js';
import { Recorder } from './recorder.js';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dyno-recording-'));
  file = join(folder, 'traffic.jsonl');
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const call = (id: number, params: object) =>
  JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params });
const post = (body: string) =>
  `POST /mcp HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer s3cret\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
const chunked = (body: string) =>
  `POST /mcp HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n${Buffer.byteLength(body).toString(16)}\r\n${body}\r\n0\r\n\r\n`;

async function recorded(): Promise<string> {
  const clock = new FakeClock();
  const recorder = new Recorder(file, 'http', clock);
  const tap = recorder.tap(0);
  tap.up(Buffer.from(post(call(1, { name: 'echo', arguments: { text: 'a', api_key: 'sk-12345678' } }))));
  await clock.advance(250);
  tap.up(Buffer.from(post(call(2, { name: 'echo', arguments: { text: 'b' }, _meta: { x: 1 } }))));
  tap.up(Buffer.from(post('{"jsonrpc":"2.0","method":"notifications/initialized"}')));
  await clock.advance(750);
  recorder.close();
  return readFileSync(file, 'utf8');
}

describe('a recording', () => {
  it('holds requests with their times, without headers, _meta and secrets', async () => {
    const text = await recorded();
    expect(text).not.toMatch(/s3cret|sk-12345678|_meta/);
    expect(readRecording(text, file)).toEqual({
      startedAt: '2026-01-01T00:00:00.000Z',
      transport: 'http',
      durationMs: 1000,
      calls: [
        {
          t: 0,
          c: 0,
          method: 'tools/call',
          params: { name: 'echo', arguments: { text: 'a', api_key: '«redacted»' } },
        },
        { t: 250, c: 0, method: 'tools/call', params: { name: 'echo', arguments: { text: 'b' } } },
      ],
    });
  });

  it.each<[string, object, RegExp]>([
    ['in lists', { tokens: ['tok-one-1', { value: 'tok-two-2' }] }, /tok-/],
    ['in objects', { credentials: { login: 'jane-login', more: { pin: 918273 } } }, /jane-login|918273/],
    ['as pairs', { headers: [{ name: 'X-Api-Key', value: 'key-three-3' }] }, /key-three/],
    ['as pairs', { env: [{ key: 'DB_PASSWORD', value: 'pw-four-4' }] }, /pw-four/],
    ['in text', { command: 'curl -H "Authorization: Bearer tok-five-5" x' }, /tok-five/],
    ['in addresses', { uri: 'https://jane:pw-six-6@h/x?access_token=tok-7' }, /pw-six|tok-7/],
  ])('holds no secrets %s', (_, args, secret) => {
    const recorder = new Recorder(file, 'stdio', new FakeClock());
    recorder.tap(0).up(Buffer.from(`${call(1, { name: 'run', arguments: args })}\n`));
    recorder.close();
    const text = readFileSync(file, 'utf8');
    expect(text).not.toMatch(secret);
    expect(readRecording(text, file).calls).toHaveLength(1);
  });

  it('passes over a request that is nested too deep to be written, and goes on', () => {
    const recorder = new Recorder(file, 'stdio', new FakeClock());
    const tap = recorder.tap(0);
    const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
    tap.up(Buffer.from(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"a":${deep}}}\n`));
    tap.up(Buffer.from(`${call(2, { name: 'echo' })}\n`));
    expect(recorder.close()).toMatchObject({ requests: 1, tooDeep: 1 });
    expect(readRecording(readFileSync(file, 'utf8'), file).calls).toEqual([
      expect.objectContaining({ params: { name: 'echo' } }),
    ]);
  });

  it('is made of stdio lines too', () => {
    const recorder = new Recorder(file, 'stdio', new FakeClock());
    const tap = recorder.tap(0);
    const text = `${call(1, { name: 'echo' })}\nnoise\n`;
    for (const byte of Buffer.from(text)) tap.up(Buffer.from([byte]));
    expect(recorder.close()).toEqual({ requests: 1, unreadable: 0, tooDeep: 0 });
    expect(readRecording(readFileSync(file, 'utf8'), file).calls).toHaveLength(1);
  });

  it('counts connections that are no HTTP', () => {
    const recorder = new Recorder(file, 'http', new FakeClock());
    const tap = recorder.tap(0);
    tap.up(Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00]));
    tap.end();
    expect(recorder.close()).toEqual({ requests: 0, unreadable: 1, tooDeep: 0 });
  });

  it('that cannot be written says so', () => {
    expect(() => new Recorder(join(folder, 'none', 'x'), 'http')).toThrow(/Cannot write the recording/);
  });

  const broken: [string, (text: string) => string, RegExp][] = [
    [
      'of another version',
      (text) => text.replace('recording/1', 'recording/7'),
      /'dyno.recording\/7', and this dyno reads 'dyno.recording\/1'/,
    ],
    [
      'without its last line',
      (text) => text.trimEnd().split('\n').slice(0, -1).join('\n'),
      /cut off after 2 requests/,
    ],
    ['cut off in the middle of a line', (text) => text.slice(0, 200), /cut off after \d requests/],
    ['cut off after its head', (text) => `${text.split('\n')[0]!}\n`, /cut off after 0 requests/],
    ['with a line that is no JSON', (text) => text.replace('{"t":250', '{"t":'), /:3 is damaged/],
    ['with a time that never comes', (text) => text.replace('"t":250', '"t":9e99'), /:3 is damaged/],
    ['with a negative time', (text) => text.replace('"t":250', '"t":-250'), /:3 is damaged/],
    [
      'with a line less than it counts',
      (text) => text.split('\n').toSpliced(1, 1).join('\n'),
      /holds 1 requests, and its last line counts 2/,
    ],
    ['of something else', () => '{"jsonrpc":"2.0"}', /is no recording of dyno proxy/],
    ['of nothing', () => '', /is no recording of dyno proxy/],
  ];
  it.each(broken)('%s is refused in one sentence', async (_name, damage, sentence) => {
    const text = damage(await recorded());
    expect(() => readRecording(text, 'traffic.jsonl')).toThrow(
      expect.objectContaining({ exitCode: 104, message: expect.stringMatching(sentence) as string }),
    );
  });

  it('that is cut off anywhere never reads as whole', async () => {
    const text = await recorded();
    fc.assert(
      fc.property(fc.integer({ min: 0, max: text.length - 2 }), (length) => {
        expect(() => readRecording(text.slice(0, length), 'x')).toThrow(/cut off|no recording/);
      }),
    );
  });
});

describe('the bodies of HTTP requests', () => {
  it('are found whatever chunks they come in', () => {
    const bodies = ['{"a":1}', '{"b":"ü€😀"}', '', '[{"c":3}]'];
    const bytes = Buffer.from(
      bodies.map((body, index) => (index % 2 === 0 ? post(body) : chunked(body))).join('') +
        'GET /mcp HTTP/1.1\r\nHost: h\r\n\r\n' +
        post('{"last":true}'),
    );
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1 }), (sizes) => {
        const found: string[] = [];
        const parser = new HttpBodies((body) => found.push(body));
        for (let at = 0, index = 0; at < bytes.length; index++) {
          const size = sizes[index % sizes.length]!;
          parser.push(Buffer.from(bytes.subarray(at, at + size)));
          at += size;
        }
        expect(found).toEqual(['{"a":1}', '{"b":"ü€😀"}', '[{"c":3}]', '{"last":true}']);
      }),
    );
  });

  it('beyond the limit are passed over, and the next is found', () => {
    const found: string[] = [];
    const parser = new HttpBodies((body) => found.push(body));
    parser.push(Buffer.from(`POST / HTTP/1.1\r\nContent-Length: ${20 * 1024 * 1024}\r\n\r\n`));
    for (let index = 0; index < 20; index++) parser.push(Buffer.alloc(1024 * 1024));
    parser.push(Buffer.from(post('{"next":1}')));
    expect(found).toEqual(['{"next":1}']);
  });
});
