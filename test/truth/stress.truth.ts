import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { JsonObject, RunResult, TestResult } from '../../src/core/index.js';
import { dyno, program } from '../cli/run-dyno.js';
import { startBalancer } from '../fixtures/load-balancer.js';
import { availableTruthServers, startTruthServer, type TruthServer } from '../fixtures/truth-servers.js';
import { record } from './truth-run.js';

const { kinds, missing } = availableTruthServers();
for (const what of missing) console.warn(`stress.truth skips ${what}`);

const folder = mkdtempSync(join(tmpdir(), 'dyno-stress-truth-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

let server: TruthServer | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

const start = async (kind: Parameters<typeof startTruthServer>[0], knobs: string[]) =>
  (server = await startTruthServer(kind, knobs));
const stdio = (...knobs: string[]) => ['--', process.execPath, program, 'serve', '--stdio', ...knobs];
const round = (value: number) => Number(value.toPrecision(4));

/** One test of the suite as users run it, with parameters from a config file. */
async function measured(id: string, parameters: JsonObject, where: string[]) {
  const config = join(folder, `${id}.json`);
  writeFileSync(config, JSON.stringify({ tests: { [id]: parameters } }));
  const flags = ['--profile', 'full', '--tool', 'get_inventory', '--json', '--quiet'];
  const run = await dyno(['test', '--only', id, ...flags, ...where], { env: { DYNO_CONFIG: config } });
  const [test] = (JSON.parse(run.stdout) as RunResult).tests;
  const value = (name: string) => test!.metrics[name]?.value ?? NaN;
  return { code: run.code, test: test!, value };
}

/** Again, up to three times in all, while the machine disturbs the measuring by the generator's own account. */
async function undisturbed<T extends { test: TestResult }>(run: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const result = await run();
    if (result.test.generator?.limited !== true || attempt === 3) return result;
  }
}

/** What 8 slots carry at the service time that the server really had, by its own count. */
async function possibleRate(truth: TruthServer): Promise<number> {
  const { service } = await truth.stats();
  return (8 * 1000) / (service.sumMs / service.count);
}

describe.each(kinds.filter((kind) => kind !== 'independent'))('8 slots of 10 ms (%s)', (kind) => {
  const knobs = ['--slots', '8', '--service-time', '10ms'];

  it('best throughput and knee', { timeout: 200_000 }, async () => {
    const truth = await start(kind, knobs);
    const parameters = { levels: [1, 2, 5, 10, 20, 50, 100], duration: 3000, refine: 3 };
    const { value } = await undisturbed(() => measured('max-throughput', parameters, [truth.url]));
    const possible = await possibleRate(truth);
    record({
      claim: '8 slots of 10 ms: best throughput (max-throughput)',
      server: kind,
      truth: `${round(possible)}/s`,
      measured: `${round(value('capacity.max_throughput'))}/s`,
      tolerance: '5 %',
    });
    record({
      claim: 'the same: knee',
      server: kind,
      truth: '8 in flight',
      measured: `${round(value('capacity.knee_concurrency'))} in flight`,
      tolerance: '1',
    });
    expect(Math.abs(value('capacity.max_throughput') / possible - 1)).toBeLessThanOrEqual(0.05);
    expect(Math.abs(value('capacity.knee_concurrency') - 8)).toBeLessThanOrEqual(1);
  });

  it('the highest rate that holds p99 < 50 ms', { timeout: 400_000 }, async () => {
    const truth = await start(kind, knobs);
    const parameters = {
      p99: 50,
      levels: [1, 20],
      duration: 1000,
      refine: 0,
      probe: 3000,
      tolerance: 0.03,
      budget: 150_000,
    };
    const { test, value } = await measured('capacity', parameters, [truth.url]);
    const possible = await possibleRate(truth);
    const slo = test.details?.['slo'] as { interval: [number, number]; probes: unknown[]; ended: string };
    record({
      claim: `8 slots of 10 ms: highest rate of constant arrivals with p99 < 50 ms (${slo.probes.length} probes)`,
      server: kind,
      truth: `${round(possible)}/s`,
      measured: `${round(value('capacity.slo_rate'))}/s, not at ${round(slo.interval[1])}`,
      tolerance: '5 %: the edge is bisected to 3 %',
    });
    expect(slo.ended).toBe('edge');
    expect(Math.abs(value('capacity.slo_rate') / possible - 1)).toBeLessThanOrEqual(0.05);
  });
});

it('a scalability law with 2 % noise', { timeout: 250_000 }, async () => {
  const law = { lambda: 50, sigma: 0.05, kappa: 0.0005 };
  const truth = await start('reference', ['--scalability', '50,0.05,0.0005,2%']);
  const parameters = {
    levels: [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 80, 100, 130],
    duration: 4000,
    refine: 0,
  };
  const { value } = await undisturbed(() => measured('max-throughput', parameters, [truth.url]));
  for (const [name, known] of Object.entries(law)) {
    record({
      claim: `a server that scales by a law with 2 % noise: ${name}`,
      server: 'reference',
      truth: String(known),
      measured: String(round(value(`usl.${name}`))),
      tolerance: '10 %',
    });
    expect(Math.abs(value(`usl.${name}`) / known - 1)).toBeLessThanOrEqual(0.1);
  }
});

it('a limit of 37 sessions', { timeout: 60_000 }, async () => {
  const truth = await start('reference', ['--session-limit', '37', '--protocol', 'session']);
  const { test, value } = await measured('max-connections', { connections: 200 }, [truth.url]);
  const { sessions } = await truth.stats();
  record({
    claim: 'a limit of 37 sessions: held, and left afterwards (max-connections)',
    server: 'reference',
    truth: '37, 0 left',
    measured: `${value('capacity.max_connections')}, ${sessions.opened - sessions.ended} left`,
    tolerance: 'none',
  });
  expect([value('capacity.max_connections'), sessions.opened - sessions.ended]).toEqual([37, 0]);
  expect(test.reason).toMatch(/503/);
});

it('a start delay of 1.5 s', { timeout: 120_000 }, async () => {
  const p50 = async (...knobs: string[]) =>
    (await measured('cold-start', { starts: 9 }, stdio(...knobs))).value('cold_start.p50');
  const without = await p50();
  const delayed = await p50('--start-delay', '1.5s');
  record({
    claim: 'a start delay of 1.5 s: how much higher the p50 of cold starts is',
    server: 'reference',
    truth: '1500 ms',
    measured: `${round(delayed - without)} ms (${round(without)} to ${round(delayed)} ms)`,
    tolerance: '50 ms',
  });
  expect(Math.abs(delayed - without - 1500)).toBeLessThanOrEqual(50);
});

it('one slow call: a single thread, and a concurrent server', { timeout: 60_000 }, async () => {
  const held = async (...knobs: string[]) =>
    (await measured('serialization', {}, ['--tool', 'slow_report', ...stdio(...knobs)])).value(
      'serialization.held',
    );
  const serial = await held('--single-threaded-slow-tool');
  const concurrent = await held();
  record({
    claim: 'one slow call: share of its remaining time that quick calls wait (single thread; concurrent)',
    server: 'reference',
    truth: '1; 0',
    measured: `${round(serial)}; ${round(concurrent)}`,
    tolerance: 'above 0.8; below 0.25',
  });
  expect(serial).toBeGreaterThan(0.8);
  expect(concurrent).toBeLessThan(0.25);
});

it('9 kB leaked per session, and none', { timeout: 200_000 }, async () => {
  const parameters = { sessions: 12_000, abandoned: 1000, duration: 16_000 };
  const leaking = await start('reference', ['--leak-bytes-per-session', '9kB', '--protocol', 'session']);
  const found = await measured('session-churn', parameters, [leaking.url]);
  await leaking.stop();
  const clean = await start('reference', ['--protocol', 'session']);
  const none = await measured('session-churn', parameters, [clean.url]);
  const perSession = found.value('leak.bytes_per_session');
  record({
    claim: 'a server that leaks 9 kB per session (session-churn)',
    server: 'reference',
    truth: '9 kB',
    measured: `${round(perSession / 1000)} kB`,
    tolerance: '25 %',
  });
  record({
    claim: 'the same, without the leak: verdict',
    server: 'reference',
    truth: 'no leak',
    measured: none.code === 0 ? 'no leak' : (none.test.reason ?? 'failed'),
    tolerance: '–',
  });
  expect([found.code, found.test.status]).toEqual([99, 'fail']);
  expect(Math.abs(perSession / 9000 - 1)).toBeLessThanOrEqual(0.25);
  expect(none.code).toBe(0);
});

it(
  'sessions that survive their DELETE, and a session between two replicas',
  { timeout: 200_000 },
  async () => {
    const parameters = { deletes: 100, connections: 200, resumes: 0, sessions: 0 };
    const ignoring = await start('reference', ['--leak-sessions', '--protocol', 'session']);
    const left = await measured('session-lab', parameters, [ignoring.url]);
    await ignoring.stop();
    const ending = await start('reference', ['--protocol', 'session']);
    const none = await measured('session-lab', parameters, [ending.url]);
    const other = await startTruthServer('reference', ['--protocol', 'session']);
    const balancer = await startBalancer([ending.url, other.url]);
    const between = await measured('session-lab', parameters, [balancer.url]);
    balancer.close();
    await other.stop();
    const survive = (of: typeof left) => `${round(100 * of.value('leak.sessions_per_open'))} %`;
    const claim = 'sessions that survive their DELETE (session-lab)';
    record({ claim, server: 'reference', truth: '100 %', measured: survive(left), tolerance: 'none' });
    record({ claim, server: 'reference', truth: '0 %', measured: survive(none), tolerance: 'none' });
    const refused = between.value('replicas.refused_share');
    record({
      claim: 'fresh connections refused with one session on two replicas without stickiness (session-lab)',
      server: 'reference',
      truth: '50 %',
      measured: `${round(100 * refused)} %`,
      tolerance: '1 %',
    });
    expect([left.code, none.code, between.code]).toEqual([99, 0, 99]);
    expect(left.test.reason).toMatch(/sessions: 100 of 100 still answer after their DELETE/);
    expect(none.value('leak.sessions_per_open')).toBe(0);
    expect(Math.abs(refused - 0.5)).toBeLessThanOrEqual(0.01);
  },
);
