import { AskTotals } from '../asking/ask-totals.js';
import { withoutWarmUp } from './warm-up-cut.js';
import type { LoadPlan } from '../../plan/load-plan.js';
import type { LoadShape } from '../executors/index.js';
import { FailureTotals } from '../recording/failure-log.js';
import { ProgressTotals } from '../progress/progress-totals.js';
import type { RecorderDelta } from '../recording/recorder.js';
import type { ShardDelta } from '../recording/shard-delta.js';
import { Summary } from '../recording/summary.js';
import type { ThreadReport } from '../worker/channel.js';
import type { LoadReport } from './load-report.js';
import { LoadSeries, type SeriesPoint } from './load-series.js';
import { OperationTotals } from './operation-totals.js';
import { TurnTotals } from './turn-totals.js';

/** A load as it stands, for views and for thresholds that may end it. */
export interface LoadProgress {
  /** ms since the measuring began; below 0 during a fixed warm-up. */
  elapsedMs: number;
  /** ms; undefined where calls are counted. */
  totalMs: number | undefined;
  /** By operation, in the plan's order, since the measuring began. */
  operations: readonly OperationTotals[];
  offered: number;
  dropped: number;
  failures: FailureTotals;
  /** The newest points come last. */
  points: readonly SeriesPoint[];
}

/** Gathers what the threads of a load report. */
export class LoadBook {
  readonly #plan: LoadPlan;
  readonly #shape: LoadShape;
  readonly #series: LoadSeries;
  readonly #operations: OperationTotals[];
  readonly #turns: TurnTotals | undefined;
  readonly #failures = new FailureTotals();
  readonly #queueWait = new Summary();
  readonly #scheduleLag = new Summary();
  readonly #connect = new Summary();
  readonly #initialize = new Summary();
  readonly #sessionClose = new Summary();
  readonly #threads: ThreadReport[] = [];
  #asks: AskTotals | undefined;
  #progress: ProgressTotals | undefined;
  #offered = 0;
  #sent = 0;
  #dropped = 0;
  #okInWindow = 0;
  #reopened = 0;
  #unclosed = 0;
  #strays = 0;
  #warmup = { calls: 0, failed: 0 };
  #elapsedMs = 0;
  readonly #sessions: string[] = [];
  #died: string | undefined;

  constructor(plan: LoadPlan, shape: LoadShape, tickMs: number) {
    this.#plan = plan;
    this.#shape = shape;
    this.#series = new LoadSeries(tickMs);
    this.#operations = plan.operations.map(() => new OperationTotals());
    this.#turns = plan.turn === undefined ? undefined : new TurnTotals();
  }

  /** What happened while the threads prepared. */
  prepared(connect: RecorderDelta | undefined, initialize: RecorderDelta | undefined): void {
    if (connect !== undefined) this.#connect.addDelta(connect);
    if (initialize !== undefined) this.#initialize.addDelta(initialize);
  }

  /** One thread's interval. */
  tick(delta: ShardDelta, shard: number): void {
    if (delta.toMs > 0 && delta.toMs > delta.fromMs) this.#series.add(delta, shard);
    const inWindow = this.#counted || delta.fromMs < this.#shape.durationMs - 2;
    for (const operation of delta.operations) {
      this.#operations[operation.operation]!.addDelta(operation, inWindow);
      if (inWindow) this.#okInWindow += operation.ok;
    }
    if (delta.turns !== undefined) this.#turns?.addDelta(delta.turns, inWindow);
    this.prepared(delta.connect, delta.initialize);
    if (delta.sessionClose !== undefined) this.#sessionClose.addDelta(delta.sessionClose);
    if (delta.queueWait !== undefined) this.#queueWait.addDelta(delta.queueWait);
    if (delta.scheduleLag !== undefined) this.#scheduleLag.addDelta(delta.scheduleLag);
    if (delta.asks !== undefined) (this.#asks ??= new AskTotals()).add(delta.asks);
    if (delta.progress !== undefined) (this.#progress ??= new ProgressTotals()).add(delta.progress);
    this.#failures.add(delta);
    this.#offered += delta.offered;
    this.#sent += delta.sent;
    this.#dropped += delta.dropped;
    this.#reopened += delta.reopened;
    this.#unclosed += delta.unclosed;
    this.#strays += delta.strays;
    this.#warmup.calls += delta.warmup.calls;
    this.#warmup.failed += delta.warmup.failed;
    this.#elapsedMs = Math.max(this.#elapsedMs, delta.toMs);
  }

  /** One thread has ended. */
  done(report: ThreadReport, died: string | undefined, sessions: readonly string[] = []): void {
    this.#threads.push(report);
    this.#sessions.push(...sessions);
    this.#died ??= died;
  }

  /** The load as it stands. */
  get progress(): LoadProgress {
    return {
      elapsedMs: this.#elapsedMs,
      totalMs: this.#counted ? undefined : this.#shape.durationMs,
      operations: this.#operations,
      offered: this.#offered,
      dropped: this.#dropped,
      failures: this.#failures,
      points: this.#series.points,
    };
  }

  /** The whole load. */
  report(startedAt: number, cpuPercent: number, stopped: boolean): LoadReport {
    const elapsedMs = Math.max(0, ...this.#threads.map((thread) => thread.elapsedMs));
    const fixed = this.#plan.warmup.kind === 'time' ? this.#plan.warmup.ms : 0;
    const report: LoadReport = {
      pids: [],
      startedAt,
      windowMs: this.#counted ? elapsedMs : Math.min(this.#shape.durationMs, Math.max(elapsedMs, 1)),
      elapsedMs,
      operations: this.#operations,
      ...(this.#turns === undefined ? {} : { turns: this.#turns }),
      okInWindow: this.#okInWindow,
      queueWait: this.#queueWait,
      scheduleLag: this.#scheduleLag,
      connect: this.#connect,
      initialize: this.#initialize,
      sessionClose: this.#sessionClose,
      offered: this.#offered,
      sent: this.#sent,
      dropped: this.#dropped,
      warmup: { ms: fixed, ...this.#warmup, steady: undefined },
      reopened: this.#reopened,
      unclosed: this.#unclosed,
      strays: this.#strays,
      ...(this.#asks === undefined ? {} : { asks: this.#asks, allCalls: this.#operations.map(callsOf) }),
      ...(this.#progress === undefined ? {} : { progress: this.#progress }),
      failures: this.#failures.failures,
      samples: this.#failures.samples,
      series: this.#series.points,
      threads: this.#threads,
      cpuPercent,
      died: this.#died,
      ...(this.#sessions.length === 0 ? {} : { sessions: this.#sessions }),
      stopped,
    };
    return this.#plan.warmup.kind === 'auto' ? withoutWarmUp(report) : report;
  }

  /** Whether calls are counted, so that the window ends with the last of them. */
  get #counted(): boolean {
    return this.#shape.model === 'closed' && this.#shape.iterations !== undefined;
  }
}

function callsOf({ ok, failures }: OperationTotals): number {
  return ok + failures;
}
