import { describe, expect, it } from 'vitest';
import { DynoError, unreachableError, usageError } from '../core/errors.js';
import type { Bench } from './bench.js';
import { runCourse } from './test-course.js';
import type { SuiteTest, TestContext } from './suite-test.js';

/** Nothing of a target is needed to see how a test comes to its end. */
function benchThat(ends: () => string | undefined, gone = new AbortController().signal): Bench {
  return {
    gone,
    runner: {},
    startable: true,
    stops: [],
    deaths: [],
    ended: () => Promise.resolve(ends()),
  } as unknown as Bench;
}

const never = new AbortController().signal;

function course(
  run: (context: TestContext) => ReturnType<SuiteTest['run']>,
  { bench = benchThat(() => undefined), limitMs = 10_000, stop = never } = {},
) {
  const test: SuiteTest = {
    id: 'made-up',
    title: '',
    tags: [],
    explain: '',
    parameters: {},
    limitMs: () => limitMs,
    run,
  };
  return runCourse({
    bench,
    test,
    profile: 'smoke',
    parameters: {},
    operations: [],
    thresholds: [],
    defaults: {
      timeoutMs: 100,
      gracefulStopMs: 10,
      startTimeoutMs: 100,
      seed: 1,
      workers: 1,
      session: 'shared',
    },
    stop,
    abort: never,
    slackMs: 0,
    endingMs: 20,
  });
}

const hang = () => new Promise<never>(() => undefined);

describe('a test comes to an outcome', () => {
  it('at its time limit, also where it does not end then', async () => {
    const { outcome } = await course(hang, { limitMs: 30 });
    expect(outcome).toMatchObject({ status: 'error', reason: 'the test did not end within 0 s' });
  });

  it('at its time limit with what it measured, where it ends then', async () => {
    const { outcome } = await course(
      async ({ stop }) => {
        await new Promise((resolve) => {
          stop.addEventListener('abort', resolve);
        });
        return { metrics: { 'calls.total': { value: 3, unit: 'count' } } };
      },
      { limitMs: 30 },
    );
    expect(outcome).toMatchObject({ status: 'error', metrics: { 'calls.total': { value: 3 } } });
  });

  it('by Ctrl-C, undecided, whether it throws or hangs', async () => {
    for (const run of [hang, () => Promise.reject(new Error('interrupted'))]) {
      const { outcome } = await course(run, { stop: AbortSignal.abort() });
      expect(outcome).toEqual({ status: 'inconclusive', reason: 'stopped before its end' });
    }
  });

  it('by the end of a process that serves all connections', async () => {
    const gone = AbortSignal.abort('the server ended with exit code 7');
    const ran = await course(hang, { bench: benchThat(() => undefined, gone) });
    expect(ran.died).toBe('the server ended with exit code 7');
    expect(ran.outcome.reason).toBe(
      'the target ended in the middle of the test: the server ended with exit code 7',
    );
  });

  it('by a target that cannot be reached, told from one that only refused', async () => {
    const refused = () => Promise.reject(unreachableError('Refused', 'Is it running?'));
    const gone = await course(refused, { bench: benchThat(() => 'nobody listens') });
    expect(gone).toMatchObject({ died: 'nobody listens', outcome: { status: 'error' } });
    const there = await course(refused);
    expect(there).toEqual({ outcome: { status: 'error', reason: 'Refused. Is it running?' }, left: [] });
  });

  it('by a process that ended between two loads', async () => {
    const error = new DynoError('The server ended with exit code 3 between two loads', {
      code: 'target-died',
      hint: 'Its last words on stderr: bye',
    });
    const { died } = await course(() => Promise.reject(error));
    expect(died).toBe('the server ended with exit code 3 between two loads; its last words on stderr: bye');
  });

  it('by a fault of ours, which the exit tells, and by a wrong plan, which ends the run', async () => {
    const { exitCode } = await course(() => Promise.reject(new TypeError('x is not a function')));
    expect(exitCode).toBe(1);
    await expect(course(() => Promise.reject(usageError('Wrong')))).rejects.toThrow('Wrong');
  });
});
