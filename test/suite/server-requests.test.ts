import { afterEach, expect, it } from 'vitest';
import { openBench, type OpenedBench } from '../../src/suite/index.js';
import type { TargetSpec } from '../../src/target/index.js';
import { runSuiteTest } from '../fixtures/run-suite-test.js';

let bench: OpenedBench | undefined;
afterEach(async () => {
  await bench?.close();
  bench = undefined;
});

const tools = ['count_roots', 'ask_model', 'get_inventory'];

async function runOn(
  spec: TargetSpec,
  protocol: '2025-11-25' | '2026-07-28',
  { failed = tools, patience = 5000 }: { failed?: readonly string[]; patience?: number } = {},
) {
  bench = await openBench({ spec, protocol, startTimeoutMs: 20_000, pid: 'none' });
  await bench.ready();
  const { result } = await runSuiteTest(bench, 'server-requests', {
    parameters: { inFlight: 6, duration: 200, patience },
    operations: [],
    failed,
  });
  return { result, value: (name: string) => result.metrics[name]?.value };
}

const reference = (...args: string[]): TargetSpec => ({
  kind: 'reference',
  transport: 'http',
  args: ['--interactive', ...args],
});

it.each([
  ['2025-11-25', reference()],
  ['2026-07-28', reference()],
  ['2025-11-25', { ...reference(), transport: 'stdio' }],
] as const)(
  'finds the tools that ask, and that each call shows its own answer: %s, %o',
  async (protocol, spec) => {
    const { result, value } = await runOn(spec as TargetSpec, protocol);
    expect(result, result.reason).toMatchObject({ status: 'pass' });
    expect(result.details?.['tools']).toEqual([
      { tool: 'count_roots', asks: 'roots/list', carries: null },
      { tool: 'ask_model', asks: 'sampling/createMessage', carries: 'question' },
    ]);
    // Half of 12 calls are of the tool that tells what it was answered.
    expect([value('asking.calls'), value('asking.verified'), value('asking.mixed')]).toEqual([12, 6, 0]);
    expect(value('asking.refused_hung')).toBe(0);
    const received = value('server_requests.received')!;
    expect(received).toBeGreaterThan(0);
    expect(value('server_requests.answered')).toBe(received);
    expect(value('calls.ok')).toBe(value('calls.total'));
  },
);

it('says where answers went to other calls', async () => {
  const { result, value } = await runOn(reference('--ask-fault', 'mixed'), '2025-11-25', {
    failed: ['ask_model'],
  });
  expect(result.status).toBe('fail');
  expect(result.reason).toMatch(/show an answer that was meant for another call/);
  expect(value('asking.mixed')).toBeGreaterThan(0);
});

it('says where a refusal leaves calls without an answer', async () => {
  const { result } = await runOn(reference('--ask-fault', 'hang'), '2025-11-25', { patience: 1500 });
  expect(result.status).toBe('fail');
  expect(result.reason).toMatch(/4 of 4 calls had no answer after what they asked was refused/);
});

it('is skipped where no tool asks', async () => {
  const { result } = await runOn(reference(), '2025-11-25', { failed: ['get_inventory'] });
  expect(result.status).toBe('skipped');
  expect(result.reason).toMatch(/none of the 1 tools that may be called asks/);
});
