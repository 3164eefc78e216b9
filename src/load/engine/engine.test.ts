import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../core/clock.js';
import { seededRandom } from '../../core/random.js';
import type { ExecutorPlan, LoadPlan } from '../../plan/load-plan.js';
import { loadShape } from '../executors/index.js';
import { callTemplates } from '../lanes/call-template.js';
import { Lane } from '../lanes/lane.js';
import { Summary } from '../recording/summary.js';
import { ShardRecorder } from '../recording/shard-recorder.js';
import { Mix } from '../schedule/mix.js';
import { CallBook } from './call-book.js';
import { ClosedEngine } from './closed-engine.js';
import type { Engine } from './engine.js';
import { OpenEngine } from './open-engine.js';
import { clockPacer } from './pacer.js';

/** A server of fixed service time that stands still in given stretches; its clock is fake, so a minute takes no time. */
class FakeLane extends Lane {
  readonly #answer: (lane: FakeLane) => void;
  expired = 0;
  constructor(index: number, answer: (lane: FakeLane) => void) {
    super(index);
    this.#answer = answer;
  }
  onPrepare = (): void => undefined;
  override prepare(): void {
    this.onPrepare();
  }
  override send(): void {
    this.#answer(this);
  }
  override expire(): void {
    this.expired++;
    this.onExpire();
  }
  onExpire = (): void => undefined;
  override destroy(): void {
    this.busy = false;
  }
}

interface Run {
  ok: number;
  failed: number[];
  latency: Summary;
  service: Summary;
  queueWait: Summary;
  scheduleLag: Summary;
  offered: number;
  dropped: number;
  warmup: number;
  peak: number;
  iterations: Map<number, number>;
  endedAt: number;
}

/** Runs an executor against `serve`, which says after how many ms the call is answered; undefined for never. */
async function run(
  executor: ExecutorPlan,
  serve: (now: number) => number | undefined,
  options: Partial<LoadPlan> = {},
  shard = 0,
  shards = 1,
  preparingMs = 0,
): Promise<Run> {
  const clock = new FakeClock();
  // Time that passes while the engine is at work, which no timer of the fake clock sees.
  let worked = 0;
  const now = () => clock.now() + worked;
  const plan: LoadPlan = {
    operations: [{ name: 'ping', method: 'ping', weight: 1, params: [] }],
    executor,
    warmup: { kind: 'none' },
    timeoutMs: 1000,
    session: 'shared',
    seed: 1,
    workers: shards,
    gracefulStopMs: 10_000,
    ...options,
  };
  const templates = plan.operations.map((operation, index) =>
    callTemplates(index, operation, { era: 'session', protocolVersion: '2025-11-25' }),
  );
  const shape = loadShape(executor);
  const recorder = new ShardRecorder(1, shape.model === 'open' || plan.thinkTime !== undefined);
  const warmupMs = plan.warmup.kind === 'time' ? plan.warmup.ms : 0;
  const book = new CallBook(recorder, plan.operations, warmupMs);
  const iterations = new Map<number, number>();
  let peak = 0;
  const lanes: FakeLane[] = [];
  const answer = (lane: FakeLane) => {
    iterations.set(lane.iteration, lane.sentMs);
    peak = Math.max(peak, engine.inFlight);
    const ms = serve(clock.now());
    const settle = (outcome: number) => {
      if (!lane.busy) return;
      lane.endMs = lane.firstByteMs = now();
      engine.settled(lane, outcome);
    };
    const cancel = ms === undefined ? () => undefined : clock.after(ms, () => settle(0));
    lane.onExpire = () => {
      cancel();
      settle(10);
    };
  };
  const parts = {
    plan,
    source: {
      lane: (index: number) => {
        const lane = (lanes[index] ??= new FakeLane(index, answer));
        lane.onPrepare = () => {
          worked += preparingMs;
        };
        return lane;
      },
    },
    mix: new Mix(plan.operations, templates, plan.seed),
    now,
    pacer: (wake: () => void) => clockPacer(clock, wake),
    random: seededRandom(plan.seed),
    shard,
    shards,
    warmupMs,
    book,
  };
  const engine: Engine =
    shape.model === 'closed' ? new ClosedEngine(shape, parts) : new OpenEngine(shape, parts, recorder);
  let endedAt = -1;
  engine.start(0, () => {
    endedAt = clock.now();
  });
  for (let i = 0; i < 13_000 && endedAt < 0; i++) {
    await clock.advance(5);
    engine.sweep();
  }
  engine.abort('the test is over');
  const delta = recorder.drain({
    fromMs: 0,
    toMs: clock.now(),
    inFlight: 0,
    waiting: 0,
    active: 0,
    busyMs: 0,
  });
  const [operation] = delta.operations;
  const summary = (value: Parameters<Summary['addDelta']>[0] | undefined) => {
    const made = new Summary();
    if (value !== undefined) made.addDelta(value);
    return made;
  };
  return {
    ok: operation?.ok ?? 0,
    failed: operation?.failed ?? [],
    latency: summary(operation?.latency),
    service: summary(operation?.service),
    queueWait: summary(delta.queueWait),
    scheduleLag: summary(delta.scheduleLag),
    offered: delta.offered,
    dropped: delta.dropped,
    warmup: delta.warmup.calls,
    peak,
    iterations,
    endedAt,
  };
}

describe('the closed model', () => {
  it('keeps every virtual user busy for the time', async () => {
    const result = await run({ kind: 'constant-vus', vus: 3, durationMs: 1000 }, () => 10);
    // Sends at 0, 10, … 990 on each of three: 300 calls.
    expect(result.ok).toBe(300);
    expect(result.peak).toBe(3);
    expect(result.latency.meanMs).toBeCloseTo(10, 6);
  });

  it('does not count the making of a call as time of the server', async () => {
    const executor = { kind: 'shared-iterations', vus: 1, iterations: 20, maxDurationMs: 60_000 } as const;
    const result = await run(executor, () => 10, {}, 0, 1, 3);
    expect(result.ok).toBe(20);
    expect(result.latency.meanMs).toBeCloseTo(10, 6);
  });

  it('makes exactly the calls asked for, shared or each', async () => {
    const shared = await run(
      { kind: 'shared-iterations', vus: 4, iterations: 10, maxDurationMs: 60_000 },
      () => 7,
    );
    expect(shared.ok).toBe(10);
    expect([...shared.iterations.keys()].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const each = await run(
      { kind: 'per-vu-iterations', vus: 4, iterations: 10, maxDurationMs: 60_000 },
      () => 7,
    );
    expect(each.ok).toBe(40);
  });

  it('ends counted calls when the time limit comes first', async () => {
    const result = await run(
      { kind: 'shared-iterations', vus: 1, iterations: 1000, maxDurationMs: 100 },
      () => 10,
    );
    expect(result.ok).toBe(10);
  });

  it('splits virtual users and iterations over threads without loss or doubling', async () => {
    const executor: ExecutorPlan = {
      kind: 'shared-iterations',
      vus: 5,
      iterations: 23,
      maxDurationMs: 60_000,
    };
    const runs = [
      await run(executor, () => 7, {}, 0, 3),
      await run(executor, () => 7, {}, 1, 3),
      await run(executor, () => 7, {}, 2, 3),
    ];
    expect(runs.reduce((sum, each) => sum + each.ok, 0)).toBe(23);
    expect(runs.reduce((sum, each) => sum + each.peak, 0)).toBe(5);
    const indexes = runs.flatMap((each) => [...each.iterations.keys()]).sort((a, b) => a - b);
    expect(indexes).toEqual(Array.from({ length: 23 }, (_, index) => index));
  });

  it('follows a ramp of virtual users up and down', async () => {
    const stages = [
      { durationMs: 1000, target: 10 },
      { durationMs: 1000, target: 0 },
    ];
    const result = await run({ kind: 'ramping-vus', startVus: 0, stages }, () => 10);
    expect(result.peak).toBe(10);
    // The area under the ramp is 10 VU·s = 1,000 calls of 10 ms; ramp steps of 20 ms and rounding cost a few percent.
    expect(Math.abs(result.ok - 1000)).toBeLessThan(50);
  });

  it('thinks between calls, and shows the service time apart', async () => {
    const result = await run({ kind: 'constant-vus', vus: 1, durationMs: 1000 }, () => 10, {
      thinkTime: { kind: 'constant', ms: 40 },
    });
    expect(result.ok).toBe(20);
    expect(result.service.meanMs).toBeCloseTo(10, 6);
  });

  it('leaves a fixed warm-up out of everything', async () => {
    const result = await run({ kind: 'constant-vus', vus: 1, durationMs: 500 }, () => 10, {
      warmup: { kind: 'time', ms: 200 },
    });
    expect(result.warmup).toBe(20);
    expect(result.ok).toBe(50);
    const counted = await run(
      { kind: 'shared-iterations', vus: 1, iterations: 7, maxDurationMs: 500 },
      () => 10,
      {
        warmup: { kind: 'time', ms: 200 },
      },
    );
    expect([counted.warmup, counted.ok]).toEqual([20, 7]);
  });

  it('ends calls that have no answer as timeouts, and goes on', async () => {
    let calls = 0;
    const result = await run(
      { kind: 'constant-vus', vus: 1, durationMs: 500 },
      () => (calls++ === 3 ? undefined : 10),
      {
        timeoutMs: 100,
      },
    );
    expect(result.failed[9]).toBe(1);
    // 500 ms less the 100 to 105 ms of the call that hung.
    expect(result.ok).toBeGreaterThanOrEqual(39);
    expect(result.ok).toBeLessThanOrEqual(40);
  });
});

describe('the open model', () => {
  const rate = (vus: number, maxWaiting = 1000, durationMs = 60_000): ExecutorPlan => ({
    kind: 'constant-arrival-rate',
    rate: 100,
    durationMs,
    vus,
    arrivals: 'constant',
    maxWaiting,
  });
  /** Stands still for the last 500 ms of every 2 s. */
  const stalling = (now: number) => (now % 2000 >= 1500 ? 2000 - (now % 2000) + 1 : 1);

  it('counts latency from the intended start through a stall, and tells queue wait from service time', async () => {
    const result = await run(rate(10), stalling);
    expect(result.offered).toBe(6000);
    expect(result.ok).toBe(6000);
    // 50 of 200 arrivals fall into a stall and wait 500, 490, … 10 ms; so 10 % wait longer than 305 ms, 1 % longer than 480.
    expect(result.latency.histogram.quantile(0.9)).toBeGreaterThan(290);
    expect(result.latency.histogram.quantile(0.9)).toBeLessThan(320);
    expect(result.latency.histogram.quantile(0.99)).toBeGreaterThan(470);
    // Ten slots take ten of the fifty; the others wait for a slot.
    expect(result.queueWait.histogram.countAbove(1)).toBeGreaterThan(30 * 35);
    expect(result.scheduleLag.maxMs).toBeLessThan(0.001);
  });

  it('does not see the stall in a closed model', async () => {
    const result = await run(
      { kind: 'constant-vus', vus: 1, durationMs: 60_000 },
      (now) => stalling(now) + 9,
    );
    expect(result.latency.histogram.quantile(0.9)).toBeLessThan(20);
  });

  it('drops only what goes beyond the waiting that is allowed', async () => {
    const result = await run(rate(1, 5, 1000), () => 100);
    // 100 arrivals in 1 s, 10 served meanwhile, 5 wait at the end, the rest was dropped.
    expect(result.offered).toBe(100);
    expect(result.ok + result.dropped).toBe(100);
    expect(result.ok).toBe(15);
  });

  it('records 100 perfect answers of 100 ms as 100 samples of 100 ms', async () => {
    const result = await run({ ...rate(10, 100, 1000), rate: 100 } as ExecutorPlan, () => 100);
    expect(result.latency.count).toBe(100);
    expect(result.service.histogram.quantile(0.5)).toBeCloseTo(100, 1);
    expect(result.service.histogram.quantile(0)).toBeCloseTo(100, 1);
    expect(result.service.maxMs).toBeCloseTo(100, 6);
  });

  it('does not multiply the rate over threads', async () => {
    const runs = [
      await run(rate(4, 100, 1000), () => 1, {}, 0, 2),
      await run(rate(4, 100, 1000), () => 1, {}, 1, 2),
    ];
    expect(runs.map((each) => each.ok)).toEqual([50, 50]);
    const times = runs.flatMap((each) => [...each.iterations]).sort(([a], [b]) => a - b);
    expect(times.map(([index]) => index)).toEqual(Array.from({ length: 100 }, (_, index) => index));
    for (const [index, sentMs] of times) expect(sentMs).toBeCloseTo(index * 10, 6);
  });

  it('gives up waiting calls as dropped and open ones as timeouts when it is aborted', async () => {
    const result = await run({ ...rate(2, 50, 300) } as ExecutorPlan, () => undefined, {
      timeoutMs: 1_000_000,
    });
    // Nothing but the abort, after a minute, ended it.
    expect(result.endedAt).toBe(65_000);
    expect(result.failed[9]).toBe(2);
    expect(result.dropped).toBe(28);
  });
});

describe('a recording', () => {
  const calls = [0, 30, 30, 700].map((atMs) => ({ atMs, operation: 0, variant: 0 }));
  const recorded = { kind: 'recorded-arrivals' as const, calls, durationMs: 1000, vus: 2, maxWaiting: 10 };

  it('is replayed at its own times, whatever the server does', async () => {
    const result = await run(recorded, () => 100);
    expect([...result.iterations]).toEqual([
      [0, 0],
      [1, 30],
      // Both slots are taken: it waits until the first answer has come.
      [2, 100],
      [3, 700],
    ]);
    expect(result.latency.maxMs).toBeCloseTo(170, 6);
    expect(result.offered).toBe(4);
  });

  it('is shared by threads as it is', async () => {
    const shards = await Promise.all([0, 1].map((shard) => run(recorded, () => 1, {}, shard, 2)));
    const all = shards.flatMap(({ iterations }) => [...iterations]);
    expect(all.sort(([a], [b]) => a - b)).toEqual([
      [0, 0],
      [1, 30],
      [2, 30],
      [3, 700],
    ]);
  });

  it('without a call is refused', async () => {
    await expect(run({ ...recorded, calls: [] }, () => 1)).rejects.toThrow(/at least one call/);
  });
});
