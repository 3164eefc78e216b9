import { backgroundClock } from '../../core/clock.js';
import { DynoError, messageOf } from '../../core/errors.js';
import { printableLine } from '../../core/printable.js';
import { seededRandom } from '../../core/random.js';
import { Asking } from '../asking/asking.js';
import { ClosedEngine, type EngineParts } from '../engine/closed-engine.js';
import type { Engine } from '../engine/engine.js';
import { CallBook } from '../engine/call-book.js';
import { OpenEngine } from '../engine/open-engine.js';
import { PollingPacer, type Pacer } from '../engine/pacer.js';
import { loadShape } from '../executors/index.js';
import { AnswerChecker } from '../lanes/answer-checker.js';
import { callTemplates, type CallTemplate } from '../lanes/call-template.js';
import { withExpectations } from '../lanes/expected-refusals.js';
import { laneSource } from '../lanes/lane-source.js';
import { Renewals } from '../lanes/renewal.js';
import type { SourceOptions } from '../lanes/http-source.js';
import type { LaneOwner, LaneSource } from '../lanes/lane.js';
import { outputChecks, type OutputCheck } from '../lanes/output-check.js';
import { ProgressWatch, withTokenPlace } from '../progress/progress-watch.js';
import { ShardRecorder } from '../recording/shard-recorder.js';
import { Mix } from '../schedule/mix.js';
import { RecordedMix } from '../schedule/recorded-mix.js';
import { chainCalls } from '../turns/chain-calls.js';
import { TaskChecker } from '../turns/task-checker.js';
import type { TaskParts } from '../turns/task-lane.js';
import { KeepingChecker } from '../turns/keeping-checker.js';
import { lastCallMs, Turns, type ChainParts } from '../turns/turns.js';
import { turnParallel } from '../../plan/turn-plan.js';
import { KeptSource } from './kept-source.js';
import { machineNow, type Channel, type FromWorker, type ToWorker } from './channel.js';
import { ThreadMeter } from './thread-meter.js';

type Prepare = Extract<ToWorker, { type: 'prepare' }>;

/** Serves one coordinator over a channel: prepares, loads, reports, cleans up. */
export function serveLoadThread(channel: Channel<FromWorker, ToWorker>): void {
  const kept = new KeptSource();
  let thread: LoadThread | undefined;
  channel.onMessage((message) => {
    if (message.type === 'prepare') {
      thread = new LoadThread(channel, message, kept);
      void thread.prepare();
    } else if (message.type === 'start') thread?.start(message.atMs);
    else if (message.type === 'stop') thread?.stop();
    else if (message.type === 'abort') thread?.abort('the load was stopped');
    else if (message.type === 'authorize') thread?.authorize(message);
    else {
      void (thread?.end() ?? Promise.resolve())
        .then(() => kept.close())
        .then((stops) => {
          channel.send({ type: 'closed', stops });
        });
    }
  });
}

/** One shard of a load, from preparation to the last report. */
class LoadThread {
  readonly #channel: Channel<FromWorker, ToWorker>;
  readonly #task: Prepare;
  readonly #recorder: ShardRecorder;
  readonly #meter: ThreadMeter;
  readonly #kept: KeptSource;
  readonly #renewals: Renewals;
  readonly #turns: Turns | undefined;
  #chain: ChainParts | undefined;
  #taskParts: TaskParts | undefined;
  #prepared: Promise<void> | undefined;
  readonly #finished: Promise<void>;
  #finish: () => void = () => undefined;
  #source: LaneSource | undefined;
  #engine: Engine | undefined;
  #pacer: Pacer | undefined;
  #parts: Omit<EngineParts, 'book'> | undefined;
  #timers: NodeJS.Timeout[] = [];
  #measureMs = 0;
  #lastTickMs = 0;
  #startMs = 0;
  #asking: Asking | undefined;
  #progress: ProgressWatch | undefined;
  #died: { why: string; lastWords: () => string } | undefined;
  #ended = false;

  constructor(channel: Channel<FromWorker, ToWorker>, task: Prepare, kept: KeptSource) {
    this.#channel = channel;
    this.#kept = kept;
    this.#finished = new Promise((resolve) => {
      this.#finish = resolve;
    });
    this.#task = task;
    this.#turns = task.plan.turn === undefined ? undefined : new Turns(task.plan.turn);
    const open = loadShape(task.plan.executor).model === 'open' || task.plan.thinkTime !== undefined;
    this.#recorder = new ShardRecorder(task.plan.operations.length, open);
    this.#renewals = new Renewals((challenge) => {
      channel.send({ type: 'unauthorized', ...(challenge === undefined ? {} : { challenge }) });
    });
    this.#meter = new ThreadMeter(() => this.#pacer?.pollingMs ?? 0);
  }

  prepare(): Promise<void> {
    return (this.#prepared ??= this.#tryToPrepare());
  }

  /** Ends what is under way, and waits until it has. */
  async end(): Promise<void> {
    if (this.#engine === undefined) void this.#source?.close();
    this.abort('the load was stopped');
    await this.#prepared;
    await this.#finished;
  }

  async #tryToPrepare(): Promise<void> {
    try {
      await this.#prepare();
    } catch (error) {
      await this.#source?.close();
      const known = error instanceof DynoError ? error : undefined;
      this.#channel.send({
        type: 'failed',
        message: messageOf(error),
        code: known?.code ?? 'internal',
        exitCode: known?.exitCode ?? 1,
        ...(known?.hint === undefined ? {} : { hint: known.hint }),
      });
    }
  }

  async #prepare(): Promise<void> {
    const { plan, target, shard, shards } = this.#task;
    const { operations } = plan;
    const shape = loadShape(plan.executor);
    const progress = plan.progress === true ? new ProgressWatch(() => performance.now()) : undefined;
    this.#progress = progress;
    const tokens = progress && withTokenPlace;
    const templates = operations.map((operation, index) => callTemplates(index, operation, target, tokens));
    const recorder = this.#recorder;
    const checker = this.#checker(await outputChecks(operations), templates);
    const asking = this.#answering(progress);
    const mix =
      plan.executor.kind === 'recorded-arrivals'
        ? new RecordedMix(templates, plan.executor.calls)
        : new Mix(operations, templates, plan.seed);
    const owner = withExpectations(operations, this.#turns ?? this.#owner);
    const options: SourceOptions = {
      operations,
      templates,
      session: plan.session,
      sessionCalls: plan.sessionCalls ?? 10,
      lanesPerVu: turnParallel(plan.turn),
      openModel: shape.model === 'open',
      startTimeoutMs: plan.startTimeoutMs ?? 30_000,
      owner: asking.owner(progress?.owner(owner) ?? owner),
      checker,
      asking,
      events: {
        connected: (ms) => {
          recorder.connect.record(ms);
        },
        initialized: (ms) => {
          recorder.initialize.record(ms);
        },
        reopened: () => {
          recorder.reopened++;
        },
        sessionClosed: (ended, ms) => {
          if (ended) recorder.sessionClose.record(ms);
          else recorder.unclosed++;
        },
        stray: () => {
          recorder.strays++;
        },
        renew: this.#task.renews === true ? this.#renewals.renew : undefined,
        died: (why, lastWords) => {
          this.#died ??= { why, lastWords };
          this.#engine?.abort(why);
        },
      },
    };
    const source = (await this.#kept.take(target, options)) ?? (await laneSource(target, options));
    this.#source = source;
    // A ramp opens its connections as it goes; everyone else has them before the first call.
    const ramping = shape.model === 'closed' && shape.vusAt !== undefined;
    const lanes = ramping
      ? Math.max(1, plan.executor.kind === 'ramping-vus' ? plan.executor.startVus : 1)
      : shape.vus;
    await source.prepare(Math.ceil(lanes / shards) * turnParallel(plan.turn));
    if (this.#ended) {
      await source.close();
      return;
    }
    this.#parts = {
      plan,
      source,
      mix: progress === undefined ? mix : { pick: (index) => progress.template(mix.pick(index)) },
      now: () => performance.now(),
      pacer: (wake) => {
        this.#pacer = new PollingPacer(
          wake,
          () => (this.#engine?.activity ?? 0) + (this.#turns?.activity ?? 0),
        );
        return this.#pacer;
      },
      random: seededRandom(plan.seed),
      shard,
      shards,
      warmupMs: plan.warmup.kind === 'time' ? plan.warmup.ms : 0,
    };
    const connect = recorder.connect.drain();
    const initialize = recorder.initialize.drain();
    this.#channel.send({
      type: 'ready',
      ...(source.pid === undefined ? {} : { pid: source.pid }),
      ...(connect === undefined ? {} : { connect }),
      ...(initialize === undefined ? {} : { initialize }),
    });
  }

  /** Who hears of what the engine's lanes came to. */
  readonly #owner: LaneOwner = {
    settled: (lane, outcome) => {
      this.#engine?.settled(lane, outcome);
    },
  };

  /** Answers what the server asks, and hears of what it tells. */
  #answering(progress: ProgressWatch | undefined): Asking {
    const { target, plan } = this.#task;
    const { timeoutMs } = plan;
    const recorder = this.#recorder.asks;
    this.#asking = new Asking({ target, recorder, clock: backgroundClock, timeoutMs, progress });
    return this.#asking;
  }

  #checker(
    checks: readonly (OutputCheck | undefined)[],
    templates: readonly (readonly CallTemplate[])[],
  ): AnswerChecker {
    const { plan, target } = this.#task;
    if (plan.turn?.kind === 'task') {
      this.#taskParts = {
        checker: new TaskChecker(plan.operations, checks, target.era),
        templates,
        dialect: target,
      };
      return this.#taskParts.checker;
    }
    if (plan.turn?.kind !== 'chain') return new AnswerChecker(plan.operations, checks, target.era);
    const { steps } = plan.turn;
    const checker = new KeepingChecker(plan.operations, checks, steps, target.era);
    const calls = chainCalls(steps, plan.operations, templates, target);
    this.#chain = { checker, calls: this.#progress?.calls(calls) ?? calls };
    return checker;
  }

  start(atMs: number): void {
    const ready = this.#parts!;
    const { plan, tickMs } = this.#task;
    this.#startMs = performance.now() + Math.max(0, atMs - machineNow());
    this.#measureMs = this.#startMs + ready.warmupMs;
    this.#lastTickMs = this.#startMs;
    const calls = { ...ready, book: new CallBook(this.#recorder, plan.operations, this.#measureMs) };
    const parts =
      this.#turns?.over(calls, { owner: this.#owner, chain: this.#chain, task: this.#taskParts }) ?? calls;
    const shape = loadShape(plan.executor);
    const engine =
      shape.model === 'closed'
        ? new ClosedEngine(shape, parts)
        : new OpenEngine(shape, parts, this.#recorder);
    this.#engine = engine;
    this.#meter.start();
    engine.start(this.#startMs, () => {
      this.#done();
    });
    this.#turns?.endCallsAt(lastCallMs(engine.windowEndMs, plan));
    if (this.#died !== undefined) engine.abort(this.#died.why);
    const sweepMs = Math.min(25, Math.max(2, plan.timeoutMs / 50));
    this.#every(sweepMs, () => {
      engine.sweep();
    });
    this.#every(tickMs, () => {
      this.#tick(false);
    });
    if (parts.warmupMs > 0)
      this.#at(this.#measureMs, () => {
        this.#tick(false);
      });
    if (engine.windowEndMs !== Infinity) {
      this.#at(engine.windowEndMs, () => {
        this.#tick(false);
        this.#at(engine.windowEndMs + plan.gracefulStopMs, () => {
          engine.abort(`no answer within ${plan.gracefulStopMs} ms after the load ended`);
        });
      });
    }
  }

  stop(): void {
    const engine = this.#engine;
    if (engine === undefined || this.#ended) return;
    this.#turns?.endCallsAt(performance.now());
    engine.stop();
    this.#at(performance.now() + this.#task.plan.gracefulStopMs, () => {
      engine.abort('the load was stopped');
    });
  }

  /** A new token, or why there is none. */
  authorize(message: { value: string } | { error: string }): void {
    if ('value' in message) this.#source?.authorize?.(message.value);
    this.#renewals.settle('error' in message ? message.error : undefined);
  }

  abort(why: string): void {
    if (this.#ended) return;
    if (this.#engine === undefined) {
      this.#done();
      return;
    }
    this.#engine.abort(why);
  }

  #every(ms: number, callback: () => void): void {
    this.#timers.push(setInterval(callback, ms));
  }

  #at(ms: number, callback: () => void): void {
    if (!this.#ended) this.#timers.push(setTimeout(callback, Math.max(0, ms - performance.now())));
  }

  #tick(last: boolean): void {
    const now = performance.now();
    const engine = this.#engine;
    const delta = this.#recorder.drain({
      fromMs: this.#lastTickMs - this.#measureMs,
      toMs: now - this.#measureMs,
      inFlight: this.#turns?.inFlight ?? engine?.inFlight ?? 0,
      waiting: engine?.waiting ?? 0,
      active: engine?.active ?? 0,
      busyMs: this.#meter.lap(),
    });
    this.#lastTickMs = now;
    const turns = this.#turns?.drain();
    if (turns !== undefined) delta.turns = turns;
    const progress = this.#progress?.drain();
    if (progress !== undefined) delta.progress = progress;
    this.#channel.send({ type: 'tick', delta, last });
  }

  #done(): void {
    if (this.#ended) return;
    this.#ended = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers = [];
    this.#asking?.end();
    this.#tick(true);
    const report = this.#meter.stop(performance.now() - this.#measureMs);
    const end = () => {
      const died = this.#died === undefined ? {} : { died: obituary(this.#died) };
      const sessions = this.#source?.ended ?? [];
      this.#channel.send({ type: 'done', report, ...died, ...(sessions.length === 0 ? {} : { sessions }) });
    };
    void this.#closeOrKeep().then(end, end).then(this.#finish);
  }

  async #closeOrKeep(): Promise<void> {
    const source = this.#source;
    if (source === undefined) return;
    if (this.#task.keep === true && this.#engine !== undefined && this.#kept.put(this.#task.target, source))
      return;
    await source.close();
  }
}

/** Why the target ended, and what it said of it. */
function obituary({ why, lastWords }: { why: string; lastWords: () => string }): string {
  const said = printableLine(lastWords().trim().slice(-600), 600);
  return said === '' ? why : `${why}; its last words on stderr: ${said}`;
}
