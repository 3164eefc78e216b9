import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunResult } from '../../src/core/index.js';
import { dyno, program } from './run-dyno.js';

const schema = JSON.parse(
  readFileSync(new URL('../../schema/dyno.run.1.json', import.meta.url), 'utf8'),
) as object;
let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dyno-runs-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** A stdio reference server with knobs. */
const reference = (...knobs: string[]) => ['--', process.execPath, program, 'serve', '--stdio', ...knobs];
const echo = ['--tool', 'get_inventory', '--args', '{"item_id":"ITEM001"}'];

describe('dyno load', () => {
  it('prints one dyno.run/1 document with --json, and nothing else on stdout', async () => {
    const out = join(folder, 'report.json');
    const run = await dyno(['load', '-n', '150', '--json', '-o', `json=${out}`, ...echo, ...reference()]);
    expect(run.code).toBe(0);
    expect(run.stdout.trimEnd()).not.toContain('\n');
    const result = JSON.parse(run.stdout) as RunResult;
    const ajv = new Ajv2020({ allErrors: true });
    (addFormats as unknown as (ajv: Ajv2020) => void)(ajv);
    const validate = ajv.compile(schema);
    expect([validate(result), validate.errors]).toEqual([true, null]);
    expect(result.tests[0]!.metrics['calls.ok']!.value).toBe(150);
    expect(JSON.parse(readFileSync(out, 'utf8'))).toEqual(result);
    expect(result.plan['operations']).toEqual([
      { name: 'tools/call get_inventory', weight: 1, arguments: [{ item_id: 'ITEM001' }], sets: 1 },
    ]);
  });

  it('tells what is wrong with arguments before it calls', async () => {
    const run = await dyno(['load', '--tool', 'get_inventory', '--args', '{"item":"x"}', ...reference()]);
    expect(run.code).toBe(104);
    expect(run.stderr).toMatch(/Expected --args to fit the schema of get_inventory: item_id is missing/);
  });

  it('ends at once when a threshold with --abort-on-fail breaks, and fails', async () => {
    const run = await dyno([
      'load',
      '-d',
      '60s',
      '-c',
      '2',
      '--threshold',
      'p50 < 1us',
      '--abort-on-fail',
      '300ms',
      '--json',
      ...echo,
      ...reference(),
    ]);
    expect(run.code).toBe(99);
    const result = JSON.parse(run.stdout) as RunResult;
    expect(result.durationMs).toBeLessThan(30_000);
    expect(result.warnings.join()).toMatch(/p50 < 1us failed after \d+ ms, so the run was ended/);
  });
});

describe('exit codes', () => {
  it.each<[string, number, string[], string[]]>([
    ['0: everything holds', 0, ['--threshold', 'p50 < 1h', '--threshold', 'success_rate >= 100%'], []],
    ['99: a threshold fails', 99, ['--threshold', 'calls.ok > 40'], []],
    [
      '99: every call fails, though too few to say more',
      99,
      ['--threshold', 'p99 < 1h'],
      ['--fail', 'rpc=100%'],
    ],
    ['112: too few calls to say', 112, ['--threshold', 'p99 < 1h'], []],
    ['0: the same, if that is all right', 0, ['--threshold', 'p99 < 1h', '--allow-inconclusive'], []],
  ])('%s', async (_what, code, flags, knobs) => {
    const run = await dyno([
      'load',
      '-n',
      '40',
      '-c',
      '1',
      '--json',
      '--quiet',
      ...flags,
      ...echo,
      ...reference(...knobs),
    ]);
    const { tests, verdict } = JSON.parse(run.stdout) as RunResult;
    // On a busy machine the generator itself may be the limit: then a failed threshold decides nothing.
    const spoiled = tests[0]!.generator!.limited && flags.includes('calls.ok > 40');
    expect([run.code, run.stderr]).toEqual([spoiled ? 112 : code, '']);
    expect(verdict.exitCode).toBe(run.code);
  });

  it.each<[string, string[], RegExp]>([
    ['a refused port', ['http://127.0.0.1:1/mcp'], /http:\/\/127.0.0.1:1\/mcp/],
    ['no such program', ['--', '/no/such/program'], /no program '\/no\/such\/program'/],
    [
      'a program that dies',
      ['--', process.execPath, '-e', 'console.error("out of luck"); process.exit(3)'],
      /exit code 3[^]*out of luck/,
    ],
  ])('111: %s', async (_what, target, message) => {
    const run = await dyno(['load', ...target]);
    expect(run.code).toBe(111);
    expect(run.stderr).toMatch(message);
    expect(run.stderr).not.toMatch(/^\s+at /m);
  });

  it('105: stopped, with the results so far, also when a threshold fails', async () => {
    let sent = false;
    const run = await dyno(
      ['load', '-d', '60s', '-c', '2', '--threshold', 'p50 < 1us', '--json', ...echo, ...reference()],
      {
        onStderr: (text, signal) => {
          if (sent || !text.includes('in flight')) return;
          sent = true;
          setTimeout(() => {
            signal('SIGINT');
          }, 300);
        },
      },
    );
    expect(run.code).toBe(105);
    const result = JSON.parse(run.stdout) as RunResult;
    expect(result.tests[0]!.metrics['calls.ok']!.value).toBeGreaterThan(0);
    expect(result.verdict.exitCode).toBe(105);
    expect(run.stderr).toContain('Stopping');
  });

  it('1: a result that cannot be kept is printed all the same', async () => {
    writeFileSync(join(folder, 'file'), '');
    const run = await dyno(['load', '-n', '20', '--run-dir', join(folder, 'file'), ...echo, ...reference()]);
    expect(run.code).toBe(1);
    expect(run.stderr).toMatch(/run file cannot be written[^]*--run-dir/);
    expect(run.stdout).toMatch(/^PASS/);
  });
});

describe('dyno test', () => {
  it('takes a target without its name, runs what is asked for and keeps a run file', async () => {
    const run = await dyno([
      '--only',
      'single-tool-latency',
      '--profile',
      'smoke',
      '--run-dir',
      folder,
      ...reference(),
    ]);
    expect(run.code).toBe(0);
    expect(run.stdout).toMatch(/✓ single-tool-latency +mean .* limits 100 \/ 200/);
    const [id] = readdirSync(folder).filter((name) => existsSync(join(folder, name, 'run.json.gz')));
    expect(run.stdout).toContain(join(folder, id!));
  });

  it('fails on a limit of the environment, with value and limit', async () => {
    const run = await dyno(
      ['test', '--only', 'test_single_tool_execution_latency', '--profile', 'smoke', ...reference()],
      {
        env: { PERF_AVG_LATENCY_MS: '0.000001' },
      },
    );
    expect(run.code).toBe(99);
    expect(run.stdout).toMatch(
      /latency.mean [\d.]+ ms +limit < 0 ms|latency.mean [\d.]+ ms +limit < [\d.e-]+ ms/,
    );
    expect(run.stdout).toContain('PERF_AVG_LATENCY_MS');
  });
});

describe('dyno call', () => {
  it('prints the answer on stdout and the time on stderr', async () => {
    const run = await dyno(['call', 'get_inventory', 'item_id=ITEM001', ...reference()]);
    expect(run.code).toBe(0);
    expect(run.stdout).toContain('ITEM001');
    expect(run.stderr).toMatch(/^ok {2}[\d.]+ ms\n$/);
  });

  it('ends with 99 on isError, and prints JSON', async () => {
    const run = await dyno(['call', '--json', 'get_inventory', '{"item_id":5}', ...reference()]);
    expect(run.code).toBe(99);
    expect(JSON.parse(run.stdout)).toMatchObject({
      tool: 'get_inventory',
      arguments: { item_id: 5 },
      outcome: 'tool',
    });
    expect(run.stderr).toMatch(/schema of get_inventory says: item_id must be string/);
  });

  it('names the nearest tool', async () => {
    const run = await dyno(['call', 'get_inventry', ...reference()]);
    expect(run.code).toBe(104);
    expect(run.stderr).toMatch(/no tool 'get_inventry'[^]*Did you mean 'get_inventory'/);
  });
});

describe('streams', () => {
  it('may be closed by whoever reads them', async () => {
    const child = spawn(process.execPath, [program, 'tools', '--json', ...reference('--catalogue', '3000')], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.stdout.once('data', () => child.stdout.destroy());
    const code = await new Promise((resolve) => child.once('close', resolve));
    expect([code, stderr]).toEqual([0, '']);
  });

  it('hold no secret, wherever it was given and whatever the server says of it', async () => {
    const secret = 'hunter2-s3cr3t-4711';
    const files = mkdtempSync(join(tmpdir(), 'dyno-secret-'));
    const env = { DYNO_RUN_DIR: files, DYNO_LOG_LEVEL: 'debug', API_TOKEN: secret };
    // The reference server says the whole environment and command line back in a failing answer.
    const server = [
      '-e',
      `process.stderr.write('key ${secret}'); process.stdout.write('${secret}\\n'); setTimeout(() => process.exit(3), 100)`,
    ];
    const runs = [
      await dyno(['load', '--env', `API_KEY=${secret}`, '--', process.execPath, ...server], { env }),
      await dyno(
        [
          'tools',
          '-H',
          `Authorization: Bearer ${secret}`,
          `http://user:${secret}@127.0.0.1:1/?token=${secret}`,
        ],
        { env },
      ),
      await dyno(['load', '--bearer', secret, '--print-config', 'http://127.0.0.1:1/'], { env }),
      await dyno(
        [
          'load',
          '-n',
          '5',
          '--json',
          '--env',
          `API_KEY=${secret}`,
          ...echo,
          ...reference('--fail', 'tool=100%'),
          '--seed',
          '1',
        ],
        { env },
      ),
      await dyno(['load', '--', process.execPath, '-e', 'process.exit(1)', '--api-key', secret], { env }),
    ];
    for (const { stdout, stderr } of runs) expect(stdout + stderr).not.toContain(secret);
    for (const id of readdirSync(files))
      expect(gunzipSync(readFileSync(join(files, id, 'run.json.gz'))).toString()).not.toContain(secret);
    rmSync(files, { recursive: true });
  });
});
