import { describe, expect, it } from 'vitest';

import { FakeClock } from '../../../core/clock.js';
import type { Json, JsonObject } from '../../../core/json.js';
import { seededRandom } from '../../../core/random.js';
import type { CallToolResult, Tool } from '../../../protocol/types.js';
import { WireError } from '../../../protocol/wire-error.js';
import { ToolDiscovery } from '../../discovery/discovery.js';
import { aTool } from '../../discovery/source.fixture.js';
import { adapterSource } from '../../discovery/sources/adapter-source.js';
import { ToolBinder } from '../binder.js';
import { planOf, stepWithFallbacks } from './plan-of.js';
import type { PlanStep, ToolStep } from './plan-types.js';

type Answer = (args: JsonObject, signal: AbortSignal | undefined, call: number) => Json | Promise<Json>;

const readOnly = { annotations: { readOnlyHint: true } };
const idempotent = { annotations: { idempotentHint: true } };
const lost = () => Promise.reject(new WireError('connection reset', { outcome: 'transport' }));

/** Tools by name, each with what it answers; `calls` is filled in the order in which they begin and end. */
async function made(answers: Record<string, Answer>, tools: Record<string, Partial<Tool>> = {}) {
  const clock = new FakeClock();
  const discovery = new ToolDiscovery({ clock });
  await discovery.addSource(
    adapterSource(
      's',
      Object.keys(answers).map((name) => aTool(name, '', tools[name])),
    ),
  );
  const calls: string[] = [];
  const seen: Record<string, JsonObject[]> = {};
  const binder = new ToolBinder({
    discovery,
    clock,
    random: seededRandom(7),
    async call({ tool, arguments: args, signal }): Promise<CallToolResult> {
      const { name } = tool;
      calls.push(`${name} begins`);
      const before = (seen[name] ??= []);
      before.push(args);
      const answer = await answers[name]!(args, signal, before.length);
      calls.push(`${name} ends`);
      if (answer === 'isError') return { content: [{ type: 'text', text: 'no such thing' }], isError: true };
      return typeof answer === 'string'
        ? { content: [{ type: 'text', text: answer }] }
        : { content: [], structuredContent: answer };
    },
  });
  return { clock, discovery, binder, calls, seen };
}

const tool = (id: string, more: Partial<ToolStep> = {}): ToolStep => ({
  kind: 'tool',
  id,
  tool: `s/${id}`,
  ...more,
});
const sequential = (...steps: PlanStep[]): PlanStep => ({ kind: 'sequential', steps });
const parallel = (...steps: PlanStep[]): PlanStep => ({ kind: 'parallel', steps });
const after =
  (clock: () => FakeClock, ms: number, answer: Json): Answer =>
  () =>
    new Promise((resolve) => {
      clock().after(ms, () => {
        resolve(answer);
      });
    });

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
