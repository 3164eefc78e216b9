import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DynoError } from '../../core/index.js';
import { findConfig } from './find-config.js';
import { loadConfig } from './load-config.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dyno-config-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function write(file: string, text: string): string {
  writeFileSync(join(folder, file), text);
  return file;
}

async function fault(file: string): Promise<string> {
  try {
    await loadConfig(file, folder);
  } catch (error) {
    if (!(error instanceof DynoError)) throw error;
    expect(error.exitCode).toBe(104);
    return `${error.message} | ${error.hint ?? ''}`;
  }
  throw new Error('Expected it to throw');
}

const body = `{
  target: { command: 'node', args: ['server.js'] },
  connections: 32,
  tools: { echo: { args: { message: 'hi {{seq}}' }, weight: 3 }, remove: false },
  thresholds: ['p95 < 20ms', { threshold: 'success_rate > 99%', abortOnFail: true, delay: '5s' }],
  setup: [{ tool: 'create', args: { n: 1 }, save: { id: 'structuredContent.id' } }],
  teardown: [{ tool: 'remove', allowError: true }],
  serverRequests: { 'roots/list': { result: { roots: [] } }, 'sampling/createMessage': [{ error: { message: 'no' }, delay: '10ms' }] },
  tests: { 'single-tool-latency': { calls: 50, thresholds: ['p99 < 1s'] } },
}`;
const json = JSON.stringify(new Function(`return ${body}`)());

describe('a config file', () => {
  it.each([
    ['dyno.config.json', `// a comment\n${json}`],
    ['dyno.config.yaml', json],
    ['dyno.config.mjs', `export default ${body}`],
    ['dyno.config.ts', `const n: number = 32;\nexport default ${body.replace('32', 'n')} satisfies object`],
    ['dyno.config.mts', `export default async (): Promise<object> => (${body})`],
  ])('is read as %s', async (file, text) => {
    const loaded = await loadConfig(write(file, text), folder);
    expect(loaded.options.values).toEqual({ connections: 32 });
    expect(loaded.target).toEqual({ kind: 'command', command: 'node', args: ['server.js'], env: {} });
    expect(loaded.tools.get('echo')).toEqual({
      args: [{ message: 'hi {{seq}}' }],
      weight: 3,
      allow: false,
      deny: false,
    });
    expect(loaded.tools.get('remove')?.deny).toBe(true);
    expect(loaded.thresholds).toMatchObject([
      { metric: 'latency.p95', limit: 20 },
      { metric: 'success_rate', limit: 0.99, abortOnFail: { delayMs: 5000 } },
      { metric: 'latency.p99', limit: 1000, test: 'single-tool-latency' },
    ]);
    expect(loaded.setup).toEqual([
      { tool: 'create', args: { n: 1 }, save: { id: 'structuredContent.id' }, allowError: false },
    ]);
    expect(loaded.teardown[0]).toMatchObject({ tool: 'remove', allowError: true });
    expect(loaded.serverRequests.get('sampling/createMessage')).toEqual([
      { delayMs: 10, error: { code: -32603, message: 'no' } },
    ]);
    expect(loaded.tests.get('single-tool-latency')?.parameters).toEqual({ calls: 50 });
  });

  it('may be empty', async () => {
    expect((await loadConfig(write('dyno.config.yaml', ''), folder)).options.values).toEqual({});
  });

  it('is found by its name, once', () => {
    expect(findConfig(undefined, folder)).toBeUndefined();
    write('dyno.config.yaml', '');
    expect(findConfig(undefined, folder)).toBe('dyno.config.yaml');
    write('dyno.config.ts', '');
    expect(() => findConfig(undefined, folder)).toThrow(
      /several config files: dyno.config.ts, dyno.config.yaml/,
    );
    expect(() => findConfig('missing.json', folder)).toThrow(/no config file 'missing.json'/);
    write('config.toml', '');
    expect(() => findConfig('config.toml', folder)).toThrow(/end in .ts, .mts/);
  });
});

describe('a broken config file says file, line and what was expected', () => {
  it.each([
    [
      'JSON',
      'dyno.config.json',
      '{\n  "connections": 3,\n  "rate" 5\n}',
      /dyno.config.json:3:10: Expected :/,
    ],
    ['JSON that ends', 'dyno.config.json', '{ "a": [', /dyno.config.json:1:\d+: Expected/],
    [
      'YAML',
      'dyno.config.yaml',
      'connections: 3\ntools:\n  echo: {\n',
      /dyno.config.yaml:\d+:\d+: Expected YAML/,
    ],
    [
      'JavaScript',
      'dyno.config.mjs',
      'export default {\n  connections: 3,\n  rate 5,\n}',
      /dyno.config.mjs:3/,
    ],
    [
      'TypeScript',
      'dyno.config.ts',
      'export default {\n  connections: 3 as number,\n  rate 5,\n}',
      /dyno.config.ts:3.*Expected JavaScript or TypeScript/,
    ],
    [
      'one that throws',
      'dyno.config.mjs',
      'export const a = 1;\nthrow new Error("no such luck");',
      /dyno.config.mjs:2.*no such luck/,
    ],
    [
      'one without a default export',
      'dyno.config.mjs',
      'export const config = {};',
      /default export.*defineConfig/,
    ],
    [
      'one that imports what is not there',
      'dyno.config.mjs',
      "import 'no-such-package'; export default {};",
      /no-such-package/,
    ],
    ['an array', 'dyno.config.json', '[]', /the config in dyno.config.json:1 to be an object/],
  ])('%s', async (_what, file, text, message) => {
    expect(await fault(write(file, text))).toMatch(message);
  });

  it.each([
    ['{\n "conections": 3 }', /conections in dyno.config.json:2 is no known key.*Did you mean 'connections'/],
    ['{\n\n "connections": "3" }', /connections in dyno.config.json:3 to be a whole number.*'3'/],
    [
      '{ "tools": {\n "echo": {\n "wieght": 3 } } }',
      /tools.echo.wieght in dyno.config.json:3 .*Did you mean 'weight'/,
    ],
    [
      '{ "tools": {\n "echo": {\n "args": [1] } } }',
      /tools.echo.args\[0\] in dyno.config.json:3 to be an object/,
    ],
    ['{ "tools": { "echo": true } }', /tools.echo in .* to be an object/],
    [
      '{ "thresholds": [\n"p95 < 5ms",\n"p59 < 5ms"] }',
      /thresholds\[1\] in dyno.config.json:3.*known metric/,
    ],
    [
      '{ "thresholds": [{ "threshold": "p95 < 5ms", "delay": "5s" }] }',
      /delay in .*absent without 'abortOnFail/,
    ],
    ['{ "tests": { "a": { "thresholds": ["b:p95 < 5ms"] } } }', /a threshold of a/],
    ['{ "target": {} }', /target in .*either 'url' or 'command'/],
    ['{ "target": { "url": "http://x", "args": [] } }', /target.args in .*absent beside 'url'/],
    ['{ "target": { "command": "x", "args": [1] } }', /target.args\[0\] in .*a text/],
    ['{ "setup": [{}] }', /setup\[0\].tool in .*a text that is not empty/],
    ['{ "serverRequests": { "x": [] } }', /serverRequests.x in .*at least one reply/],
    ['{ "serverRequests": { "x": { "result": {}, "error": {} } } }', /either 'result' or 'error'/],
    ['{ "list": true }', /list in .*no known key/],
  ])('%s', async (text, message) => {
    expect(await fault(write('dyno.config.json', text))).toMatch(message);
  });

  it('takes no data that could not be sent', async () => {
    const file = write('dyno.config.mjs', 'export default { tools: { a: { args: { f() {} } } } }');
    expect(await fault(file)).toMatch(/tools.a.args.f in dyno.config.mjs to be JSON, got 'a function'/);
    const cycle = write('cycle.mjs', 'const a = {}; a.a = a; export default { tools: { x: { args: a } } }');
    expect(await fault(cycle)).toMatch(/at most 100 levels deep/);
  });

  it('is bounded against YAML that multiplies', async () => {
    const bomb = [
      'a0: &a0 [x]',
      ...Array.from({ length: 9 }, (_, i) => `a${i + 1}: &a${i + 1} [${Array(9).fill(`*a${i}`).join(', ')}]`),
    ].join('\n');
    expect(await fault(write('dyno.config.yaml', bomb))).toMatch(/dyno.config.yaml.*alias/i);
  });
});
