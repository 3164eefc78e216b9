import { afterEach, describe, expect, it } from 'vitest';
import type { TestResult } from '../../src/core/run-result.js';
import { planChain, readChain } from '../../src/plan/chain/index.js';
import type { LoadPlan } from '../../src/plan/load-plan.js';
import { freeLoad, openBench, type OpenedBench } from '../../src/suite/index.js';
import { runTest } from '../../src/suite/run-test.js';
import { toolCaller } from '../../src/suite/tool-caller.js';
import type { TargetSpec } from '../../src/target/index.js';

const open: OpenedBench[] = [];
afterEach(async () => {
  for (const bench of open.splice(0).reverse()) await bench.close();
});

async function opened(spec: TargetSpec, protocol?: string): Promise<OpenedBench> {
  const bench = await openBench({
    spec,
    startTimeoutMs: 30_000,
    pid: 'none',
    ...(protocol === undefined ? {} : { protocol: protocol as '2025-11-25' }),
  });
  open.push(bench);
  return bench;
}

const never = new AbortController().signal;

async function runOn(
  bench: OpenedBench,
  operations: LoadPlan['operations'],
  part: Pick<LoadPlan, 'executor'> & Partial<LoadPlan>,
): Promise<TestResult> {
  const test = freeLoad({ warmup: { kind: 'none' }, ...part });
  const { result } = await runTest({
    bench,
    test,
    profile: 'full',
    parameters: {},
    operations,
    thresholds: [],
    defaults: {
      timeoutMs: 20_000,
      gracefulStopMs: 20_000,
      startTimeoutMs: 30_000,
      seed: 1,
      workers: 1,
      session: 'shared',
    },
    stop: never,
    abort: never,
  });
  return result;
}

async function chainOn(bench: OpenedBench, steps: object[]) {
  const { mix, turn } = await planChain({
    steps: readChain({ kind: 'text', text: JSON.stringify(steps) }, '--chain', '/'),
    what: '--chain',
    tools: bench.tools,
    deny: new Set(),
    seed: 1,
    now: 0,
    saved: new Map(),
    caller: toolCaller(bench.connection, { timeoutMs: 20_000, signal: never }),
  });
  await bench.ready();
  return { operations: mix.operations, turn, warnings: mix.warnings };
}

const steps = [
  { tool: 'search_items', args: { query: 'steel' }, save: { item: '$[0].item_id' } },
  {
    tool: 'get_inventory',
    args: { item_id: '{{item}}' },
    save: { where: 'structuredContent.warehouse_id', 'item-again': '$.item_id' },
  },
  { tool: 'stock_level', args: { item_id: '{{item-again}}', warehouse_id: '{{where}}' } },
];

const value = (result: TestResult, metric: string) => result.metrics[metric]?.value;
const okOf = (result: TestResult) =>
  Object.values(result.operations).map(({ metrics }) => metrics['calls.ok']!.value);

describe('a chain', () => {
  it.each<[string, TargetSpec, string, LoadPlan['session']]>([
    ['stateless HTTP', { kind: 'reference', transport: 'http', args: [] }, '2026-07-28', 'shared'],
    [
      'HTTP that answers in streams, a session a call',
      { kind: 'reference', transport: 'http', args: ['--answer', 'sse'] },
      '2025-11-25',
      'per-call',
    ],
    ['stdio', { kind: 'reference', transport: 'stdio', args: [] }, '2025-06-18', 'shared'],
    ['stateless stdio', { kind: 'reference', transport: 'stdio', args: [] }, '2026-07-28', 'shared'],
  ])('passes what one step answers to the next: %s', async (_, spec, protocol, session) => {
    const bench = await opened(spec, protocol);
    const { operations, turn, warnings } = await chainOn(bench, steps);
    expect(warnings).toEqual([]);
    const executor = { kind: 'shared-iterations', vus: 3, iterations: 20, maxDurationMs: 60_000 } as const;
    const result = await runOn(bench, operations, { executor, turn, session });
    expect(result, result.reason).toMatchObject({ status: 'pass', failures: [] });
    expect(okOf(result)).toEqual([20, 20, 20]);
    expect(value(result, 'turns.ok')).toBe(20);
    expect(value(result, 'turns.success_rate')).toBe(1);
    expect(value(result, 'turn_time.min')).toBeGreaterThan(value(result, 'latency.min')!);
    expect(Object.keys(result.histograms)).toContain('turn_time');
  });

  it('works over legacy HTTP+SSE, and in the open model, where an arrival is a chain', async () => {
    const http = await opened({ kind: 'reference', transport: 'http', args: ['--sse-path', '/sse'] });
    const { loadTarget } = http;
    if (loadTarget.kind !== 'http') throw new Error('Expected a target over HTTP');
    const url = new URL('/sse', loadTarget.url).href;
    const bench = await opened({ kind: 'sse', url, headers: {} });
    const { operations, turn } = await chainOn(bench, steps);
    const executor = {
      kind: 'constant-arrival-rate',
      rate: 20,
      durationMs: 500,
      vus: 4,
      arrivals: 'constant',
      maxWaiting: 100,
    } as const;
    const result = await runOn(bench, operations, { executor, turn });
    expect(result, result.reason).toMatchObject({ status: 'pass', failures: [] });
    expect(okOf(result)).toEqual([10, 10, 10]);
    expect(value(result, 'turns.ok')).toBe(10);
    expect(value(result, 'queue_wait.max')).toBeGreaterThanOrEqual(0);
  });

  it('fails, naming step and field, where the answers never have it', async () => {
    const bench = await opened({ kind: 'reference', transport: 'stdio', args: [] });
    const { operations, turn, warnings } = await chainOn(bench, [
      { ...steps[0], save: { item: '$.items[0].id' } },
      steps[1]!,
    ]);
    expect(warnings).toEqual([
      expect.stringMatching(/ended at step 1 .* nothing at '\$.items\[0\].id' .* it is a list of 10/),
    ]);
    const executor = { kind: 'shared-iterations', vus: 1, iterations: 5, maxDurationMs: 60_000 } as const;
    const result = await runOn(bench, operations, { executor, turn });
    expect(result.status).toBe('fail');
    expect(result.reason).toMatch(/none of 5 turns came out ok \(step 1: the answer has nothing at/);
    expect(okOf(result)).toEqual([5, 0]);
    expect(value(result, 'turns.missing_field')).toBe(5);
    expect(result.details).toMatchObject({
      chain: { ended_early: [{ step: 1, operation: 'tools/call search_items', count: 5 }] },
    });
  });
});

it('shares the session of a virtual user among the calls that it makes at once', async () => {
  const bench = await opened({ kind: 'reference', transport: 'http', args: [] }, '2025-11-25');
  await bench.ready();
  const report = await bench.runner.run(
    {
      operations: [{ name: 'tools/list', method: 'tools/list', weight: 1, params: [{}] }],
      executor: { kind: 'shared-iterations', vus: 2, iterations: 4, maxDurationMs: 60_000 },
      turn: { kind: 'burst', calls: 6, parallel: 3 },
      session: 'per-vu',
      warmup: { kind: 'none' },
      timeoutMs: 20_000,
      gracefulStopMs: 5000,
      seed: 1,
      workers: 1,
    },
    bench.loadTarget,
  );
  expect([report.initialize.count, report.connect.count]).toEqual([2, 6]);
  expect([report.turns?.ok, report.turns?.failed]).toEqual([4, 0]);
});

it('makes bursts with several calls at once, each over its own connection', async () => {
  const bench = await opened({
    kind: 'reference',
    transport: 'http',
    args: ['--service-time', '20ms'],
  });
  await bench.ready();
  const executor = { kind: 'shared-iterations', vus: 2, iterations: 6, maxDurationMs: 60_000 } as const;
  const args = { name: 'get_inventory', arguments: { item_id: 'ITEM001' } };
  const operation = { name: 'get', method: 'tools/call', tool: 'get_inventory', weight: 1, params: [args] };
  const turn = { kind: 'burst', calls: 6, parallel: 3 } as const;
  const result = await runOn(bench, [operation], { executor, turn });
  expect(result, result.reason).toMatchObject({ status: 'pass', failures: [] });
  expect(okOf(result)).toEqual([36]);
  // Two rounds of three at once: never less than two service times, and six one by one would be 120 ms.
  expect(value(result, 'turn_time.min')).toBeGreaterThanOrEqual(40);
  expect(value(result, 'turns.ok')).toBe(6);
});
