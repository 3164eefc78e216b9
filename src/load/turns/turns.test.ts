import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../core/clock.js';
import type { JsonObject } from '../../core/json.js';
import { seededRandom } from '../../core/random.js';
import { parseAnswerPath } from '../../plan/chain/index.js';
import type { ExecutorPlan, LoadPlan, OperationPlan } from '../../plan/load-plan.js';
import type { TurnPlan } from '../../plan/turn-plan.js';
import { CallBook } from '../engine/call-book.js';
import { ClosedEngine } from '../engine/closed-engine.js';
import type { Engine } from '../engine/engine.js';
import { OpenEngine } from '../engine/open-engine.js';
import { clockPacer } from '../engine/pacer.js';
import { loadShape } from '../executors/index.js';
import { outcomeIndex } from '../lanes/answer-checker.js';
import { callTemplates } from '../lanes/call-template.js';
import { Lane } from '../lanes/lane.js';
import { ShardRecorder } from '../recording/shard-recorder.js';
import { Summary } from '../recording/summary.js';
import { TurnTotals } from '../runner/turn-totals.js';
import { Mix } from '../schedule/mix.js';
import { chainCalls } from './chain-calls.js';
import { KeepingChecker } from './keeping-checker.js';
import { lastCallMs, Turns } from './turns.js';

const dialect = { era: 'session', protocolVersion: '2025-11-25' } as const;

/** What a call is answered with: after how many ms (undefined: never), and a result. */
type Serve = (call: { params: JsonObject; now: number; nth: number }) => {
  ms: number | undefined;
  result?: JsonObject;
  outcome?: number;
};

class FakeLane extends Lane {
  id = 0;
  onSend: (lane: FakeLane) => void = () => undefined;
  onExpire = (): void => undefined;
  override get requestId(): number {
    return this.id;
  }
  override send(): void {
    this.onSend(this);
  }
  override expire(): void {
    this.onExpire();
  }
  override destroy(): void {
    this.onExpire = () => undefined;
  }
}

interface Sent {
  at: number;
  params: JsonObject;
  lane: number;
  text: string;
}

/** Runs a plan with turns on fake time, and gives what was sent and what was recorded. */
async function run(
  executor: ExecutorPlan,
  turn: TurnPlan,
  serve: Serve,
  more: Partial<LoadPlan> = {},
): Promise<{ sent: Sent[]; turns: TurnTotals; calls: Summary; ok: number[]; peak: number; endedAt: number }> {
  const clock = new FakeClock();
  const plan: LoadPlan = {
    operations: [{ name: 'ping', method: 'ping', weight: 1, params: [] }],
    executor,
    turn,
    warmup: { kind: 'none' },
    timeoutMs: 1000,
    session: 'shared',
    seed: 1,
    workers: 1,
    gracefulStopMs: 400,
    ...more,
  };
  const { operations } = plan;
  const templates = operations.map((operation, index) => callTemplates(index, operation, dialect));
  const shape = loadShape(executor);
  const recorder = new ShardRecorder(
    operations.length,
    shape.model === 'open' || plan.thinkTime !== undefined,
  );
  const warmupMs = plan.warmup.kind === 'time' ? plan.warmup.ms : 0;
  const steps = turn.kind === 'chain' ? turn.steps : undefined;
  const checker = steps === undefined ? undefined : new KeepingChecker(operations, [], steps);
  const turns = new Turns(turn);
  const sent: Sent[] = [];
  const lanes: FakeLane[] = [];
  let peak = 0;
  let nextId = 1;
  const lane = (index: number) => {
    const made = (lanes[index] ??= new FakeLane(index));
    made.onSend = (busy) => {
      busy.id = nextId++;
      const { params, suffix } = busy.template;
      sent.push({ at: clock.now(), params, lane: index, text: suffix });
      peak = Math.max(peak, turns.inFlight);
      const { ms, result, outcome = 0 } = serve({ params, now: clock.now(), nth: sent.length });
      const settle = (as: number, message = '') => {
        if (!busy.busy) return;
        busy.endMs = busy.firstByteMs = clock.now();
        busy.message = message;
        turns.settled(busy, as);
      };
      const answered = () => {
        if (outcome !== 0) settle(outcome, 'made to fail');
        else if (result === undefined || checker === undefined) settle(0);
        else {
          const answer = { jsonrpc: '2.0', id: busy.id, result };
          settle(checker.checkParsed(answer, busy.id, busy.template.operation) ?? -1);
        }
      };
      const cancel = ms === undefined ? () => undefined : clock.after(ms, answered);
      busy.onExpire = () => {
        cancel();
        settle(outcomeIndex.timeout, 'no answer');
      };
    };
    return made;
  };
  const calls = {
    plan,
    source: { lane },
    mix: new Mix(operations, templates, plan.seed),
    now: () => clock.now(),
    pacer: (wake: () => void) => clockPacer(clock, wake),
    random: seededRandom(plan.seed),
    shard: 0,
    shards: 1,
    warmupMs,
    book: new CallBook(recorder, operations, warmupMs),
  };
  const owner = { settled: (of: Lane, outcome: number) => engine.settled(of, outcome) };
  const chain =
    steps === undefined || checker === undefined
      ? undefined
      : { checker, calls: chainCalls(steps, operations, templates, dialect) };
  const parts = turns.over(calls, { owner, chain });
  const engine: Engine =
    shape.model === 'closed' ? new ClosedEngine(shape, parts) : new OpenEngine(shape, parts, recorder);
  let endedAt = -1;
  engine.start(0, () => {
    endedAt = clock.now();
  });
  turns.endCallsAt(lastCallMs(engine.windowEndMs, plan));
  for (let i = 0; i < 4000 && endedAt < 0; i++) {
    await clock.advance(5);
    engine.sweep();
    if (clock.now() >= engine.windowEndMs + plan.gracefulStopMs) engine.abort('the end');
  }
  const totals = new TurnTotals();
  const drained = turns.drain();
  if (drained !== undefined) totals.addDelta(drained);
  const gauges = { fromMs: 0, toMs: 1, inFlight: 0, waiting: 0, active: 0, busyMs: 0 };
  const { operations: deltas } = recorder.drain(gauges);
  const latency = new Summary();
  for (const delta of deltas) if (delta.latency !== undefined) latency.addDelta(delta.latency);
  const ok = operations.map((_, index) => deltas.find(({ operation }) => operation === index)?.ok ?? 0);
  return { sent, turns: totals, calls: latency, ok, peak, endedAt };
}

const burst = (calls: number, parallel = 1): TurnPlan => ({ kind: 'burst', calls, parallel });
const always =
  (ms: number): Serve =>
  () => ({ ms });

describe('bursts', () => {
  it('makes its calls one after another, thinks, and begins anew', async () => {
    const { sent, turns, calls } = await run(
      { kind: 'constant-vus', vus: 1, durationMs: 1000 },
      burst(3),
      always(10),
      { thinkTime: { kind: 'constant', ms: 170 } },
    );
    // A turn is 3 × 10 ms, then 170 ms of thinking: five of them in a second.
    expect(sent.map(({ at }) => at)).toEqual([0, 200, 400, 600, 800].flatMap((t) => [t, t + 10, t + 20]));
    expect(turns).toMatchObject({ ok: 5, failed: 0, cut: 0 });
    expect(turns.time.meanMs).toBe(30);
    expect(calls.count).toBe(15);
    expect(calls.meanMs).toBe(10);
  });

  it('has as many calls at once as asked for, each over its own slot', async () => {
    const { sent, turns, peak } = await run(
      { kind: 'shared-iterations', vus: 2, iterations: 4, maxDurationMs: 60_000 },
      burst(5, 2),
      always(10),
    );
    expect(peak).toBe(4);
    expect(sent).toHaveLength(20);
    expect(new Set(sent.map(({ lane }) => lane))).toEqual(new Set([0, 1, 2, 3]));
    // Two at once: 5 calls of 10 ms take 30 ms.
    expect(turns).toMatchObject({ ok: 4, failed: 0 });
    expect([turns.time.minMs, turns.time.maxMs]).toEqual([30, 30]);
  });

  it('takes think times of an exponential distribution with the mean asked for', async () => {
    const { turns, endedAt } = await run(
      { kind: 'shared-iterations', vus: 1, iterations: 300, maxDurationMs: 60_000 },
      burst(2),
      always(5),
      { thinkTime: { kind: 'exponential', meanMs: 10 }, gracefulStopMs: 60_000 },
    );
    expect(turns.ok).toBe(300);
    // 300 turns of 10 ms and 299 thinks of 10 ms on average: the sum's standard deviation is 173 ms.
    expect(endedAt).toBeGreaterThan(6000 - 4 * 173);
    expect(endedAt).toBeLessThan(6000 + 4 * 173);
  });

  it('goes on after a call that fails, and counts the turn as failed', async () => {
    const { sent, turns } = await run(
      { kind: 'shared-iterations', vus: 1, iterations: 3, maxDurationMs: 60_000 },
      burst(4),
      ({ nth }) => ({ ms: 10, outcome: nth === 6 ? outcomeIndex.tool : 0 }),
    );
    expect(sent).toHaveLength(12);
    expect(turns).toMatchObject({ ok: 2, failed: 1, cut: 0 });
  });

  it('gives each call its own deadline', async () => {
    const { turns, calls } = await run(
      { kind: 'shared-iterations', vus: 1, iterations: 1, maxDurationMs: 60_000 },
      burst(3),
      ({ nth }) => ({ ms: nth === 2 ? undefined : 600 }),
      { timeoutMs: 700, gracefulStopMs: 10_000 },
    );
    expect(calls.count).toBe(2);
    expect(turns).toMatchObject({ ok: 0, failed: 1 });
  });

  it('ends the burst where no connection can be had', async () => {
    const { sent, turns } = await run(
      { kind: 'shared-iterations', vus: 1, iterations: 3, maxDurationMs: 60_000 },
      burst(10),
      () => ({ ms: 1, outcome: outcomeIndex.connect }),
    );
    expect(sent).toHaveLength(3);
    expect(turns).toMatchObject({ ok: 0, failed: 3 });
  });

  it('finishes turns in the first half of the grace, and calls those that it cannot cut', async () => {
    const { sent, turns } = await run(
      { kind: 'constant-vus', vus: 1, durationMs: 1000 },
      burst(100),
      always(50),
    );
    // 400 ms of grace: the last call begins before 1200 ms.
    expect(sent.at(-1)!.at).toBe(1150);
    expect(turns).toMatchObject({ ok: 0, failed: 0, cut: 1 });
  });

  it('leaves the warm-up out', async () => {
    const { turns } = await run({ kind: 'constant-vus', vus: 1, durationMs: 1000 }, burst(2), always(50), {
      warmup: { kind: 'time', ms: 500 },
    });
    expect(turns.ok).toBe(10);
  });

  it('counts, in the open model, from when the turn was due', async () => {
    const { sent, turns } = await run(
      {
        kind: 'constant-arrival-rate',
        rate: 10,
        durationMs: 1000,
        vus: 1,
        arrivals: 'constant',
        maxWaiting: 100,
      },
      burst(2),
      ({ now }) => ({ ms: now < 100 ? 200 : 10 }),
      { gracefulStopMs: 2000 },
    );
    expect(sent).toHaveLength(20);
    expect(turns.ok).toBe(10);
    // The first stands still for 400 ms minus its second call: those due meanwhile waited.
    expect(turns.time.maxMs).toBe(210);
    expect(turns.time.minMs).toBe(20);
  });
});

const save = (name: string, path: string) => ({ name, path: parseAnswerPath(path, 'it') });
const operation = (tool: string, args: JsonObject): OperationPlan => ({
  name: `tools/call ${tool}`,
  method: 'tools/call',
  tool,
  weight: 1,
  params: [{ name: tool, arguments: args }],
});
const chain: TurnPlan = {
  kind: 'chain',
  steps: [
    { save: [save('id', '$.items[0].id')], holes: [[]] },
    {
      save: [],
      holes: [
        [
          { at: ['arguments', 'id'], parts: [{ name: 'id' }] },
          { at: ['arguments', 'note', 0], parts: [{ text: 'about "' }, { name: 'id' }, { text: '"' }] },
        ],
      ],
    },
  ],
};
const operations = [
  operation('search', { q: 'x' }),
  operation('get', { id: '{{id}}', note: ['about "{{id}}"'], depth: 1 }),
];
const found = (id: unknown): JsonObject => ({
  content: [],
  structuredContent: { items: [{ id }] } as unknown as JsonObject,
});
const twice: ExecutorPlan = { kind: 'shared-iterations', vus: 1, iterations: 2, maxDurationMs: 60_000 };

describe('chains', () => {
  it('puts what a step answered into the arguments of a later one', async () => {
    const { sent, turns, ok } = await run(
      twice,
      chain,
      ({ nth }) => ({ ms: 10, result: found(nth < 3 ? 'A-1' : 7) }),
      { operations },
    );
    expect(sent.map(({ params }) => params['arguments'])).toEqual([
      { q: 'x' },
      { id: 'A-1', note: ['about "A-1"'], depth: 1 },
      { q: 'x' },
      { id: 7, note: ['about "7"'], depth: 1 },
    ]);
    expect(ok).toEqual([2, 2]);
    expect(turns).toMatchObject({ ok: 2, failed: 0 });
    expect(turns.time.meanMs).toBe(20);
  });

  it.each([
    ['"},"method":"shutdown","x":{"y":"'],
    ['line\r\nInjected: header\u2028'],
    [{ deep: [1, { 'quote"': '\\' }] }],
    ['{{id}}'],
  ])('sends whatever a server says as JSON: %j', async (hostile) => {
    const { sent } = await run(twice, chain, () => ({ ms: 1, result: found(hostile) }), { operations });
    const message = JSON.parse(`{"jsonrpc":"2.0","id":1${sent[1]!.text}`) as {
      method: string;
      params: { arguments: { id: unknown } };
    };
    expect(Object.keys(message)).toEqual(['jsonrpc', 'id', 'method', 'params']);
    expect(message.method).toBe('tools/call');
    expect(message.params.arguments.id).toEqual(hostile);
  });

  it('ends, by name, where an answer lacks the field', async () => {
    const { sent, turns, ok } = await run(
      twice,
      chain,
      ({ nth }) => ({ ms: 10, result: nth === 1 ? { content: [] } : found('A-2') }),
      { operations },
    );
    expect(sent).toHaveLength(3);
    // The call itself was answered.
    expect(ok).toEqual([2, 1]);
    expect(turns).toMatchObject({ ok: 1, failed: 1, missing: 1, cut: 0 });
    expect(turns.endings).toEqual([
      { step: 0, because: "the answer has nothing at '$.items[0].id' to save as 'id'", count: 1 },
    ]);
  });

  it('keeps nothing that is too large to be an argument', async () => {
    const { sent, turns } = await run(twice, chain, () => ({ ms: 1, result: found('x'.repeat(70_000)) }), {
      operations,
    });
    expect(sent).toHaveLength(2);
    expect(turns.missing).toBe(2);
    expect(turns.endings[0]!.because).toMatch(/longer than 65536 characters/);
  });

  it('ends where a call fails, and says at which step', async () => {
    const { sent, turns } = await run(
      twice,
      chain,
      ({ nth }) => ({ ms: 10, result: found('A'), outcome: nth === 2 ? outcomeIndex.rpc : 0 }),
      { operations },
    );
    expect(sent).toHaveLength(4);
    expect(turns).toMatchObject({ ok: 1, failed: 1, missing: 0 });
    expect(turns.endings).toEqual([{ step: 1, because: 'rpc: made to fail', count: 1 }]);
  });

  it('counts ends for ever new reasons together', async () => {
    const executor: ExecutorPlan = { ...twice, iterations: 300 };
    const { turns } = await run(
      executor,
      { kind: 'chain', steps: [{ save: [save('a', '$.a')], holes: [[]] }] },
      () => ({ ms: 1, result: { content: [] } }),
      { operations: [operation('search', {})] },
    );
    expect(turns.endings).toEqual([expect.objectContaining({ count: 300 })]);
  });
});
