import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/core/index.js';
import type { OperationPlan } from '../../src/plan/load-plan.js';
import { openBench, type OpenedBench } from '../../src/suite/index.js';
import type { TargetSpec } from '../../src/target/index.js';
import { startProgram, type ListeningProgram } from '../fixtures/start-program.js';
import { runSuiteTest } from '../fixtures/run-suite-test.js';

const file = (path: string) => fileURLToPath(new URL(`../fixtures/${path}`, import.meta.url));
const hasPython = spawnSync('python3', ['--version'], { stdio: 'ignore' }).status === 0;
const missing = hasPython ? '' : ' (python3 is not installed)';

let bench: OpenedBench | undefined;
let server: ListeningProgram | undefined;
afterEach(async () => {
  await bench?.close();
  await server?.stop();
  bench = server = undefined;
});

const callOf = (tool: string, args: JsonObject): OperationPlan => ({
  name: `tools/call ${tool}`,
  method: 'tools/call',
  tool,
  weight: 1,
  params: [{ name: tool, arguments: args }],
});

async function tryOn(
  spec: TargetSpec,
  operations: readonly OperationPlan[],
  parameters: Record<string, number> = {},
) {
  bench = await openBench({ spec, startTimeoutMs: 60_000, pid: 'none' });
  await bench.ready();
  const { result } = await runSuiteTest(bench, 'invalid-data', {
    profile: 'quick',
    parameters: { answer: 20_000, budget: 60_000, ...parameters },
    operations,
    defaults: { timeoutMs: 20_000, startTimeoutMs: 60_000 },
  });
  return { result, value: (name: string) => result.metrics[`invalid.${name}`]?.value };
}

const python = (...args: string[]): TargetSpec => ({
  kind: 'stdio',
  command: 'python3',
  args: [file('argument-server.py'), ...args],
  env: {},
});
const quote = callOf('quote_stay', { guest: 'Ann', nights: 2 });
const search = callOf('search_items', { query: 'steel', limit: 10 });

describe.skipIf(!hasPython)(`a server that shares no code with dyno${missing}`, () => {
  it('passes where it refuses every violation', async () => {
    const { result, value } = await tryOn(python(), [quote], { perTool: 100 });
    expect(result, result.reason).toMatchObject({ status: 'pass', notJudged: [] });
    expect(value('refused')).toBe(value('violations'));
    expect(value('violations')).toBeGreaterThan(20);
    expect(result.metrics['calls.total']?.value).toBe(value('violations')! + 1);
  });

  it('fails where it accepts them, each by its name', async () => {
    const { result, value } = await tryOn(python('--on-invalid', 'accept'), [quote], {
      times: 2,
      perTool: 100,
    });
    expect(result.status).toBe('fail');
    expect(value('accepted')).toBe(2 * value('violations')!);
    const named = result.failures.map(({ message, count }) => `${count} ${message}`);
    for (const violation of [
      'guest missing',
      'nights above maximum 30',
      'nights is a number as text',
      'board not in its enum',
      'extras with more than maxItems 3',
      'extras with the same item twice',
      'the arguments with an unknown argument',
    ]) {
      expect(named).toContain(`2 accepts invalid arguments: quote_stay, ${violation}`);
    }
    expect(result.reason).toMatch(/^accepts invalid arguments: quote_stay, .*, 2 times; .*and \d+ more$/);
  });

  it('tells the one argument that it does not check from those that it does', async () => {
    const { result, value } = await tryOn(python('--lax', 'nights'), [quote], { perTool: 100 });
    expect(result.status).toBe('fail');
    const rows = result.details!['violations'] as { violation: string; accepted: number; refused: number }[];
    const accepted = rows.filter((row) => row.accepted > 0).map(({ violation }) => violation);
    const wrong = rows
      .map(({ violation }) => violation)
      .filter((violation) => violation.startsWith('nights'));
    expect(accepted).toEqual(wrong);
    expect(accepted.length).toBeGreaterThan(5);
    expect(value('refused')).toBe(rows.length - accepted.length);
  });

  it('fails where it crashes, and goes on with a new one until it has crashed often enough', async () => {
    const { result, value } = await tryOn(python('--on-invalid', 'crash'), [quote], { breaks: 2 });
    expect(result.status).toBe('fail');
    expect(value('crashes')).toBe(4);
    expect(result.reason).toMatch(
      /^crashes on invalid arguments: quote_stay, .*exit code 3|ended with code 3/,
    );
    expect(result.reason).toContain('panic: ');
    expect(result.notJudged[0]).toMatch(/^23 of 25 violations: it broke 2 times$/);
  });

  it('fails where it never answers, though it answers other requests', async () => {
    const { result, value } = await tryOn(python('--on-invalid', 'hang'), [quote], {
      breaks: 2,
      answer: 1500,
    });
    expect(result.status).toBe('fail');
    expect(value('hangs')).toBe(2);
    expect(result.reason).toMatch(/^does not answer invalid arguments: quote_stay, /);
  });

  it('notes another error than the one that the protocol has for it', async () => {
    const { result, value } = await tryOn(python('--on-invalid', 'code'), [quote]);
    expect(result.status).toBe('pass');
    expect(value('refused_otherwise')).toBe(25);
    expect(result.notes.join()).toContain(
      '25 violations were refused in another way than with isError or -32602',
    );
  });

  it('is given by its URL, where a crash cannot be mended', async () => {
    server = await startProgram('python3', [file('argument-server.py'), '--http', '--on-invalid', 'crash']);
    const { result } = await tryOn({ kind: 'http', url: server.url, headers: {} }, [quote]);
    expect(result.status).toBe('error');
    expect(result.reason).toMatch(
      /^the target ended in the middle of the test: .*; crashes on invalid arguments: quote_stay, /,
    );
    expect(result.notJudged[0]).toMatch(/^24 of 25 violations: /);
  });
});

describe('the bundled server', () => {
  it('passes over HTTP', async () => {
    const { result, value } = await tryOn({ kind: 'reference', transport: 'http', args: [] }, [search]);
    expect(result, result.reason).toMatchObject({ status: 'pass' });
    expect(value('refused')).toBeGreaterThan(10);
  });

  it('crashes where told to, and is started anew', async () => {
    const { result, value } = await tryOn(
      { kind: 'reference', transport: 'http', args: ['--crash-on-invalid'] },
      [search],
      { breaks: 1 },
    );
    expect(result.status).toBe('fail');
    expect(value('crashes')).toBe(2);
    expect(result.reason).toContain('ended with exit code 7');
    expect(await bench!.ended()).toBeUndefined();
  });

  it('is not judged where a valid call fails too', async () => {
    const { result } = await tryOn({ kind: 'reference', transport: 'stdio', args: ['--fail', 'tool=100%'] }, [
      search,
    ]);
    expect(result).toMatchObject({ status: 'skipped' });
    expect(result.notJudged[0]).toContain('its valid call is not answered well either');
  });
});

describe('servers on the official SDKs', () => {
  it.each(['v1-stateful', 'v2'])('refuse what their schemas forbid: %s', async (name) => {
    const spec: TargetSpec = {
      kind: 'stdio',
      command: process.execPath,
      args: [file(`servers/${name}.mjs`), '--stdio'],
      env: {},
    };
    const { result, value } = await tryOn(spec, [
      callOf('echo', { message: 'hi' }),
      callOf('add', { a: 1, b: 2 }),
    ]);
    expect(result, result.reason).toMatchObject({ status: 'pass' });
    expect(value('tools')).toBe(2);
    expect(value('refused')).toBe(value('violations'));
  });
});
