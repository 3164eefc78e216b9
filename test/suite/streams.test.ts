import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, expect, it } from 'vitest';
import type { OperationPlan } from '../../src/plan/load-plan.js';
import { openBench, type OpenedBench } from '../../src/suite/index.js';
import type { TargetSpec } from '../../src/target/index.js';
import { runDyno, scratch } from '../fixtures/run-dyno.js';
import { runSuiteTest } from '../fixtures/run-suite-test.js';

const program = fileURLToPath(new URL('../../bin/dyno.js', import.meta.url));

const getInventory: OperationPlan = {
  name: 'tools/call get_inventory',
  method: 'tools/call',
  tool: 'get_inventory',
  weight: 1,
  params: [{ name: 'get_inventory', arguments: { item_id: 'ITEM001' } }],
};

const folder = scratch();
afterAll(folder.remove);

let bench: OpenedBench | undefined;
afterEach(async () => {
  await bench?.close();
  bench = undefined;
});

async function runOn(spec: TargetSpec, protocol: '2025-11-25' | '2026-07-28' = '2025-11-25') {
  bench = await openBench({
    spec,
    startTimeoutMs: 20_000,
    pid: 'auto',
    protocol,
  });
  await bench.ready();
  const { result } = await runSuiteTest(bench, 'streams', {
    parameters: { streams: 24, steps: 4, duration: 400 },
    operations: [getInventory],
    defaults: { timeoutMs: 10_000 },
  });
  return { result, value: (name: string) => result.metrics[name]?.value };
}

it.each(['2025-11-25', '2026-07-28'] as const)(
  'holds streams of revision %s and times their events',
  async (version) => {
    const { result, value } = await runOn(
      { kind: 'reference', transport: 'http', args: ['--tick', '50ms'] },
      version,
    );
    expect(result.status, result.reason).toBe('pass');
    expect(value('streams.opened')).toBe(24);
    expect(value('streams.held')).toBe(24);
    expect(value('streams.dropped')).toBe(0);
    expect(value('streams.gaps')).toBe(0);
    expect(value('streams.events')).toBeGreaterThan(24);
    expect(value('stream_open.p50')).toBeGreaterThan(0);
    expect(value('first_event.p50')).toBeGreaterThan(0);
    expect(value('event_latency.p50')).toBeGreaterThanOrEqual(0);
    expect(result.metrics['streams.bytes_per_stream']?.ci95).toBeDefined();
    expect(value('streams.latency_shift')).toEqual(expect.any(Number));
  },
);

it('fails where events are lost and come twice, and says how many', async () => {
  const { result } = await runOn({
    kind: 'reference',
    transport: 'http',
    args: ['--tick', '20ms', '--lose-ticks', '10%', '--repeat-ticks', '10%'],
  });
  expect(result.status).toBe('fail');
  expect(result.reason).toMatch(/\d+ events were lost; \d+ events came twice/);
});

it('tells a limit on streams by its reason', async () => {
  const { result, value } = await runOn({
    kind: 'reference',
    transport: 'http',
    args: ['--stream-limit', '10'],
  });
  expect(result.status, result.reason).toBe('pass');
  expect(value('streams.opened')).toBe(10);
  expect(result.reason).toContain('HTTP 503');
});

it('is skipped where there are no streams', async () => {
  const { result } = await runOn({ kind: 'reference', transport: 'http', args: ['--no-sessions'] });
  expect(result).toMatchObject({ status: 'skipped', reason: expect.stringContaining('HTTP 405') as string });
  await bench?.close();
  const stdio = await runOn({ kind: 'reference', transport: 'stdio', args: [] });
  expect(stdio.result).toMatchObject({
    status: 'skipped',
    reason: expect.stringContaining('stdio') as string,
  });
});

it('dyno load --streams holds streams and tells of them; without streams it is a wrong call', async () => {
  const held = await runDyno(['load', '--streams', '12', '-d', '1s', '-c', '2', '--json'], {
    cwd: folder.path,
  });
  expect(held.code, held.err).toBe(0);
  const [test] = (JSON.parse(held.out) as { tests: { metrics: Record<string, { value: number }> }[] }).tests;
  expect(test!.metrics['streams.opened']!.value).toBe(12);
  expect(test!.metrics['streams.dropped']!.value).toBe(0);
  const stdio = await runDyno(
    ['load', '--streams', '2', '-n', '1', '--', process.execPath, program, 'serve', '--stdio'],
    {
      cwd: folder.path,
    },
  );
  expect(stdio.code).toBe(104);
  expect(stdio.said).toContain('--streams: over stdio there is one pipe');
});
