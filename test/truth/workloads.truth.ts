import { afterEach, expect, it } from 'vitest';
import { totalOf } from '../../src/load/index.js';
import { connect } from '../../src/protocol/index.js';
import { planChain, readChain } from '../../src/plan/chain/index.js';
import { openBench, type OpenedBench } from '../../src/suite/index.js';
import { startTruthServer, type TruthServer } from '../fixtures/truth-servers.js';
import { getInventory, httpTarget, record, runLoad, undisturbed } from './truth-run.js';
import { runSuiteTest } from '../fixtures/run-suite-test.js';

let server: TruthServer | undefined;
let bench: OpenedBench | undefined;
afterEach(async () => {
  await bench?.close();
  await server?.stop();
  server = bench = undefined;
});

const serviceMs = 20;
const thinkMs = 100;
const vus = 5;
const calls = 5;

it.each([1, calls])(
  'bursts of 5 calls, %i at once, with think time: how long a turn takes, and how often it comes',
  { timeout: 200_000 },
  async (parallel) => {
    server = await startTruthServer('reference', ['--service-time', `${serviceMs}ms`]);
    const { url } = server;
    const report = await undisturbed(
      () =>
        runLoad(httpTarget(url), {
          executor: { kind: 'constant-vus', vus, durationMs: 10_000 },
          turn: { kind: 'burst', calls, parallel },
          thinkTime: { kind: 'constant', ms: thinkMs },
        }),
      5,
    );
    const turns = report.turns!;
    const turnMs = turns.time.meanMs!;
    const callMs = totalOf(report).latency.meanMs!;
    const least = (calls / parallel) * serviceMs;
    // One after another, a turn is the sum of its calls; at once, it is the slowest of them.
    const truth = parallel === 1 ? calls * callMs : callMs;
    const { concurrency } = await server.stats();
    record({
      claim: `5 users, bursts of 5 calls of 20 ms, ${parallel} at once, then 100 ms of thinking: mean time of a turn; the shortest; calls that the server had at once`,
      server: 'reference',
      truth:
        parallel === 1
          ? `${truth.toFixed(2)} ms, five times the mean of the calls; ${least} ms at least; ${vus} at most`
          : `more than ${truth.toFixed(2)} ms, the mean of the calls, and less than five times that; ${least} ms at least; ${vus * parallel} at most`,
      measured: `${turnMs.toFixed(2)} ms; ${turns.time.minMs.toFixed(2)} ms; ${concurrency.inFlightMax}`,
      tolerance: parallel === 1 ? '2 %' : 'none',
    });
    const inTurnOrThought = (turns.okInWindow / report.windowMs) * (turnMs + thinkMs);
    record({
      claim: `the same: users in a turn or thinking, by Little's law from turns per second (${(turns.okInWindow / (report.windowMs / 1000)).toFixed(1)}/s) and their time`,
      server: 'reference',
      truth: String(vus),
      measured: inTurnOrThought.toFixed(2),
      tolerance: '15 %: each user is in the middle of a turn at the end',
    });
    expect([turns.failed, totalOf(report).failures]).toEqual([0, 0]);
    expect(turns.time.minMs).toBeGreaterThanOrEqual(least - 0.5);
    expect(concurrency.inFlightMax).toBeLessThanOrEqual(vus * parallel);
    if (parallel === 1) expect(Math.abs(turnMs - truth) / truth).toBeLessThanOrEqual(0.02);
    else {
      expect(turnMs).toBeGreaterThanOrEqual(truth);
      expect(turnMs).toBeLessThan(truth * calls);
    }
    expect(Math.abs(inTurnOrThought - vus) / vus).toBeLessThanOrEqual(0.15);
  },
);

it('a chain of three calls: every step as often as the server counts it', { timeout: 100_000 }, async () => {
  server = await startTruthServer('reference');
  const { url } = server;
  const connection = await connect({ kind: 'http', url }, {});
  const steps = [
    { tool: 'search_items', args: { query: 'steel' }, save: { item: '$[0].item_id' } },
    { tool: 'get_inventory', args: { item_id: '{{item}}' }, save: { where: '$.warehouse_id' } },
    { tool: 'stock_level', args: { item_id: '{{item}}', warehouse_id: '{{where}}' } },
  ];
  const { mix, turn } = await planChain({
    steps: readChain({ kind: 'text', text: JSON.stringify(steps) }, 'the chain', '/'),
    what: 'the chain',
    tools: await connection.listTools(),
    deny: new Set(),
    seed: 1,
    now: 0,
    saved: new Map(),
    caller: undefined,
  });
  const report = await runLoad(httpTarget(url), {
    operations: mix.operations,
    executor: { kind: 'shared-iterations', vus: 8, iterations: 2000, maxDurationMs: 60_000 },
    turn,
  });
  const result = await connection.callTool('dyno_stats', {});
  await connection.close();
  const { tools } = result.structuredContent as { tools: Record<string, number> };
  const counted = steps.map(({ tool }) => tools[tool] ?? 0);
  record({
    claim:
      '2000 chains of three calls, 8 at once: calls of each step, by the server and by dyno; chains that came out ok',
    server: 'reference',
    truth: `${counted.join(', ')}; 2000`,
    measured: `${report.operations.map(({ ok }) => ok).join(', ')}; ${report.turns!.ok}`,
    tolerance: 'none',
  });
  expect(report.operations.map(({ ok }) => ok)).toEqual([2000, 2000, 2000]);
  expect(counted).toEqual([2000, 2000, 2000]);
  expect([report.turns!.ok, report.turns!.failed, totalOf(report).failures]).toEqual([2000, 0, 0]);
});

async function bytesOnTheWire(made: number): Promise<number> {
  const listed = await startTruthServer('reference', ['--no-sessions', '--catalogue', String(made)]);
  try {
    const answer = await fetch(listed.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'mcp-protocol-version': '2025-11-25',
      },
      body: '{"jsonrpc":"2.0","id":1,"method":"tools/list"}',
    });
    return Buffer.byteLength(await answer.text()) - '{"jsonrpc":"2.0","id":1,"result":}'.length;
  } finally {
    await listed.stop();
  }
}

it('the sweep of the catalogue: bytes of each size as on the wire', { timeout: 280_000 }, async () => {
  const sizes = [10, 100, 1000, 10_000];
  bench = await openBench({
    spec: { kind: 'reference', transport: 'http', args: [] },
    protocol: '2025-11-25',
    startTimeoutMs: 30_000,
    pid: 'none',
  });
  await bench.ready();
  const { result } = await runSuiteTest(bench, 'catalogue-sweep', {
    profile: 'full',
    parameters: { sizes, lists: 10, calls: 100 },
    operations: [getInventory],
    defaults: { timeoutMs: 30_000, gracefulStopMs: 5000 },
  });
  const told = (result.details!['sizes'] as { bytes: number }[]).map(({ bytes }) => bytes);
  const wire: number[] = [];
  for (const made of [0, ...sizes]) wire.push(await bytesOnTheWire(made));
  const list = result.metrics['catalogue.list_time_per_1000']!;
  const call = result.metrics['catalogue.call_time_per_1000']!;
  record({
    claim: 'bytes of the list with 0, 10, 100, 1,000 and 10,000 made tools (catalogue-sweep)',
    server: 'reference',
    truth: wire.join(', '),
    measured: told.join(', '),
    tolerance: 'none',
  });
  record({
    claim:
      'the same: what a call takes longer for a thousand tools more, as this server looks tools up by name',
    server: 'reference',
    truth: 'nothing',
    measured: `${call.value?.toFixed(4)} ms (${call.ci95?.map((end) => end.toFixed(4)).join(' to ')}); the list ${list.value?.toFixed(2)} ms`,
    tolerance: 'not above 0.02 ms by its interval',
  });
  expect(result, result.reason).toMatchObject({ status: 'pass' });
  expect(told).toEqual(wire);
  expect(list.ci95![0]).toBeGreaterThan(0);
  expect(call.ci95![0]).toBeLessThanOrEqual(0.02);
});
