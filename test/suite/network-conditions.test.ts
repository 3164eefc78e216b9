import { afterEach, expect, it } from 'vitest';
import type { OperationPlan } from '../../src/plan/load-plan.js';
import { openBench, type OpenedBench } from '../../src/suite/index.js';
import type { TargetSpec } from '../../src/target/index.js';
import { runSuiteTest } from '../fixtures/run-suite-test.js';

const getInventory: OperationPlan = {
  name: 'tools/call get_inventory',
  method: 'tools/call',
  tool: 'get_inventory',
  weight: 1,
  params: [{ name: 'get_inventory', arguments: { item_id: 'ITEM001' } }],
};

let bench: OpenedBench | undefined;
afterEach(async () => {
  await bench?.close();
  bench = undefined;
});

async function runOn(spec: TargetSpec, parameters: Record<string, number | number[]>) {
  bench = await openBench({ spec, startTimeoutMs: 20_000, pid: 'none' });
  await bench.ready();
  const { result } = await runSuiteTest(bench, 'network-conditions', {
    parameters,
    operations: [getInventory],
  });
  return { result, value: (name: string) => result.metrics[name]?.value };
}

it('shifts the median by at least the round trip, and accounts for every call around a cut and a restart', async () => {
  const { result, value } = await runOn(
    { kind: 'reference', transport: 'http', args: [] },
    { networks: [7], rate: 50, cut: 400, restart: 1 },
  );
  expect(result, result.reason).toMatchObject({ status: 'pass', notJudged: [] });
  expect(value('lossy.shift')).toBeGreaterThanOrEqual(36);
  // The network is back after 400 ms; how late answers are then is the machine's doing.
  expect(value('cut.recovery')).toBeGreaterThanOrEqual(350);
  expect(value('cut.errors')).toBeGreaterThan(0);
  const [sent, ok, badly, lost, never, doubled] = [
    'sent',
    'ok',
    'answered_badly',
    'answer_lost',
    'never_arrived',
    'doubled',
  ].map((name) => value(`cut.calls.${name}`)!);
  expect(ok! + badly! + lost! + never!).toBe(sent);
  expect(doubled).toBe(0);
  expect(value('restart.errors')).toBeGreaterThan(0);
  expect(value('restart.recovery')).toBeGreaterThan(0);
});

it('puts the network into the pipe of a stdio target, and holds it back for a cut', async () => {
  const { result, value } = await runOn(
    { kind: 'reference', transport: 'stdio', args: [] },
    { networks: [7], rate: 50, cut: 500, restart: 1 },
  );
  expect(result, result.reason).toMatchObject({ status: 'pass' });
  expect(value('lossy.shift')).toBeGreaterThanOrEqual(36);
  expect(value('cut.recovery')).toBeGreaterThanOrEqual(300);
  expect(value('cut.errors')).toBe(0);
  expect(result.notJudged).toEqual([
    'lost and doubled calls: this server does not count its calls (the bundled one does)',
    'restart: over stdio the pipe ends with the process',
  ]);
});

it('says so where the target is too slow for its recovery to be seen', async () => {
  const { result } = await runOn(
    { kind: 'reference', transport: 'http', args: ['--service-time', '200ms'] },
    { networks: [1], inFlight: 1 },
  );
  expect(result.notJudged).toEqual([
    'recovery: the target answers too few calls per second to see when it answers again',
  ]);
});
