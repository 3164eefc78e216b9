import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { JsonObject, RunResult, TestResult } from '../../src/core/index.js';
import { dyno, program } from '../cli/run-dyno.js';
import { startTruthServer } from '../fixtures/truth-servers.js';
import { record } from './truth-run.js';

/** The result of one test of the suite. */
async function run(
  id: string,
  profile: 'smoke' | 'quick' | 'full',
  target: readonly string[],
  parameters: JsonObject = {},
): Promise<TestResult> {
  const folder = mkdtempSync(join(tmpdir(), 'dyno-memory-'));
  try {
    const config = join(folder, 'config.json');
    writeFileSync(config, JSON.stringify({ tests: { [id]: parameters } }));
    const flags = ['--only', id, '--profile', profile, '--json', '--quiet', '--tool', 'get_inventory'];
    const { stdout, stderr } = await dyno(['test', ...flags, ...target], { env: { DYNO_CONFIG: config } });
    if (stdout === '') throw new Error(stderr);
    return (JSON.parse(stdout) as RunResult).tests[0]!;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The bundled server over stdio; a small young generation keeps V8's own growth out of the question. */
const stdio = (...knobs: string[]) => [
  '--',
  process.execPath,
  '--max-semi-space-size=2',
  program,
  'serve',
  '--stdio',
  ...knobs,
];

const value = (test: TestResult, metric: string) => test.metrics[metric]?.value ?? NaN;
const verdictOf = (test: TestResult, resource: string) =>
  (test.details?.['leaks'] as JsonObject[] | undefined)?.find((leak) => leak['resource'] === resource)?.[
    'verdict'
  ];

describe('leaks', () => {
  it('of 2 kB per call are found in the quick profile', { timeout: 120_000 }, async () => {
    const test = await run('leak-detection', 'quick', stdio('--keep-bytes', '2000'));
    const found = value(test, 'leak.bytes_per_call');
    record({
      claim: 'memory kept per call, quick profile',
      server: 'reference',
      truth: '2000 bytes',
      measured: `${Math.round(found)} bytes`,
      tolerance: '25 %: the heap of the server grows beside it',
    });
    expect(verdictOf(test, 'memory')).toBe('leaking');
    expect(Math.abs(found - 2000)).toBeLessThan(500);
  });

  it('of 200 bytes per call are found in the full profile', { timeout: 400_000 }, async () => {
    const test = await run('leak-detection', 'full', stdio('--keep-bytes', '200'), { maxDuration: 120_000 });
    const found = value(test, 'leak.bytes_per_call');
    record({
      claim: 'memory kept per call, full profile',
      server: 'reference',
      truth: '200 bytes',
      measured: `${Math.round(found)} bytes`,
      tolerance: '50 %: found, and near',
    });
    expect(verdictOf(test, 'memory')).toBe('leaking');
    expect(Math.abs(found - 200)).toBeLessThan(100);
  });

  it('are not seen where 200 kB per call are allocated and dropped', { timeout: 900_000 }, async () => {
    const verdicts: unknown[] = [];
    for (let i = 0; i < 20; i++) {
      const test = await run('leak-detection', 'quick', stdio('--churn-bytes', '200KB'));
      verdicts.push(test.status === 'pass' ? verdictOf(test, 'memory') : test.reason);
    }
    const clean = verdicts.filter((verdict) => verdict === 'clean').length;
    record({
      claim: '200 kB allocated and dropped per call, 20 quick runs: clean',
      server: 'reference',
      truth: '20 of 20',
      measured: `${clean} of 20`,
      tolerance: 'none',
    });
    expect(verdicts).toEqual(Array(20).fill('clean'));
  });

  it('of descriptors and sessions are named with their rates', { timeout: 120_000 }, async () => {
    const server = await startTruthServer('reference', [
      '--leak-fds',
      '--leak-sessions',
      '--service-time',
      '5ms',
      '--protocol',
      'session',
    ]);
    const parameters = { inFlight: 1, duration: 4000, maxDuration: 4000 };
    const test = await run('leak-detection', 'quick', [server.url], parameters);
    await server.stop();
    for (const [claim, metric] of [
      ['file descriptors left per call', 'leak.fds_per_call'],
      ['sessions left per open and close', 'leak.sessions_per_open'],
    ] as const) {
      const found = value(test, metric);
      record({
        claim,
        server: 'reference',
        truth: '1',
        measured: String(Number(found.toPrecision(3))),
        tolerance: '5 %: the moment of a look is not that of a count',
      });
      expect(Math.abs(found - 1)).toBeLessThan(0.05);
    }
  });
});

it('keeps the generator small with 10,000 calls at once', { timeout: 120_000 }, async () => {
  const server = await startTruthServer('reference');
  for (const [name, target] of [
    ['stdio', stdio()],
    ['HTTP', [server.url]],
  ] as const) {
    const test = await run('extreme-load-memory', 'quick', target);
    record({
      claim: `10,000 calls at once over ${name}: memory of the generator above its base`,
      server: 'reference',
      truth: '–',
      measured: `${Math.round(value(test, 'generator.rss.increase'))} MB`,
      tolerance: 'under 150 MB',
    });
    expect(value(test, 'calls.ok')).toBe(10_000);
    expect(value(test, 'generator.rss.increase')).toBeLessThan(150);
  }
  await server.stop();
});

it('tells a server that computes from one that waits as long', { timeout: 120_000 }, async () => {
  for (const [truth, knobs] of [
    ['cpu', ['--spin']],
    ['waiting', []],
  ] as const) {
    const test = await run('single-tool-latency', 'quick', stdio('--service-time', '20ms', ...knobs));
    const cpu = test.details?.['cpu'] as JsonObject;
    record({
      claim: `20 ms a call, ${truth === 'cpu' ? 'spinning' : 'sleeping'}: where its time goes`,
      server: 'reference',
      truth,
      measured: `${String(cpu['bound'])} (${value(test, 'target.cpu.ms_per_call').toFixed(1)} ms CPU per call)`,
      tolerance: 'none',
    });
    expect(cpu['bound']).toBe(truth);
  }
});
