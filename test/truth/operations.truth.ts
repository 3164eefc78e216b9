import { afterEach, describe, expect, it } from 'vitest';
import { isJsonObject, type JsonObject } from '../../src/core/json.js';
import type { TestResult } from '../../src/core/run-result.js';
import { openBench, type OpenedBench } from '../../src/suite/index.js';
import type { TargetSpec } from '../../src/target/index.js';
import { startFixture } from '../fixtures/real-servers.js';
import { record } from './truth-run.js';
import { runSuiteTest } from '../fixtures/run-suite-test.js';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function opened(spec: TargetSpec, protocol?: '2025-11-25' | '2026-07-28'): Promise<OpenedBench> {
  const bench = await openBench({
    spec,
    startTimeoutMs: 20_000,
    pid: 'auto',
    ...(protocol === undefined ? {} : { protocol }),
  });
  cleanups.push(() => bench.close());
  await bench.ready();
  return bench;
}

async function run(
  id: string,
  bench: OpenedBench,
  {
    tool,
    args = {},
    parameters = {},
  }: { tool: string; args?: JsonObject; parameters?: Record<string, number> },
): Promise<TestResult> {
  const { result } = await runSuiteTest(bench, id, {
    profile: 'quick',
    parameters,
    operations: [
      {
        name: `tools/call ${tool}`,
        method: 'tools/call',
        tool,
        weight: 1,
        params: [{ name: tool, arguments: args }],
      },
    ],
    defaults: { timeoutMs: 10_000 },
  });
  return result;
}

function verdictOf(result: TestResult): unknown {
  const found = result.details?.['cancellation'];
  return isJsonObject(found) ? found['verdict'] : undefined;
}

const times = 20;

describe('cancelled calls', () => {
  it.each([
    ['reference', 'honours', 'stops'],
    ['reference', 'ignores', 'goes on'],
    ['official SDK v1, no code of src/', 'honours', 'stops'],
    ['official SDK v1, no code of src/', 'ignores', 'goes on'],
  ] as const)('%s that %s cancellation: %s', async (which, how, verdict) => {
    let spec: TargetSpec;
    let called: { tool: string; args: JsonObject };
    if (which === 'reference') {
      const ignores = how === 'ignores' ? ['--ignore-cancel'] : [];
      spec = {
        kind: 'reference',
        transport: 'http',
        args: ['--service-time', '150ms', '--slots', '2', ...ignores],
      };
      called = { tool: 'get_inventory', args: { item_id: 'ITEM001' } };
    } else {
      const server = await startFixture(
        'cancellable',
        '--how',
        'slots',
        ...(how === 'honours' ? ['--honour'] : []),
      );
      cleanups.push(() => server.stop());
      spec = { kind: 'http', url: server.url, headers: {} };
      called = { tool: 'work', args: {} };
    }
    const bench = await opened(spec, '2025-11-25');
    const results: TestResult[] = [];
    for (let i = 0; i < times; i++)
      results.push(await run('cancellation', bench, { ...called, parameters: { rounds: 3 } }));
    const right = results.filter(
      (result) => result.status === 'pass' && verdictOf(result) === verdict,
    ).length;
    const held = results
      .flatMap((result) => result.metrics['cancellation.held']?.value ?? [])
      .sort((a, b) => a - b);
    record({
      claim: `calls cancelled on a server that ${how} it: what it does, told ${times} times; how much they still hold up`,
      server: which,
      truth: `${verdict}; ${how === 'honours' ? 0 : 1}`,
      measured: `${verdict} ${right} of ${times}; ${held[0]!.toFixed(2)} to ${held.at(-1)!.toFixed(2)}`,
      tolerance: `${times} of ${times}`,
    });
    expect(right).toBe(times);
  });
});

describe('tasks', () => {
  it.each(['2025-11-25', '2026-07-28'] as const)('of 300 ms, polled every 50 ms, %s', async (protocol) => {
    const bench = await opened({ kind: 'reference', transport: 'http', args: ['--tasks'] }, protocol);
    const result = await run('tasks', bench, { tool: 'long_report', parameters: { tasks: 40, inFlight: 4 } });
    expect(result.status, result.reason).toBe('pass');
    const value = (name: string) => result.metrics[name]?.value ?? NaN;
    const seen = value('task.create.p50') + value('task.complete.p50');
    record({
      claim: `tasks of 300 ms, polled every 50 ms (${protocol}): until one was seen to be over, median; polls`,
      server: 'reference',
      truth: '300 ms and up to one interval; 6',
      measured: `${seen.toFixed(1)} ms; ${value('task.polls').toFixed(1)}`,
      tolerance: 'one interval and 10 ms',
    });
    expect(seen).toBeGreaterThanOrEqual(299);
    expect(seen).toBeLessThanOrEqual(360);
  });
});
