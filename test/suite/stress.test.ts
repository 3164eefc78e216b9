import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { isJsonObject, type JsonObject, type RunResult, type TestResult } from '../../src/core/index.js';
import { dyno, program, type DynoRun } from '../cli/run-dyno.js';
import { startTruthServer, type TruthServer } from '../fixtures/truth-servers.js';

const folder = mkdtempSync(join(tmpdir(), 'dyno-stress-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

let server: TruthServer | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

const start = async (...knobs: string[]) => (server = await startTruthServer('reference', knobs));
const stdio = (...knobs: string[]) => ['--', process.execPath, program, 'serve', '--stdio', ...knobs];
const resultOf = (run: DynoRun) => JSON.parse(run.stdout) as RunResult;
const flags = ['--profile', 'smoke', '--json', '--quiet'];

/** A config file that sets parameters of tests. */
function configured(tests: JsonObject): { env: Record<string, string> } {
  const file = join(folder, `${Math.random().toString(36).slice(2)}.json`);
  writeFileSync(file, JSON.stringify({ tests }));
  return { env: { DYNO_CONFIG: file } };
}

/** One test of the suite on a target; `where` is a URL, or a command after `--`. */
async function run(id: string, where: string[], options: Parameters<typeof dyno>[1] = {}) {
  const done = await dyno(['test', '--only', id, ...flags, ...where], options);
  const result = resultOf(done);
  expect(done.code).toBe(result.verdict.exitCode);
  const test = result.tests.find((one) => one.id === id)!;
  return { code: done.code, result, test, value: (name: string) => test.metrics[name]?.value };
}

const detailsOf = (test: TestResult, name: string): JsonObject => {
  const found = test.details?.[name];
  if (!isJsonObject(found)) throw new Error(`no details.${name}`);
  return found;
};

describe('max-connections', () => {
  it('counts a limit of 37 sessions exactly, says why it ended, and leaves none', async () => {
    const truth = await start('--session-limit', '37', '--protocol', 'session');
    const { code, test, value } = await run(
      'max-connections',
      [truth.url],
      configured({ 'max-connections': { connections: 60 } }),
    );
    expect(code).toBe(0);
    expect(value('capacity.max_connections')).toBe(37);
    expect(test.reason).toMatch(/37 sessions held at once: the next one was refused \(.*503/);
    expect(value('sessions.left')).toBe(0);
    const { sessions } = await truth.stats();
    expect(sessions.opened - sessions.ended).toBe(0);
    expect(sessions.opened).toBeGreaterThanOrEqual(37);
  });

  it('counts held sockets in the stateless era', async () => {
    const truth = await start('--connection-limit', '14', '--protocol', 'stateless');
    const { code, test, value } = await run('max-connections', [truth.url]);
    expect(code).toBe(0);
    expect(value('capacity.max_connections')).toBe(14);
    expect(test.reason).toMatch(/14 connections held at once: the next one was refused/);
    expect(Object.keys(test.operations)[0]).toMatch(/^tools\/call/);
  });

  it('holds processes over stdio', async () => {
    const limited = configured({ 'max-connections': { processes: 2 } });
    const { test, value } = await run('max-connections', stdio(), limited);
    expect(value('capacity.max_connections')).toBe(2);
    // Two were asked for, and more may be possible: the limit of ten is undecided, not missed.
    expect(test.thresholds).toMatchObject([
      { name: 'PERF_MIN_CONCURRENT_CONNECTIONS', status: 'inconclusive' },
    ]);
    expect(test.status).toBe('inconclusive');
  });

  it('misses PERF_MIN_CONCURRENT_CONNECTIONS, and it alone, where a server refuses early', async () => {
    const truth = await start('--session-limit', '5', '--protocol', 'session');
    const { code, test } = await run('max-connections', [truth.url]);
    expect(code).toBe(99);
    expect(test.thresholds.filter(({ status }) => status === 'fail').map(({ name }) => name)).toEqual([
      'PERF_MIN_CONCURRENT_CONNECTIONS',
    ]);
  });

  it('fails a server whose sessions survive DELETE', async () => {
    const truth = await start('--leak-sessions', '--protocol', 'session');
    const { code, test } = await run('max-connections', [truth.url]);
    expect(code).toBe(99);
    expect(test.reason).toBe('20 of 20 sessions still answer after DELETE');
  });
});

describe('max-throughput', () => {
  it('misses PERF_MIN_MAX_THROUGHPUT, and it alone, where a server is slow', async () => {
    const where = ['--tool', 'get_inventory', ...stdio('--slots', '1', '--service-time', '25ms')];
    const { code, test, value } = await run('max-throughput', where);
    // A generator that the machine kept waiting leaves it undecided.
    expect(code).toBe(test.generator?.limited === true ? 112 : 99);
    expect(test.thresholds.filter(({ status }) => status !== 'pass').map(({ name }) => name)).toEqual([
      'PERF_MIN_MAX_THROUGHPUT',
    ]);
    expect(value('capacity.max_throughput')).toBeLessThan(45);
    expect((test.details?.['levels'] as JsonObject[]).map((level) => level['in_flight'])).toEqual([
      1, 10, 50,
    ]);
    expect(test.notJudged.join()).toMatch(/scalability law: 3 levels measured, 6 needed/);
  });

  it('keeps what it measured when it is stopped', async () => {
    const long = configured({ 'max-throughput': { levels: [1, 2, 3, 4, 5, 6, 7, 8], duration: 1200 } });
    const done = await dyno(['test', '--only', 'max-throughput', '--json', ...stdio()], {
      ...long,
      onStderr: once(/max-throughput/, (signal) => {
        setTimeout(() => {
          signal('SIGINT');
        }, 3000);
      }),
    });
    expect(done.code).toBe(105);
    const [test] = resultOf(done).tests;
    expect(test!.metrics['capacity.max_throughput']?.value).toBeGreaterThan(0);
    expect(test!.notes.join()).toMatch(/raised no further: the run was stopped/);
  });
});

/** Sends a signal when stderr first says so. */
function once(pattern: RegExp, act: (signal: (name: NodeJS.Signals) => void) => void) {
  let done = false;
  return (text: string, signal: (name: NodeJS.Signals) => void) => {
    if (done || !pattern.test(text)) return;
    done = true;
    act(signal);
  };
}

describe('capacity', () => {
  it('searches the edge between what holds and what does not', async () => {
    const truth = await start('--slots', '8', '--service-time', '5ms');
    const config = configured({
      capacity: { p99: 50, levels: [1, 8], duration: 200, budget: 6000, maxRate: 600 },
    });
    const { test, value } = await run('capacity', ['--tool', 'get_inventory', truth.url], config);
    const slo = detailsOf(test, 'slo');
    expect(slo).toMatchObject({ objective_ms: 50, percentile: 'p99', arrivals: 'constant' });
    expect((slo['probes'] as JsonObject[]).length).toBeGreaterThan(0);
    // Eight slots of 5 ms carry 1,600 calls/s: what holds is where the probing ends, or less on a busy machine.
    expect(value('capacity.slo_rate') ?? 0).toBeLessThanOrEqual(600);
    expect(value('capacity.knee_concurrency')).toBeGreaterThanOrEqual(1);
  });

  const overwhelmed = fileURLToPath(new URL('../fixtures/servers/overwhelmed.mjs', import.meta.url));
  const search = async (still: string, budget: number) => {
    const config = configured({ capacity: { p99: 20, levels: [1], duration: 300, budget } });
    const { test } = await run('capacity', ['--', process.execPath, overwhelmed, still], config);
    return { test, probes: detailsOf(test, 'slo')['probes'] as JsonObject[] };
  };

  it('waits until a server answers again that a rate has overwhelmed, and says how long that took', async () => {
    const { test, probes } = await search('10000', 18_000);
    // It stood still for 10 s from somewhere in a probe of at most 5 s on, which is given up 0.6 s after its end; what a
    // busy machine adds to the probe is missing here.
    const recoveries = probes.map((probe) => Number(probe['recovery_ms'] ?? 0));
    expect(Math.max(...recoveries)).toBeGreaterThan(1500);
    expect(test.notes).toContainEqual(
      expect.stringMatching(/^After [\d,.]+ calls\/s it took [\d.]+ s until single calls/),
    );
  });

  it('ends where it does not answer again', async () => {
    const { test, probes } = await search('for-ever', 8000);
    expect(probes.at(-1)).toMatchObject({ recovery_ms: null });
    expect(test.notJudged).toContainEqual(
      expect.stringMatching(
        /^the edge: after [\d,.]+ calls\/s the target did not answer a single call in time/,
      ),
    );
  });
});

describe('serialization', () => {
  const tools = ['--tool', 'get_inventory', '--tool', 'slow_report'];

  it('says that one slow call holds up the others', async () => {
    const { code, test, value } = await run('serialization', [
      ...tools,
      ...stdio('--single-threaded-slow-tool'),
    ]);
    expect(code).toBe(0);
    expect(value('serialization.held')).toBeGreaterThan(0.8);
    expect(test.reason).toMatch(/^one slow call holds up the others/);
  });

  it('says that it does not, in another session and in the same', async () => {
    const truth = await start('--protocol', 'session');
    const { code, test, value } = await run('serialization', [...tools, truth.url]);
    expect(code).toBe(0);
    expect(value('serialization.held')).toBeLessThan(0.25);
    expect((test.details?.['sides'] as JsonObject[]).map((side) => [side['where'], side['verdict']])).toEqual(
      [
        ['in another session', 'concurrent'],
        ['in the same session', 'concurrent'],
      ],
    );
  });
});

describe('cold-start and session-churn', () => {
  it('time starts, and start and stop processes over stdio', async () => {
    const config = configured({
      'cold-start': { starts: 2 },
      'session-churn': { processes: 2, duration: 9000 },
    });
    const where = ['--only', 'session-churn', '--tool', 'get_inventory', ...stdio('--start-delay', '300ms')];
    const { code, result, test, value } = await run('cold-start', where, config);
    expect(code).toBe(0);
    expect(value('cold_start.min')).toBeGreaterThan(300);
    expect(test.details?.['starts_ms']).toHaveLength(2);
    const churn = result.tests.find((one) => one.id === 'session-churn')!;
    expect(churn.reason).toMatch(/^2 processes were started, called and stopped/);
  });

  it('say what does not apply to a URL without sessions', async () => {
    const truth = await start('--protocol', 'stateless');
    const { code, result } = await run('cold-start', ['--only', 'session-churn', truth.url]);
    expect(code).toBe(112);
    expect(result.tests.map(({ id, status, reason }) => [id, status, reason])).toEqual([
      ['cold-start', 'skipped', expect.stringMatching(/given by its URL is not started by dyno/)],
      ['session-churn', 'skipped', 'the stateless era has no sessions'],
    ]);
  });

  it('end every session, abandoned ones too', async () => {
    const truth = await start('--protocol', 'session');
    // Long enough for all of them on a busy machine, too short to judge a leak.
    const config = configured({ 'session-churn': { duration: 4000 } });
    const { code, test, value } = await run('session-churn', ['--tool', 'get_inventory', truth.url], config);
    expect(code).toBe(0);
    const { sessions, calls } = await truth.stats();
    expect(sessions.opened - sessions.ended).toBe(0);
    expect(calls).toBeGreaterThanOrEqual(test.metrics['calls.ok']!.value!);
    expect(sessions.opened).toBeGreaterThan(300);
    // Besides those of the test itself: that of the run, and one that showed that there are sessions.
    expect(sessions.opened - value('sessions.opened')!).toBe(2);
    expect(test.notJudged.join()).toMatch(/leak of ended sessions: memory: \d+ samples under load/);
  });
});

describe('a target that dies in the middle', () => {
  const tools = ['--tool', 'get_inventory', '--tool', 'slow_report'];

  it.each([
    ['max-throughput', '40'],
    ['capacity', '40'],
    ['serialization', '12'],
  ])('ends %s as an error, over stdio', async (id, dieAfter) => {
    const where = [...tools, ...stdio('--die-after', dieAfter, '--slow-report-time', '30ms')];
    const { code, test } = await run(id, where);
    expect([code, test.status]).toEqual([99, 'error']);
  });

  it('ends session-churn as an error, over HTTP', async () => {
    const truth = await start('--die-after', '100', '--protocol', 'session');
    const { code, test } = await run('session-churn', [...tools, truth.url]);
    expect([code, test.status]).toEqual([99, 'error']);
    expect(test.reason).toMatch(/ended|cannot be reached|refused/);
  });
});

it('256 file descriptors are enough for a result', async () => {
  const text = `ulimit -n 256; exec ${process.execPath} ${program} test --only max-connections --only max-throughput --json --quiet`;
  const config = configured({
    'max-throughput': { levels: [1, 500], duration: 200 },
    'max-connections': { connections: 400 },
  });
  const truth = await start();
  const child = spawn('bash', ['-c', `${text} ${truth.url}`], {
    env: { ...process.env, ...config.env, DYNO_RUN_DIR: folder },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (piece: string) => (stdout += piece));
  await new Promise((resolve) => child.once('close', resolve));
  const { tests } = JSON.parse(stdout) as RunResult;
  expect(tests.map(({ id }) => id)).toEqual(['max-connections', 'max-throughput']);
  for (const test of tests) expect([test.reason, ...test.notes].join()).toMatch(/file descriptors/);
});
