import { afterEach, describe, expect, it } from 'vitest';
import { totalOf } from '../../src/load/index.js';
import { Surroundings } from '../../src/plan/arguments/index.js';
import { planMix, parseSelection } from '../../src/plan/mix/index.js';
import { parseOperations } from '../../src/plan/operations/index.js';
import { planTask } from '../../src/plan/task/index.js';
import { openBench, type OpenBenchOptions, type OpenedBench } from '../../src/suite/index.js';
import { serverAccess } from '../../src/suite/server-access.js';
import type { TargetSpec } from '../../src/target/index.js';
import { startEverything } from '../fixtures/real-servers.js';
import { runLoad } from '../truth/truth-run.js';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function opened(spec: TargetSpec, protocol: OpenBenchOptions['protocol']): Promise<OpenedBench> {
  const bench = await openBench({
    spec,
    startTimeoutMs: 20_000,
    pid: 'none',
    ...(protocol === undefined ? {} : { protocol }),
  });
  cleanups.push(() => bench.close());
  return bench;
}

/** Plans operations on a server and loads them; gives calls and failures by operation. */
async function loaded(bench: OpenedBench, operations: string[], calls = 120) {
  const signal = new AbortController().signal;
  const mix = await planMix({
    tools: bench.tools,
    era: bench.connection.era,
    selection: parseSelection([], '--tool'),
    allow: [],
    allowWrites: false,
    deny: [],
    given: { byTool: new Map(), forAll: undefined },
    settings: new Map(),
    saved: new Map(),
    around: new Surroundings(),
    seed: 1,
    now: 0,
    caller: undefined,
    operations: {
      wishes: parseOperations(operations, '--operation'),
      server: serverAccess(bench.connection, { timeoutMs: 10_000, signal, tries: true }),
    },
  });
  await bench.ready();
  const report = await runLoad(bench.loadTarget, {
    operations: mix.operations,
    executor: { kind: 'shared-iterations', vus: 4, iterations: calls, maxDurationMs: 30_000 },
  });
  expect(report.failures).toEqual([]);
  expect(totalOf(report).ok).toBe(calls);
  return mix;
}

const session = ['ping', 'logging/setLevel debug', 'resources/subscribe'];
const both = [
  'tools/list',
  'resources/list',
  'resources/templates/list',
  'resources/read',
  'prompts/list',
  'prompts/get',
  'completion/complete',
];

// Each starts a server of its own, which takes its time on a busy machine.
describe('operations of a mix besides calls of tools', { timeout: 60_000 }, () => {
  it.each([
    ['http', '2025-11-25', session],
    ['http', '2026-07-28', ['server/discover', 'resources/read inventory://items/{item_id}']],
    ['stdio', '2025-11-25', session],
    ['stdio', '2026-07-28', ['server/discover']],
  ] as const)('are loaded over %s, %s', async (transport, protocol, more) => {
    const bench = await opened({ kind: 'reference', transport, args: [] }, protocol);
    const mix = await loaded(bench, [...both, ...more]);
    expect(mix.used).toEqual([]);
    expect(mix.warnings).toEqual([]);
    const named = mix.operations.find(({ name }) => name.includes('{item_id}'));
    if (named !== undefined) expect(named.params).toContainEqual({ uri: 'inventory://items/ITEM001' });
  });

  it('are loaded on server-everything', async () => {
    const server = await startEverything('streamableHttp');
    cleanups.push(server.stop);
    const bench = await opened({ kind: 'http', url: server.url, headers: {} }, '2025-11-25');
    const mix = await loaded(bench, ['ping', ...both, 'resources/subscribe', 'tools/call echo'], 60);
    expect(mix.operations.find(({ name }) => name === 'prompts/get')?.params.length).toBeGreaterThan(1);
    expect(mix.used.map(({ name }) => name)).toEqual(['echo']);
  });
});

describe('calls as tasks under load', { timeout: 60_000 }, () => {
  it.each([
    ['http', '2025-11-25'],
    ['http', '2026-07-28'],
    ['stdio', '2025-11-25'],
    ['stdio', '2026-07-28'],
  ] as const)('are created, polled and fetched over %s, %s', async (transport, protocol) => {
    const knobs = ['--tasks', '--task-time', '150ms', '--task-poll', '40ms'];
    const bench = await opened({ kind: 'reference', transport, args: knobs }, protocol);
    const { mix, turn } = await planTask({
      name: 'long_report',
      tools: bench.tools,
      deny: new Set(),
      server: bench.connection,
      given: { byTool: new Map(), forAll: undefined },
      saved: new Map(),
      seed: 1,
      now: 0,
    });
    await bench.ready();
    const report = await runLoad(bench.loadTarget, {
      operations: mix.operations,
      turn,
      executor: { kind: 'shared-iterations', vus: 3, iterations: 6, maxDurationMs: 30_000 },
    });
    expect(report.failures).toEqual([]);
    expect(report.turns).toMatchObject({ ok: 6, failed: 0, cut: 0 });
    expect(report.turns!.time.minMs).toBeGreaterThanOrEqual(149);
    const [created, polled, fetched] = report.operations.map(({ ok }) => ok);
    expect(created).toBe(6);
    // At least one poll each, and one more for every 40 ms at most.
    expect(polled).toBeGreaterThanOrEqual(6);
    expect(polled).toBeLessThanOrEqual(6 * 4);
    expect(fetched).toBe(protocol === '2025-11-25' ? 6 : undefined);
  });
});
