import { failureClasses } from '../../core/outcome.js';
import type { TestResult } from '../../core/run-result.js';
import {
  FailureTotals,
  loadParts,
  OperationTotals,
  Summary,
  type LoadParts,
  type LoadReport,
} from '../../load/index.js';
import type { LoadPlan } from '../../plan/load-plan.js';
import type { Bench } from '../bench.js';

/** One of the two builds. */
export interface Side {
  name: 'A' | 'B';
  /** Its command or address, for people. */
  label: string;
  bench: Bench;
}

/** Columns of the series: one value per block. */
const perBlock = ['throughput', 'latency.p50', 'latency.p95', 'latency.p99'];

/** What simply adds up over blocks. */
const summed = [
  'windowMs',
  'elapsedMs',
  'okInWindow',
  'offered',
  'sent',
  'dropped',
  'strays',
  'reopened',
  'unclosed',
] as const;

/** All blocks of one build as one load: counts and histograms add up, and memory does not grow with the blocks. */
export class SideTotals {
  readonly #operations: OperationTotals[];
  readonly #queueWait = new Summary();
  readonly #scheduleLag = new Summary();
  readonly #connect = new Summary();
  readonly #initialize = new Summary();
  readonly #sessionClose = new Summary();
  readonly #failures = new FailureTotals();
  readonly #series: TestResult['series'] = { t: [] };
  readonly #generators: NonNullable<LoadParts['generator']>[] = [];
  #last: LoadReport | undefined;
  readonly #sums = {
    windowMs: 0,
    elapsedMs: 0,
    okInWindow: 0,
    offered: 0,
    sent: 0,
    dropped: 0,
    strays: 0,
    reopened: 0,
    unclosed: 0,
  };
  blocks = 0;

  constructor(operations: number) {
    this.#operations = Array.from({ length: operations }, () => new OperationTotals());
  }

  /** @param atMs when the block began, from the start of the comparison. */
  add(report: LoadReport, parts: LoadParts, atMs: number): void {
    this.blocks++;
    this.#last = report;
    for (const [index, totals] of report.operations.entries()) this.#operations[index]!.add(totals);
    this.#queueWait.add(report.queueWait);
    this.#scheduleLag.add(report.scheduleLag);
    this.#connect.add(report.connect);
    this.#initialize.add(report.initialize);
    this.#sessionClose.add(report.sessionClose);
    const moved = (at: number) => at + atMs;
    this.#failures.add({
      failures: report.failures.map((one) => ({
        ...one,
        firstAt: moved(one.firstAt),
        lastAt: moved(one.lastAt),
      })),
      samples: report.samples.map((one) => ({ ...one, at: moved(one.at) })),
    });
    for (const key of summed) this.#sums[key] += report[key];
    if (parts.generator !== undefined) this.#generators.push(parts.generator);
    this.#series.t.push(atMs / 1000);
    for (const name of perBlock) {
      (this.#series[name] ??= []).push((parts.metrics[name]?.value ?? null) as number);
    }
  }

  /** Calls that came out ok, and that failed. */
  get calls(): { ok: number; failed: number } {
    let ok = 0;
    let failed = 0;
    for (const totals of this.#operations) {
      ok += totals.ok;
      for (let i = 0; i < failureClasses.length; i++) failed += totals.failed[i]!;
    }
    return { ok, failed };
  }

  /** What all blocks contribute to a test result; undefined before the first. */
  parts(plan: LoadPlan): LoadParts | undefined {
    if (this.#last === undefined) return undefined;
    const parts = loadParts(plan, {
      ...this.#last,
      ...this.#sums,
      operations: this.#operations,
      queueWait: this.#queueWait,
      scheduleLag: this.#scheduleLag,
      connect: this.#connect,
      initialize: this.#initialize,
      sessionClose: this.#sessionClose,
      failures: this.#failures.failures,
      samples: this.#failures.samples,
      series: [],
    });
    const worst = (of: (one: NonNullable<LoadParts['generator']>) => number) =>
      Math.max(...this.#generators.map(of));
    return {
      ...parts,
      series: this.#series,
      notes: [],
      notJudged: [],
      generator: {
        ...parts.generator!,
        busyPercent: worst((one) => one.busyPercent),
        scheduleLagP99Ms: worst((one) => one.scheduleLagP99Ms),
        loopLagP99Ms: worst((one) => one.loopLagP99Ms),
        // A limited block is void and does not count, so that what counts was not limited.
        limited: false,
        evidence: [],
      },
    };
  }
}
