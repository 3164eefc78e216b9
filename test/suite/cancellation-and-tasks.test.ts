import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/core/json.js';
import { openBench, type OpenBenchOptions, type OpenedBench } from '../../src/suite/index.js';
import type { TargetSpec } from '../../src/target/index.js';
import { startFixture } from '../fixtures/real-servers.js';
import { runSuiteTest } from '../fixtures/run-suite-test.js';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

interface Setting {
  protocol?: OpenBenchOptions['protocol'];
  tool?: string;
  args?: JsonObject;
  parameters?: Record<string, number>;
}

async function run(id: string, spec: TargetSpec, setting: Setting = {}) {
  const { protocol, tool = 'get_inventory', args = { item_id: 'ITEM001' }, parameters = {} } = setting;
  const options = { spec, startTimeoutMs: 20_000, pid: 'none' as const };
  const bench: OpenedBench = await openBench(protocol === undefined ? options : { ...options, protocol });
  cleanups.push(() => bench.close());
  await bench.ready();
  const { result } = await runSuiteTest(bench, id, {
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
  });
  return { result, value: (name: string) => result.metrics[name]?.value };
}

const reference = (transport: 'http' | 'stdio', ...args: string[]): TargetSpec => ({
  kind: 'reference',
  transport,
  args,
});

describe('the test cancellation', { timeout: 60_000 }, () => {
  const few = { rounds: 1, inFlight: 4 };
  const slow = ['--service-time', '150ms'];

  it.each([
    ['http', '2025-11-25', ['--slots', '2'], 'stops'],
    ['http', '2025-11-25', ['--ignore-cancel', '--answer-cancelled'], 'goes on'],
    ['http', '2026-07-28', [], 'stops'],
    ['http', '2026-07-28', ['--ignore-cancel'], 'goes on'],
    ['stdio', '2025-11-25', ['--ignore-cancel'], 'goes on'],
    ['stdio', '2026-07-28', [], 'stops'],
  ] as const)(
    'tells what a server over %s, %s, with %j does: it %s',
    async (transport, protocol, knobs, verdict) => {
      const spec = reference(transport, ...slow, ...knobs);
      const { result, value } = await run('cancellation', spec, { protocol, parameters: few });
      expect(result, result.reason).toMatchObject({ status: 'pass', details: { cancellation: { verdict } } });
      expect(value('cancellation.cancelled')).toBe(4);
      expect(value('cancellation.still_working')).toBe(verdict === 'stops' ? 0 : 1);
      const late = transport === 'http' && protocol === '2026-07-28' ? undefined : 0;
      const answers = (knobs as readonly string[]).includes('--answer-cancelled') ? 4 : late;
      expect(value('cancellation.late_answers')).toBe(answers);
    },
  );

  it.each([
    ['--honour', 'stops'],
    ['--ignore', 'goes on'],
  ])(
    'tells by slots that free or do not what a server on the official SDK does with %s: it %s',
    { retry: 2 },
    async (flag, verdict) => {
      const server = await startFixture('cancellable', '--how', 'slots', flag);
      cleanups.push(() => server.stop());
      const spec: TargetSpec = { kind: 'http', url: server.url, headers: {} };
      const setting = { tool: 'work', args: {}, parameters: { rounds: 2, inFlight: 4 } };
      const { result, value } = await run('cancellation', spec, setting);
      expect(result, result.reason).toMatchObject({ status: 'pass', details: { cancellation: { verdict } } });
      expect(value('cancellation.late_answers')).toBe(0);
    },
  );

  it('says so where nothing shows whether work stops', async () => {
    const spec: TargetSpec = {
      kind: 'stdio',
      command: process.execPath,
      args: [
        fileURLToPath(new URL('../fixtures/servers/cancellable.mjs', import.meta.url)),
        '--stdio',
        '--how',
        'plain',
      ],
      env: {},
    };
    const { result, value } = await run('cancellation', spec, { tool: 'work', args: {}, parameters: few });
    expect(result.status, result.reason).toBe('pass');
    expect(value('cancellation.still_working')).toBeNull();
    expect(result.notJudged.join()).toContain('whether work stops: 4 calls at once hold up no other');
  });

  it('is skipped where no tool is slow', async () => {
    const { result } = await run('cancellation', reference('http'), {});
    expect(result.status).toBe('skipped');
    expect(result.reason).toMatch(
      /the slowest that may be called, get_inventory, takes .* name a slow one with --tool/,
    );
  });
});

describe('the test tasks', { timeout: 60_000 }, () => {
  const tool = 'long_report';
  const parameters = { tasks: 4, inFlight: 2 };
  const knobs = ['--tasks', '--task-time', '200ms', '--task-poll', '40ms'];

  it.each([
    ['http', '2025-11-25'],
    ['http', '2026-07-28'],
    ['stdio', '2025-11-25'],
    ['stdio', '2026-07-28'],
  ] as const)('creates, polls and fetches over %s, %s', async (transport, protocol) => {
    const spec = reference(transport, ...knobs);
    const { result, value } = await run('tasks', spec, { protocol, tool, args: {}, parameters });
    expect(result, result.reason).toMatchObject({ status: 'pass', failures: [] });
    expect(value('calls.ok')).toBe(4);
    // A task takes 200 ms, is looked at every 40, and the last look may be late by as much as the machine is.
    expect(value('task.total.min')).toBeGreaterThanOrEqual(199);
    expect(value('task.polls')).toBeGreaterThanOrEqual(1);
    expect(value('task.polls')).toBeLessThanOrEqual(6);
    expect(value('task.result.mean') === undefined).toBe(protocol === '2026-07-28');
    expect(result.notes.join()).toContain('A task that was cancelled is cancelled after');
  });

  it.each([
    [reference('http'), '2026-07-28', /does not declare the extension io.modelcontextprotocol\/tasks/],
    [reference('http'), '2025-11-25', /its capabilities do not name tasks.requests.tools.call/],
    [reference('http', '--tasks'), '2025-06-18', /revision 2025-06-18 has no tasks/],
    [reference('http', '--tasks'), '2026-07-28', /no tool that may be called runs as a task/],
  ] as const)('is skipped with the reason: %j, %s', async (spec, protocol, reason) => {
    const { result } = await run('tasks', spec, { protocol });
    expect(result.status).toBe('skipped');
    expect(result.reason).toMatch(reason);
  });
});
