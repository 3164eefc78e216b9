import { describe, expect, it } from 'vitest';

import type { Tool } from '../../../protocol/types.js';
import { WireError } from '../../../protocol/wire-error.js';
import { idempotent, lost, made, parallel, readOnly, sequential, tool, type Answer } from './plan.fixture.js';
import { planOf, stepWithFallbacks } from './plan-of.js';

describe('retries', () => {
  it('try a read-only or idempotent tool again, with growing pauses, when the way to it failed', async () => {
    const { binder, clock } = await made({ a: (_, __, call) => (call < 3 ? lost() : 'x') }, { a: readOnly });
    const running = binder.executePlan(tool('a', { retry: { backoffMs: 1_000 } }));
    await clock.advance(10_000);
    const { status, steps } = await running;
    expect(status).toBe('ok');
    const [first, second, third] = steps[0]!.attempts.map(({ startMs }) => startMs);
    expect(first).toBe(0);
    expect(second! - first!).toBeGreaterThanOrEqual(500);
    expect(second! - first!).toBeLessThanOrEqual(1_000);
    expect(third! - second!).toBeGreaterThanOrEqual(1_000);
    expect(third! - second!).toBeLessThanOrEqual(2_000);
    expect(steps[0]!.attempts.map(({ error }) => error)).toEqual([
      'connection reset',
      'connection reset',
      undefined,
    ]);
  });

  it.each<[string, Partial<Tool>, Answer, number]>([
    ['a tool that is neither read-only nor idempotent', {}, lost, 1],
    ['an idempotent tool until its attempts are used up', idempotent, lost, 3],
    ['a tool that answered an error', readOnly, () => 'isError', 1],
    [
      'wrong parameters',
      readOnly,
      () => Promise.reject(new WireError('invalid params', { outcome: 'rpc', rpcCode: -32602 })),
      1,
    ],
    [
      'a server that is overloaded',
      readOnly,
      () => Promise.reject(new WireError('503', { outcome: 'http', status: 503 })),
      3,
    ],
    [
      'a page that is not there',
      readOnly,
      () => Promise.reject(new WireError('404', { outcome: 'http', status: 404 })),
      1,
    ],
  ])('for %s', async (_, more, answer, expected) => {
    const { binder, clock, seen } = await made({ a: answer }, { a: more });
    const running = binder.executePlan(tool('a'));
    await clock.advance(60_000);
    expect((await running).status).toBe('failed');
    expect(seen['a']).toHaveLength(expected);
  });
});

describe('time-outs and cancelling', () => {
  const never: Answer = () => new Promise(() => undefined);

  it('end an attempt that takes too long, even where the callee does not listen, and count it as a failure', async () => {
    const { binder, clock, discovery } = await made({ a: never }, { a: readOnly });
    const running = binder.executePlan(
      tool('a', { timeoutMs: 500, retry: { maxAttempts: 2, backoffMs: 0 } }),
    );
    await clock.advance(1_000);
    const { steps, status } = await running;
    expect(status).toBe('failed');
    expect(steps[0]?.attempts.map(({ durationMs, error }) => [durationMs, error])).toEqual([
      [500, 'No answer within 500 ms'],
      [500, 'No answer within 500 ms'],
    ]);
    expect(discovery.get('s/a')?.usage).toMatchObject({ calls: 2, failures: 2 });
    expect(clock.pending).toBe(0);
  });

  it('end a whole plan, telling what was done by then', async () => {
    const { binder, clock } = await made({ a: () => 'x', b: never, c: () => 'y' });
    const running = binder.executePlan(sequential(tool('a'), tool('b'), tool('c')), { timeoutMs: 1_000 });
    await clock.advance(1_000);
    const result = await running;
    expect(result).toMatchObject({ status: 'timed-out', durationMs: 1_000, output: 'x' });
    expect(result.steps.map(({ status }) => status)).toEqual(['ok', 'cancelled', 'skipped']);
    expect(result.sentence).toBe("1 of 3 steps succeeded within the plan's 1000 ms.");
    expect(clock.pending).toBe(0);
  });

  it('reach the calls under way through their signals, without fallbacks or retries', async () => {
    const controller = new AbortController();
    let aborted = 0;
    const listening: Answer = (_, signal) =>
      new Promise((__, reject) => {
        signal?.addEventListener('abort', () => {
          aborted++;
          reject(new Error('aborted'));
        });
      });
    const { binder, clock, calls, discovery } = await made(
      { a: listening, b: listening, c: () => 'x' },
      { a: readOnly },
    );
    const running = binder.executePlan(
      parallel(tool('a', { fallbacks: [{ ...tool('a2'), tool: 's/c' }] }), tool('b')),
      { signal: controller.signal },
    );
    await clock.advance(10);
    controller.abort(new Error('the user left'));
    const result = await running;
    expect(result.status).toBe('cancelled');
    expect(result.steps.map(({ reason }) => reason)).toEqual(['the user left', 'the user left']);
    expect(aborted).toBe(2);
    expect(calls).toEqual(['a begins', 'b begins']);
    expect(discovery.get('s/a')?.usage.calls).toBe(0);
    expect(clock.pending).toBe(0);
    const early = await binder.executePlan(tool('a'), { signal: controller.signal });
    expect(early).toMatchObject({ status: 'cancelled' });
    expect(early.steps[0]?.attempts).toEqual([]);
  });

  it('end a pause between retries', async () => {
    const controller = new AbortController();
    const { binder, clock } = await made({ a: lost }, { a: readOnly });
    const running = binder.executePlan(tool('a', { retry: { backoffMs: 60_000, maxBackoffMs: 60_000 } }), {
      signal: controller.signal,
    });
    await clock.advance(10);
    controller.abort(new Error('enough'));
    expect((await running).status).toBe('cancelled');
    expect(clock.pending).toBe(0);
  });
});

describe('fallbacks', () => {
  it('really run, in their order, with the arguments of the step', async () => {
    const { binder, seen } = await made({ a: lost, b: () => 'isError', c: () => 'found' });
    const result = await binder.executePlan(
      tool('a', {
        arguments: { q: 1 },
        fallbacks: [
          { ...tool('second'), tool: 's/b' },
          { ...tool('third'), tool: 's/c' },
        ],
      }),
    );
    expect(result).toMatchObject({ status: 'ok', output: 'found' });
    expect(result.steps[0]).toMatchObject({ status: 'ok', fallback: 'third' });
    expect(result.steps[0]?.attempts.map((one) => one.tool)).toEqual(['s/a', 's/b', 's/c']);
    expect(seen['c']).toEqual([{ q: 1 }]);
  });

  it('come from the other bindings of a request', async () => {
    const { binder } = await made({ weather_one: lost, weather_two: () => 'sunny' });
    const bindings = await binder.bindTools({ query: 'weather' });
    const result = await binder.executePlan(stepWithFallbacks('weather', bindings));
    expect(result).toMatchObject({ status: 'ok', output: 'sunny' });
    expect(await binder.executePlan(planOf(bindings.slice(1), 'sequential'))).toMatchObject({ status: 'ok' });
  });
});
