import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dyno } from './run-dyno.js';
import { dynoHere } from './run-in-process.js';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dyno-usage-'));
  const files: Record<string, string> = {
    'bad.json': '{\n  "connections": 5,\n  "rate" 3\n}',
    'bad.yaml': 'connections: 5\ntools: {\n',
    'bad.mjs': 'export default {\n  connections: 5,\n  rate 3,\n};',
    'bad.ts': 'export default {\n  connections: 5 as number,\n  rate 3,\n};',
    'typed.ts':
      "import { defineConfig } from 'mcp-dyno';\nconst n: number = 7;\nexport default defineConfig({ connections: n });",
    'key.yaml': 'connections: 5\nratte: 3\n',
    'type.ts': 'export default { connections: "many" as unknown };',
    'mcp.json':
      '{ "mcpServers": { "one": { "command": "node", "env": { "KEY": "${NO_SUCH_VARIABLE_HERE}" } }, "two": { "url": "http://127.0.0.1:1/mcp" } } }',
    'chain.json': '{ "chain": [{ "tool": "a", "save": { "id": "id" } }] }',
    'tests.json': '{ "tests": { "single-tool-latencyy": { "calls": 5 } } }',
    'parameter.json': '{ "tests": { "single-tool-latency": { "cals": 5 } } }',
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('bad input ends in one clear sentence and exit code 104', () => {
  it.each<[string[], RegExp, Record<string, string>?]>([
    [['lod'], /There is no command 'lod'[^]*Did you mean 'load'\?/],
    [['load', '--durration', '1s'], /'--durration' is no option of dyno load[^]*Did you mean '--duration'\?/],
    [['load', '-c', 'many'], /Expected --connections to be a whole number.*'many'/],
    [['load', '--rate', '5', '--think-time', '1s'], /--rate and --think-time contradict each other/],
    [['load', '--think-time', 'exp:soon'], /Expected --think-time .*'soon'|--think-time.*soon/],
    [['load', '--burst', '0'], /Expected --burst to be a whole number from 1/],
    [['load', '--burst-parallel', '2'], /--burst-parallel means nothing without --burst/],
    [['load', '--chain', 'steps.json'], /Expected --chain to be @FILE or a JSON array of steps/],
    [['load', '--chain', '@none.json'], /Cannot read the chain 'none.json' of --chain/],
    [['load', '--chain', '[{"tool":"a"}]', '--tool', 'b'], /--chain and --tool contradict each other/],
    [['load', '--chain', '[{"tool":"a"}]', '--burst', '2'], /--chain and --burst contradict each other/],
    [['load', '--config', 'chain.json'], /step 1 of chain in chain.json:1.*path into the answer, got 'id'/],
    [['load', 'server.js'], /does not know what to do with 'server.js'[^]*dyno load -- server.js/],
    [['load', 'http://a.localhost/', 'http://b.localhost/'], /There are two targets/],
    [['load', 'http://'], /Expected the target to name a host/],
    [
      ['load', '--cwd', '/', 'http://127.0.0.1:1/'],
      /--cwd is only for start commands, and the target is a URL/,
    ],
    [
      ['load', '--threshold', 'latncy.p95 < 5ms'],
      /known metric, got 'latncy.p95'[^]*Did you mean 'latency.p95'/,
    ],
    [['load', '--threshold', 'p95 < soon'], /to be a number, got 'soon'/],
    [['load', '--threshold', 'lod:p95 < 5ms'], /name a test of the suite, got 'lod'[^]*Did you mean 'load'/],
    [['load', '--args', 'hello'], /Expected --args to be JSON/],
    [['test', '--only', 'single-tool-latncy'], /single-tool-latncy[^]*Did you mean 'single-tool-latency'/],
    [['test', '--tag', 'slwo'], /slwo[^]*Did you mean 'slow'/],
    [['test', '--list'], /PERF_AVG_LATENCY_MS to be a number.*'fast'/, { PERF_AVG_LATENCY_MS: 'fast' }],
    [['test', '--list'], /PERF_MIN_SUCCESS_RATE to be a share/, { PERF_MIN_SUCCESS_RATE: '95' }],
    [['load'], /Expected DYNO_WORKERS to be a whole number.*'two'/, { DYNO_WORKERS: 'two' }],
    [['load', '--config', 'none.yaml'], /no config file 'none.yaml'/],
    [['load', '--config', 'bad.json'], /bad.json:3:\d+: Expected :/],
    [['load', '--config', 'bad.yaml'], /bad.yaml:\d+:\d+: Expected YAML/],
    [['load', '--config', 'key.yaml'], /ratte in key.yaml:2 is no known key[^]*Did you mean 'rate'/],
    [['load', '--config', 'type.ts'], /connections in type.ts to be a whole number/],
    [
      ['test', '--list', '--config', 'tests.json'],
      /single-tool-latencyy[^]*Did you mean 'single-tool-latency'/,
    ],
    [
      ['test', '--list', '--config', 'parameter.json'],
      /no parameter 'cals' \(tests.single-tool-latency.cals in parameter.json:1\)[^]*Did you mean 'calls'/,
    ],
    [
      ['load', '--mcp-config', 'mcp.json', '--server', 'thre'],
      /no server 'thre' in .*mcp.json; there is one, two/,
    ],
    [['load', '--mcp-config', 'mcp.json', '--server', 'one'], /NO_SUCH_VARIABLE_HERE/],
    [['load', '--mcp-config', 'mcp.json'], /several servers: one, two/],
    [['call'], /Expected the name of a tool/],
    [['call', '--', 'node', 'x.js'], /Expected the name of a tool[^]*before --/],
    [['load', 'http://93.184.215.14/mcp'], /93.184.215.14 is a public host[^]*--yes/],
  ])('dyno %j', async (args, message, env = {}) => {
    const run = await dynoHere(args, { cwd: folder, env });
    expect(run.stderr).toMatch(message);
    expect(run.stderr).not.toMatch(/^\s+at /m);
    expect([run.code, run.stdout]).toEqual([104, '']);
  });

  // Only Node itself says where a module is wrong as it does for users.
  it.each([
    ['bad.mjs', /bad.mjs:3:\d+: Expected JavaScript or TypeScript/],
    ['bad.ts', /bad.ts:3:\d+: Expected JavaScript or TypeScript/],
  ])('dyno load --config %s', async (file, message) => {
    const run = await dyno(['load', '--config', file], { cwd: folder });
    expect(run.stderr).toMatch(message);
    expect(run.code).toBe(104);
  });

  it('finds mcp-dyno for a config file, wherever that lies', async () => {
    const run = await dyno(['load', '--print-config', '--config', 'typed.ts'], { cwd: folder });
    expect([run.code, run.stderr]).toEqual([0, '']);
    expect(run.stdout).toMatch(/^connections +7 +typed.ts$/m);
  });

  it('does not repeat a secret with a slip in it', async () => {
    const header = await dynoHere([
      'load',
      '-H',
      'Authorization Bearer hunter2-4711-and-much-more-so-that-it-is-cut-somewhere',
    ]);
    expect(header.code).toBe(104);
    expect(header.stderr).toMatch(
      /Expected --header to be a header such as 'Name: value' \(what was given is not shown\)/,
    );
    const variable = await dynoHere(['load'], { env: { DYNO_ENV: 'hunter2-4711' } });
    expect(variable.stderr).toMatch(/DYNO_ENV to be NAME=VALUE \(what was given is not shown\)/);
    expect(header.stderr + variable.stderr).not.toContain('hunter2');
  });

  it('shows the stack only with DYNO_DEBUG', async () => {
    const run = await dynoHere(['lod'], { env: { DYNO_DEBUG: '1' } });
    expect(run.stderr).toMatch(/^\s+at /m);
  });

  it('warns of a variable that means nothing', async () => {
    const run = await dynoHere(['test', '--list'], { env: { DYNO_PROFIL: 'smoke' } });
    expect(run.code).toBe(0);
    expect(run.stderr).toMatch(/DYNO_PROFIL is set but is no variable of dyno\. Did you mean 'DYNO_PROFILE'/);
  });
});

describe('what needs no target', () => {
  it('lists and explains tests', async () => {
    const list = await dynoHere(['test', '--list']);
    expect(list.stdout).toMatch(/^single-tool-latency +\S.*\[performance load\]$/m);
    const explain = await dynoHere(['test', '--explain', 'single-tool-latency'], {
      env: { PERF_AVG_LATENCY_MS: '7' },
    });
    expect(explain.stdout).toMatch(/latency.mean < 7 ms {2}\(PERF_AVG_LATENCY_MS\)/);
    expect(explain.stdout).toMatch(/profile quick[^]*calls = \d+/);
  });

  it('prints values with their origins, and no secret', async () => {
    const run = await dynoHere(['load', '--print-config', '-c', '7', '--bearer', 'tok_4711_secret'], {
      cwd: folder,
      env: { DYNO_DURATION: '3s', DYNO_CONFIG: 'key.yaml' },
    });
    expect(run.code).toBe(104);
    const good = await dynoHere(['load', '--print-config', '-c', '7', '--bearer', 'tok_4711_secret'], {
      env: { DYNO_DURATION: '3s' },
    });
    expect(good.stdout).toMatch(/^connections +7 +--connections$/m);
    expect(good.stdout).toMatch(/^duration +3s +DYNO_DURATION$/m);
    expect(good.stdout).toMatch(/^rate +– +default$/m);
    expect(good.stdout).not.toContain('tok_4711_secret');
  });

  it('says how fit the machine is', async () => {
    const run = await dynoHere(['doctor', '--json']);
    const { facts, checks } = JSON.parse(run.stdout) as {
      facts: { cores: number };
      checks: { name: string; status: string }[];
    };
    expect(facts.cores).toBeGreaterThan(0);
    expect(checks.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['Node.js', 'CPU', 'Clock', 'Timers']),
    );
    expect(run.code).toBe(checks.some(({ status }) => status === 'bad') ? 99 : 0);
  });
});
