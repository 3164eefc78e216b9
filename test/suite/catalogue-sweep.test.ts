import { afterEach, expect, it } from 'vitest';
import type { JsonObject } from '../../src/core/json.js';
import type { OperationPlan } from '../../src/plan/load-plan.js';
import { parseThreshold } from '../../src/plan/thresholds/index.js';
import { madeTools } from '../../src/reference/index.js';
import { openBench, type OpenedBench } from '../../src/suite/index.js';
import type { TargetSpec } from '../../src/target/index.js';
import { program } from '../cli/run-dyno.js';
import { runSuiteTest } from '../fixtures/run-suite-test.js';

const open: OpenedBench[] = [];
afterEach(async () => {
  for (const bench of open.splice(0)) await bench.close();
});

async function opened(spec: TargetSpec): Promise<OpenedBench> {
  const bench = await openBench({ spec, protocol: '2025-11-25', startTimeoutMs: 30_000, pid: 'none' });
  open.push(bench);
  return bench;
}

const getInventory: OperationPlan = {
  name: 'tools/call get_inventory',
  method: 'tools/call',
  tool: 'get_inventory',
  weight: 1,
  params: [{ name: 'get_inventory', arguments: { item_id: 'ITEM001' } }],
};

async function sweep(spec: TargetSpec, thresholds: string[] = [], operations = [getInventory]) {
  const bench = await opened(spec);
  await bench.ready();
  const { result, left } = await runSuiteTest(bench, 'catalogue-sweep', {
    parameters: { sizes: [10, 60], lists: 3, calls: 5 },
    operations,
    thresholds: thresholds.map((text) => parseThreshold(text, '--threshold')),
    defaults: { timeoutMs: 20_000 },
  });
  expect(left).toEqual([]);
  return { result, value: (name: string) => result.metrics[name]?.value };
}

/** The bytes of the list on the wire, asked for without any of our own client. */
async function bytesOnTheWire(made: number): Promise<number> {
  const args = ['--no-sessions', '--catalogue', String(made)];
  const { loadTarget } = await opened({ kind: 'reference', transport: 'http', args });
  if (loadTarget.kind !== 'http') throw new Error('Expected a target over HTTP');
  const answer = await fetch(loadTarget.url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2025-11-25',
    },
    body: '{"jsonrpc":"2.0","id":1,"method":"tools/list"}',
  });
  const text = await answer.text();
  const frame = '{"jsonrpc":"2.0","id":1,"result":}';
  const { result } = JSON.parse(text) as { result: { tools: JsonObject[] } };
  expect(result.tools.map(({ name }) => name)).toEqual(
    expect.arrayContaining(madeTools(made, 1).map(({ definition }) => definition.name)),
  );
  return Buffer.byteLength(text) - frame.length;
}

it('tells the bytes of each size exactly as they are on the wire, and the tokens as a quarter of them', async () => {
  const { result, value } = await sweep({ kind: 'reference', transport: 'http', args: [] });
  expect(result, result.reason).toMatchObject({ status: 'pass', notJudged: [] });
  const sizes = result.details!['sizes'] as { tools: number; bytes: number; tokens: number }[];
  expect(sizes.map(({ tools }) => tools)).toEqual([9, 19, 69]);
  const wire = [await bytesOnTheWire(0), await bytesOnTheWire(10), await bytesOnTheWire(60)];
  expect(sizes.map(({ bytes }) => bytes)).toEqual(wire);
  expect([value('at_9.catalogue.bytes'), value('at_69.catalogue.bytes')]).toEqual([wire[0], wire[2]]);
  expect(value('catalogue.bytes')).toBe(wire[2]);
  expect(value('catalogue.tokens')).toBe(Math.round(wire[2]! / 4));
  // The line through three sizes lies between the slopes of its two pieces.
  const slopes = [(wire[1]! - wire[0]!) / 10, (wire[2]! - wire[1]!) / 50].sort((a, b) => a - b);
  expect(value('catalogue.bytes_per_tool')).toBeGreaterThanOrEqual(slopes[0]!);
  expect(value('catalogue.bytes_per_tool')).toBeLessThanOrEqual(slopes[1]!);
  // Four readings of the list and six calls at each of three sizes.
  expect(value('calls.ok')).toBe(3 * (4 + 6));
  expect(result.metrics['at_9.latency.min']?.value).toBeGreaterThan(0);
});

it('says of any other server what it has: one size, its pages, its heaviest tools', async () => {
  const args = [program, 'serve', '--stdio', '--page-size', '2'];
  const { result, value } = await sweep({ kind: 'stdio', command: process.execPath, args, env: {} });
  expect(result, result.reason).toMatchObject({ status: 'pass' });
  expect(result.notJudged).toEqual(['growth with the catalogue: this server has one size (9 tools)']);
  expect(value('catalogue.pages')).toBe(5);
  expect(value('catalogue.bytes_per_tool')).toBeCloseTo(value('catalogue.bytes')! / 9, 6);
  expect(result.metrics['catalogue.page_time_per_1000']?.unit).toBe('ms');
  expect(result.notes.join(' ')).toMatch(/The heaviest tools: get_inventory \(\d+ B, about \d+ tokens\)/);
});

it('decides by thresholds, and calls nothing where no tool may be called', async () => {
  const limit = 'catalogue.tokens_per_tool < 10';
  const { result } = await sweep({ kind: 'reference', transport: 'stdio', args: [] }, [limit], []);
  expect(result).toMatchObject({
    status: 'fail',
    thresholds: [{ metric: 'catalogue.tokens_per_tool', status: 'fail' }],
    notJudged: ['the time of a call: no tool that may be called is listed'],
  });
});
