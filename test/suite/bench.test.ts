import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { RunResult } from '../../src/core/index.js';
import { readProcess } from '../../src/measure/index.js';
import { openBench, type OpenedBench, type SuiteTest } from '../../src/suite/index.js';
import { runTest } from '../../src/suite/run-test.js';
import type { TargetSpec } from '../../src/target/index.js';
import { dyno, program } from '../cli/run-dyno.js';

const defaults = {
  timeoutMs: 5000,
  gracefulStopMs: 1000,
  startTimeoutMs: 20_000,
  seed: 1,
  workers: 1,
  session: 'shared',
} as const;

async function runOn(spec: TargetSpec, run: SuiteTest['run']) {
  const bench = await openBench({ spec, startTimeoutMs: 20_000, pid: 'auto' });
  await bench.ready();
  const test: SuiteTest = {
    id: 'made-up',
    title: 'A test of the bench',
    tags: [],
    explain: '',
    parameters: {},
    limitMs: () => 20_000,
    run,
  };
  const never = new AbortController().signal;
  const { result } = await runTest({
    bench,
    test,
    profile: 'smoke',
    parameters: {},
    operations: [],
    thresholds: [],
    defaults,
    stop: never,
    abort: never,
  });
  return { bench, result };
}

/** The process that a bench watches. */
function pidOf(bench: Pick<OpenedBench, 'resources'>): number {
  const source = bench.resources([]);
  if (source.kind !== 'processes') throw new Error('no process');
  return source.pids[0];
}

it('gives a test more connections and new instances, and ends what it leaves open', async () => {
  const seen: number[] = [];
  const closed: Promise<unknown>[] = [];
  const { bench, result } = await runOn(
    { kind: 'reference', transport: 'http', args: [] },
    async (context) => {
      expect(context.bench.startable).toBe(true);
      const connection = await context.bench.connect();
      await connection.ping();
      const fresh = await context.bench.fresh();
      await fresh.connection.ping();
      seen.push(pidOf(context.bench), pidOf(fresh));
      closed.push(connection.closed, fresh.connection.closed);
      return {};
    },
  );
  try {
    expect(result, result.reason).toMatchObject({ status: 'pass' });
    await Promise.all(closed);
    const [own, fresh] = seen;
    expect(own).not.toBe(fresh);
    expect(readProcess(own!)).toBeDefined();
    expect(readProcess(fresh!)).toBeUndefined();
  } finally {
    await bench.close();
  }
});

it('starts one more process for each connection over stdio, and ends it with the connection', async () => {
  const pids: number[] = [];
  const { bench, result } = await runOn(
    { kind: 'reference', transport: 'stdio', args: [] },
    async (context) => {
      const connect = async () => {
        const connection = await context.bench.connect();
        const { pid: own } = await connection.request('dyno/stats');
        pids.push(own as number);
        return connection;
      };
      await (await connect()).close();
      expect(readProcess(pids[0]!)).toBeUndefined();
      await connect();
      return {};
    },
  );
  await bench.close();
  expect(result, result.reason).toMatchObject({ status: 'pass' });
  expect(pids[0]).not.toBe(pids[1]);
  expect(readProcess(pids[1]!)).toBeUndefined();
});

it('loads one process again and again over stdio, and another one in the next test', async () => {
  const pids: number[] = [];
  const spec: TargetSpec = { kind: 'reference', transport: 'stdio', args: [] };
  const loadTwice: SuiteTest['run'] = async (context) => {
    const operations = [{ name: 'tools/list', method: 'tools/list', weight: 1, params: [{}] }];
    const executor = { kind: 'shared-iterations', vus: 2, iterations: 20, maxDurationMs: 5000 } as const;
    const first = await context.load({ executor, operations });
    const second = await context.load({ executor, operations });
    for (const { report } of [first, second]) pids.push(...report.pids);
    expect(first.parts.metrics['initialize.mean']).toBeDefined();
    expect([first.parts.failures, second.parts.failures]).toEqual([[], []]);
    expect(second.parts.metrics['calls.ok']?.value).toBe(20);
    return second.parts;
  };
  const { bench, result } = await runOn(spec, loadTwice);
  expect(result, result.reason).toMatchObject({ status: 'pass' });
  const again = await runOn(spec, loadTwice);
  await bench.close();
  await again.bench.close();
  const [first, second, third, fourth] = pids;
  expect([second, fourth]).toEqual([first, third]);
  expect(third).not.toBe(first);
  expect(pids.map((pid) => readProcess(pid))).toEqual(Array(4).fill(undefined));
});

it('loads one process in all tests of a smoke run over stdio, and ends it before what is left is judged', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'dyno-starts-'));
  const starts = join(folder, 'starts');
  try {
    const command = `echo >> "${starts}"; exec "${process.execPath}" "${program}" serve --stdio`;
    const { code, stdout, stderr } = await dyno([
      ...['test', '--profile', 'smoke', '--tool', 'get_inventory', '--json', '--quiet'],
      ...['--only', 'single-tool-latency', '--only', 'concurrent-execution', '--only', 'extreme-load-memory'],
      ...['--', 'sh', '-c', command],
    ]);
    expect(stdout, stderr).not.toBe('');
    const { tests } = JSON.parse(stdout) as RunResult;
    expect([code, ...tests.map(({ status }) => status)]).toEqual([0, 'pass', 'pass', 'pass']);
    // One to be asked for its era, one to be explored, one for all loads.
    expect(readFileSync(starts, 'utf8')).toBe('\n\n\n');
  } finally {
    rmSync(folder, { recursive: true });
  }
}, 60_000);

it('cannot start a URL anew, and says so', async () => {
  const own = await openBench({
    spec: { kind: 'reference', transport: 'http', args: [] },
    startTimeoutMs: 20_000,
    pid: 'none',
  });
  try {
    const { url } = own.target;
    const { bench, result } = await runOn({ kind: 'http', url: url!, headers: {} }, async (context) => {
      expect(context.bench.startable).toBe(false);
      await context.bench.fresh();
      return {};
    });
    await bench.close();
    expect(result).toMatchObject({
      status: 'error',
      reason:
        'A target that is given by its URL cannot be started anew. Give its start command instead: dyno test -- COMMAND.',
    });
  } finally {
    await own.close();
  }
});
