import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import type { TestResult } from '../../src/core/run-result.js';
import type { OperationPlan } from '../../src/plan/load-plan.js';
import { openBench } from '../../src/suite/index.js';
import type { TargetSpec } from '../../src/target/index.js';
import { record } from './truth-run.js';
import { runSuiteTest } from '../fixtures/run-suite-test.js';

const script = fileURLToPath(new URL('../fixtures/argument-server.py', import.meta.url));
const quote: OperationPlan = {
  name: 'tools/call quote_stay',
  method: 'tools/call',
  tool: 'quote_stay',
  weight: 1,
  params: [{ name: 'quote_stay', arguments: { guest: 'Ann', nights: 2 } }],
};

async function tryOn(...args: string[]): Promise<TestResult> {
  const spec: TargetSpec = { kind: 'stdio', command: 'python3', args: [script, ...args], env: {} };
  const bench = await openBench({ spec, startTimeoutMs: 20_000, pid: 'none' });
  try {
    await bench.ready();
    const { result } = await runSuiteTest(bench, 'invalid-data', {
      profile: 'full',
      parameters: { answer: 3000, breaks: 5 },
      operations: [quote],
      defaults: { timeoutMs: 20_000 },
    });
    return result;
  } finally {
    await bench.close();
  }
}

const count = ({ metrics }: TestResult, name: string): number => metrics[`invalid.${name}`]?.value ?? 0;
const server = 'a server of plain Python over stdio';

it(
  'finds what a server accepts, crashes on and never answers, and nothing where it refuses',
  { timeout: 300_000 },
  async () => {
    const strict = await tryOn();
    const calls = count(strict, 'calls');
    const claim = 'arguments that the schema forbids (invalid-data)';
    record({
      claim: `${claim}: all refused`,
      server,
      truth: `${calls} refused`,
      measured: `${count(strict, 'refused')} refused, ${strict.status}`,
      tolerance: 'none',
    });
    expect(strict.status).toBe('pass');
    expect(count(strict, 'refused')).toBe(calls);

    const lax = await tryOn('--lax', 'nights');
    const rows = lax.details!['violations'] as { violation: string; accepted: number }[];
    const wrong = rows.filter(({ violation }) => violation.startsWith('nights'));
    const named = rows.filter(({ accepted }) => accepted > 0);
    record({
      claim: 'one of its four arguments is not checked: violations accepted',
      server,
      truth: `${wrong.length} of ${rows.length}, all of that argument`,
      measured: `${named.length}, ${named.filter((row) => !wrong.includes(row)).length} of another argument`,
      tolerance: 'none',
    });
    expect(named).toEqual(wrong);

    const fatal = await tryOn('--on-invalid', 'crash');
    record({
      claim: 'crashes on each: crashes, and told apart from the call before (the same call on a new target)',
      server,
      truth: '5 violations, 2 crashes each',
      measured: `${count(fatal, 'violations')} violations, ${count(fatal, 'crashes')} crashes, ${fatal.status}`,
      tolerance: 'none',
    });
    expect([count(fatal, 'violations'), count(fatal, 'crashes')]).toEqual([5, 10]);
    expect(fatal.status).toBe('fail');

    const silent = await tryOn('--on-invalid', 'hang');
    record({
      claim: 'never answers each: hangs',
      server,
      truth: '5 violations, a hang each',
      measured: `${count(silent, 'hangs')} hangs, ${silent.status}`,
      tolerance: 'none',
    });
    expect(count(silent, 'hangs')).toBe(5);
  },
);
