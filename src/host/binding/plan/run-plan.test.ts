import { describe, expect, it } from 'vitest';

import type { FakeClock } from '../../../core/clock.js';
import { after, made, parallel, sequential, tool } from './plan.fixture.js';
import type { PlanStep } from './plan-types.js';

describe('a sequential plan', () => {
  it('runs one step after another and gives the last answer', async () => {
    const { binder, calls } = await made({ a: () => 'one', b: () => ({ two: 2 }) });
    const result = await binder.executePlan(sequential(tool('a'), tool('b')));
    expect(calls).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
    expect(result).toMatchObject({ status: 'ok', output: { two: 2 }, sentence: '2 of 2 steps succeeded.' });
  });

  it('stops at the first failure and says what was not reached', async () => {
    const { binder, calls } = await made({ a: () => 'isError', b: () => 'x' });
    const result = await binder.executePlan(sequential(tool('a'), tool('b')));
    expect(calls).toEqual(['a begins', 'a ends']);
    expect(result.status).toBe('failed');
    expect(result.steps.map(({ status }) => status)).toEqual(['failed', 'skipped']);
    expect(result.sentence).toBe(
      "0 of 2 steps succeeded; 'a' failed: a of s: The tool answered an error: no such thing",
    );
  });

  it('goes on after an optional step that failed', async () => {
    const { binder } = await made({ a: () => 'isError', b: () => 'x' });
    const result = await binder.executePlan(sequential(tool('a', { optional: true }), tool('b')));
    expect(result).toMatchObject({ status: 'ok', output: 'x' });
    expect(result.sentence).toBe("1 of 2 steps succeeded; 'a' was optional and failed.");
  });

  it('maps what earlier steps answered', async () => {
    const { binder, seen } = await made({
      a: () => ({ items: [{ id: 7 }] }),
      b: () => '[1,2]',
      c: () => 'x',
    });
    await binder.executePlan(
      sequential(
        tool('a'),
        tool('b'),
        tool('c', {
          arguments: { keep: 1, id: 'over' },
          inputs: {
            id: { from: 'a', path: '/items/0/id' },
            all: { from: 'a' },
            second: { from: 'b', path: '/1' },
          },
        }),
      ),
    );
    expect(seen['c']).toEqual([{ keep: 1, id: 7, all: { items: [{ id: 7 }] }, second: 2 }]);
  });

  it('fails a step whose input was not answered, without calling it', async () => {
    const { binder, seen } = await made({ a: () => ({}), b: () => 'x' });
    const result = await binder.executePlan(
      sequential(tool('a'), tool('b', { inputs: { id: { from: 'a', path: '/id' } } })),
    );
    expect(seen['b']).toBeUndefined();
    expect(result.steps[1]).toMatchObject({
      status: 'failed',
      attempts: [],
      reason: "b of s: step 'a' has given nothing at /id for its input 'id'",
    });
  });

  it('validates arguments before each call', async () => {
    const inputSchema = { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] };
    const { binder, calls } = await made({ a: () => 'x' }, { a: { inputSchema } });
    const result = await binder.executePlan(tool('a', { arguments: { n: 'five' } }));
    expect(calls).toEqual([]);
    expect(result.steps[0]?.reason).toMatch(/Expected \/n to be a whole number/);
  });
});

describe('a parallel plan', () => {
  it('runs its steps at the same time, at most as many as told', async () => {
    const box: { clock?: FakeClock } = {};
    const clockOf = () => box.clock!;
    const names = ['a', 'b', 'c', 'd'];
    const { binder, clock, calls } = await made(
      Object.fromEntries(names.map((name) => [name, after(clockOf, 100, name)])),
    );
    box.clock = clock;
    const all = binder.executePlan(parallel(...names.map((name) => tool(name))));
    await clock.advance(100);
    expect(await all).toMatchObject({ status: 'ok', durationMs: 100 });
    calls.length = 0;
    const two = binder.executePlan({
      kind: 'parallel',
      maxInFlight: 2,
      steps: names.map((name) => tool(name)),
    });
    await clock.advance(99);
    expect(calls).toEqual(['a begins', 'b begins']);
    await clock.advance(101);
    expect((await two).durationMs).toBe(200);
  });

  it('lets the others end when one fails, or cancels them when told', async () => {
    const box: { clock?: FakeClock } = {};
    const answers = { a: () => 'isError', b: after(() => box.clock!, 50, 'x'), c: () => 'y' } as const;
    const { binder, clock } = await made(answers);
    box.clock = clock;
    const going = binder.executePlan(parallel(tool('a'), tool('b'), tool('c')));
    await clock.advance(50);
    expect((await going).steps.map(({ status }) => status)).toEqual(['failed', 'ok', 'ok']);
    const stopped = await binder.executePlan({
      kind: 'parallel',
      onFailure: 'stop',
      maxInFlight: 2,
      steps: [tool('a'), tool('b'), tool('c')],
    });
    expect(stopped.status).toBe('failed');
    expect(stopped.steps.map(({ status }) => status)).toEqual(['failed', 'cancelled', 'cancelled']);
    expect(stopped.steps[1]?.reason).toBe('Another step of its group failed');
    expect(clock.pending).toBeLessThanOrEqual(1); // the answer that nobody waits for any more
  });

  it('does not make plans wait for one another', async () => {
    const box: { clock?: FakeClock } = {};
    const { binder, clock } = await made({ a: after(() => box.clock!, 100, 'x') });
    box.clock = clock;
    const plans = Array.from({ length: 50 }, () => binder.executePlan(sequential(tool('a'))));
    await clock.advance(100);
    for (const result of await Promise.all(plans))
      expect(result).toMatchObject({ status: 'ok', durationMs: 100 });
  });
});

describe('a pipeline', () => {
  it('fills the inputs of each step from what the one before it answered, by the names both declare', async () => {
    const { binder, seen } = await made(
      { find: () => ({ city: 'Oslo', latitude: 59.9, longitude: '10.7' }), forecast: () => 'rain' },
      {
        forecast: {
          inputSchema: {
            type: 'object',
            properties: { lat: { type: 'number' }, lon: { type: 'number' }, days: { type: 'integer' } },
            required: ['lat', 'lon'],
          },
        },
      },
    );
    const result = await binder.executePlan({
      kind: 'pipeline',
      steps: [tool('find'), tool('forecast', { arguments: { days: 2 } })],
    });
    expect(result).toMatchObject({ status: 'ok', output: 'rain' });
    expect(seen['forecast']).toEqual([{ lat: 59.9, lon: 10.7, days: 2 }]);
  });

  it('says what the next step lacks', async () => {
    const inputSchema = { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] };
    const { binder } = await made({ a: () => ({ colour: ['red'] }), b: () => 'x' }, { b: { inputSchema } });
    const result = await binder.executePlan({ kind: 'pipeline', steps: [tool('a'), tool('b')] });
    expect(result.status).toBe('failed');
    expect(result.steps[1]?.reason).toMatch(/Expected \/id to be there/);
  });
});

describe('a conditional plan', () => {
  const answers = { ask: () => ({ ready: true, n: 3 }), yes: () => 'y', no: () => 'n' };
  const plan = (condition: object): PlanStep =>
    sequential(tool('ask'), {
      kind: 'conditional',
      if: condition as never,
      then: tool('yes'),
      else: tool('no'),
    });

  it.each([
    [{ step: 'ask', is: 'ok' }, 'y'],
    [{ step: 'ask', is: 'failed' }, 'n'],
    [{ step: 'ask', path: '/ready', equals: true }, 'y'],
    [{ step: 'ask', path: '/n', equals: 4 }, 'n'],
    [{ step: 'ask', path: '/n', exists: true }, 'y'],
    [{ step: 'ask', path: '/none', exists: true }, 'n'],
  ])('on %j goes to %s', async (condition, output) => {
    const { binder } = await made(answers);
    const result = await binder.executePlan(plan(condition));
    expect(result.output).toBe(output);
    expect(result.steps.map(({ status }) => status).sort()).toEqual(['ok', 'ok', 'skipped']);
  });

  it('takes a function, and does nothing where there is no other way', async () => {
    const { binder } = await made(answers);
    const result = await binder.executePlan(
      sequential(tool('ask'), {
        kind: 'conditional',
        if: (outcomes) => outcomes.size > 5,
        then: tool('yes'),
      }),
    );
    expect(result).toMatchObject({ status: 'ok', output: { ready: true, n: 3 } });
  });
});

describe('a plan that cannot be run', () => {
  it.each<[string, PlanStep, RegExp]>([
    [
      'an unknown tool',
      { ...tool('a'), tool: 's/nope' },
      /Step 'a' calls the tool 's\/nope', which is not known/,
    ],
    ['an id twice', sequential(tool('a'), tool('a')), /Two steps of the plan have the id 'a'/],
    ['no steps', sequential(), /A sequential step of the plan has no steps/],
    [
      'an input from a later step',
      sequential(tool('a', { inputs: { x: { from: 'b' } } }), tool('b')),
      /Step 'a' reads step 'b'/,
    ],
    [
      'an input from its own group',
      parallel(tool('a'), tool('b', { inputs: { x: { from: 'a' } } })),
      /Step 'b' reads step 'a'/,
    ],
    [
      'a condition on an unknown step',
      { kind: 'conditional', if: { step: 'x', is: 'ok' }, then: tool('a') },
      /A condition reads step 'x'/,
    ],
    ['another kind', { kind: 'loop' } as never, /got 'loop'/],
    ['no lanes', { kind: 'parallel', maxInFlight: 0, steps: [tool('a')] }, /`maxInFlight`/],
    [
      'a condition that throws',
      sequential(tool('a'), {
        kind: 'conditional',
        if: () => {
          throw new Error('oops');
        },
        then: tool('b'),
      }),
      /threw: oops/,
    ],
  ])('for %s is refused in one sentence', async (_, plan, message) => {
    const { binder } = await made({ a: () => 'x', b: () => 'y' });
    await expect(binder.executePlan(plan)).rejects.toThrow(message);
  });

  it('is refused when it is nested without end or too long', async () => {
    const { binder } = await made({ a: () => 'x' });
    let deep: PlanStep = tool('a');
    for (let i = 0; i < 40; i++) deep = sequential(deep);
    await expect(binder.executePlan(deep)).rejects.toThrow('nested deeper than 32');
    const long = sequential(...Array.from({ length: 1_001 }, (_, i) => ({ ...tool(`t${i}`), tool: 's/a' })));
    await expect(binder.executePlan(long)).rejects.toThrow('more than 1000 steps');
  });
});
