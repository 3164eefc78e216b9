import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readProcess } from '../../src/measure/index.js';
import type { OperationPlan } from '../../src/plan/load-plan.js';
import { openBench, type OpenedBench } from '../../src/suite/index.js';
import { suiteTests } from '../../src/suite/catalogue.js';
import type { TargetSpec } from '../../src/target/index.js';
import { resultOf, startDyno } from '../fixtures/run-dyno.js';
import { runSuiteTest } from '../fixtures/run-suite-test.js';

const folder = mkdtempSync(join(tmpdir(), 'dyno-stopped-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const mortal = fileURLToPath(new URL('../fixtures/servers/mortal.mjs', import.meta.url));
const log = join(folder, 'starts');

const call = (tool: string, args: Record<string, string>): OperationPlan => ({
  name: `tools/call ${tool}`,
  method: 'tools/call',
  tool,
  weight: 1,
  params: [{ name: tool, arguments: args }],
});

/** Runs a test with the counts of the full profile, and stops it as Ctrl-C does a moment later. */
async function stopped(bench: OpenedBench, id: string, operation: OperationPlan) {
  const test = suiteTests.find((one) => one.id === id)!;
  const stop = new AbortController();
  const running = runSuiteTest(bench, id, { profile: 'full', operations: [operation], stop: stop.signal });
  const timer = setTimeout(() => {
    stop.abort();
  }, 250);
  const { result, died, left } = await running;
  clearTimeout(timer);
  expect([id, died, left.filter(({ kind }) => kind !== 'note')]).toEqual([id, undefined, []]);
  // What was found before the stop is told: this target takes invalid arguments.
  const ends =
    test.breaksTargets === true ? /^(pass|fail|inconclusive|skipped)$/ : /^(pass|inconclusive|skipped)$/;
  expect([id, result.status, result.reason]).toEqual([id, expect.stringMatching(ends), result.reason]);
  if (result.status !== 'pass') expect(result.reason, id).toMatch(/\S.{10,}/);
}

const targets: [string, TargetSpec, OperationPlan][] = [
  [
    'over HTTP',
    { kind: 'reference', transport: 'http', args: ['--protocol', 'session'] },
    call('get_inventory', { item_id: 'ITEM001' }),
  ],
  [
    'over stdio',
    { kind: 'stdio', command: process.execPath, args: [mortal, '--log', log], env: {} },
    call('echo', { text: 'a' }),
  ],
];

describe.each(targets)('stopped in its middle, %s,', (_, spec, operation) => {
  let bench: OpenedBench;
  beforeAll(async () => {
    bench = await openBench({ spec, startTimeoutMs: 20_000, pid: 'auto' });
    await bench.ready();
  }, 60_000);
  afterAll(() => bench.close());

  it.each(suiteTests.map(({ id }) => id))(
    '%s ends with a result and leaves nothing',
    (id) => stopped(bench, id, operation),
    60_000,
  );
});

it('no process of all of these is left', () => {
  const pids = readFileSync(log, 'utf8').trim().split('\n').map(Number);
  expect(pids.length).toBeGreaterThan(10);
  expect(pids.filter((pid) => readProcess(pid)?.zombie === false)).toEqual([]);
});

it.each(['cold-start', 'max-connections', 'resource-cleanup'])(
  'Ctrl-C in %s keeps what was measured in a run file, and ends with 105',
  async (id) => {
    const runs = join(folder, `runs-${id}`);
    const flags = ['--profile', 'full', '--json', '--no-tui', '--run-dir', runs];
    const dyno = startDyno(['test', '--only', id, ...flags, '--', process.execPath, mortal]);
    await dyno.until(/protocol/);
    await new Promise((resolve) => setTimeout(resolve, 400));
    dyno.kill('SIGINT');
    const ended = await dyno.ended;
    expect([ended.code, ended.left]).toEqual([105, []]);
    const { tests, verdict } = resultOf(ended);
    expect(tests.map((test) => test.id)).toEqual([id]);
    expect(verdict.sentence).toMatch(/stopped/i);
    expect(readdirSync(runs).filter((name) => /^\d{4}-/.test(name))).toHaveLength(1);
  },
  60_000,
);
