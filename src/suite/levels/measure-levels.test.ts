import { expect, it } from 'vitest';
import type { LoadedPart, TestContext } from '../suite-test.js';
import { measureLevels } from './measure-levels.js';

/** A test whose levels all come out ok, with what the waiting after them sees. */
function context(after: { died?: string }): { context: TestContext; phases: string[] } {
  const phases: string[] = [];
  const load = (_: unknown, phase: string): Promise<LoadedPart> => {
    phases.push(phase);
    const report = phase.endsWith('in flight') ? { stopped: false } : { operations: [], ...after };
    return Promise.resolve({
      report,
      parts: { metrics: { success_rate: { value: 1 } } },
    } as unknown as LoadedPart);
  };
  const { signal } = new AbortController();
  return { context: { load, stop: signal } as unknown as TestContext, phases };
}

const timing = { durationMs: 100, warmupMs: 0 };

it('waits after the last level until single calls are answered, and tells where they are not', async () => {
  const { context: stuck, phases } = context({});
  const measured = await measureLevels(stuck, [1, 50], timing);
  expect(phases).toEqual(['1 in flight', '50 in flight', 'until it answers again']);
  expect(measured).toMatchObject({ recovery: { tookMs: null } });
  expect(measured.died).toBeUndefined();
});

it('names a target that ends while it is waited for', async () => {
  const measured = await measureLevels(
    context({ died: 'it ended with exit code 3' }).context,
    [1, 50],
    timing,
  );
  expect(measured).toMatchObject({
    died: 'it ended with exit code 3',
    ended: 'the target ended: it ended with exit code 3',
  });
  expect(measured.levels.length).toBe(2);
  expect(measured.recovery).toBeUndefined();
});
