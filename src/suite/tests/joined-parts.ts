import type { GeneratorReport } from '../../core/run-result.js';
import {
  FailureTotals,
  loadParts,
  OperationTotals,
  Summary,
  warmUpNotes,
  type LoadReport,
} from '../../load/index.js';
import type { LoadedPart, TestOutcome } from '../suite-test.js';
import { joinedSeries } from './joined-series.js';

/**
 * Several loads of one test as one outcome: counts, failures and operations add up, series follow each other in time;
 * the generator is the worst of them. Percentiles are of all calls together.
 */
export function joinedParts(loads: readonly LoadedPart[]): TestOutcome {
  const [first] = loads;
  if (first === undefined) return {};
  const reports = loads.map((load) => load.report);
  const operations = first.report.operations.map((_, index) => {
    const totals = new OperationTotals();
    for (const report of reports) totals.add(report.operations[index]!);
    return totals;
  });
  const failures = new FailureTotals();
  let offsetMs = 0;
  const begins = reports.map((report) => {
    const at = offsetMs;
    offsetMs += report.elapsedMs;
    return at;
  });
  for (const [index, report] of reports.entries()) {
    const moved = <T extends { firstAt: number; lastAt: number }>(failure: T): T => ({
      ...failure,
      firstAt: failure.firstAt + begins[index]!,
      lastAt: failure.lastAt + begins[index]!,
    });
    failures.add({ failures: report.failures.map(moved), samples: report.samples });
  }
  const sum = (of: (report: LoadReport) => number) =>
    reports.reduce((total, report) => total + of(report), 0);
  const summaries = (of: (report: LoadReport) => Summary) => {
    const summary = new Summary();
    for (const report of reports) summary.add(of(report));
    return summary;
  };
  const whole: LoadReport = {
    ...first.report,
    operations,
    windowMs: sum((report) => report.windowMs),
    elapsedMs: offsetMs,
    okInWindow: sum((report) => report.okInWindow),
    sent: sum((report) => report.sent),
    offered: sum((report) => report.offered),
    dropped: sum((report) => report.dropped),
    initialize: summaries((report) => report.initialize),
    sessionClose: summaries((report) => report.sessionClose),
    unclosed: sum((report) => report.unclosed),
    failures: failures.failures,
    samples: failures.samples,
    // Levels differ on purpose: an interval over all of them would say nothing.
    series: [],
  };
  const parts = loadParts(first.plan, whole);
  return {
    ...parts,
    series: joinedSeries(loads, begins),
    notes: [...withoutWarmUps(loads), ...warmUpNotes(reports)],
    notJudged: [...new Set(loads.flatMap((load) => load.parts.notJudged))],
    generator: worst(loads.map((load) => load.parts.generator!)),
  };
}

/** The notes of the loads, each once; what each left out as its warm-up is told of all of them together. */
function withoutWarmUps(loads: readonly LoadedPart[]): string[] {
  const notes = loads.flatMap(({ parts, report }) => {
    const own = warmUpNotes([report]);
    return parts.notes.filter((note) => !own.includes(note));
  });
  return [...new Set(notes)];
}

function worst(reports: readonly GeneratorReport[]): GeneratorReport {
  const most = (of: (report: GeneratorReport) => number) => Math.max(...reports.map(of));
  return {
    cpuPercent: most((report) => report.cpuPercent),
    busyPercent: most((report) => report.busyPercent),
    loopLagP99Ms: most((report) => report.loopLagP99Ms),
    scheduleLagP99Ms: most((report) => report.scheduleLagP99Ms),
    gcPauseMs: reports.reduce((sum, report) => sum + (report.gcPauseMs ?? 0), 0),
    gcPauseMaxMs: most((report) => report.gcPauseMaxMs ?? 0),
    limited: reports.some((report) => report.limited),
    evidence: [...new Set(reports.flatMap((report) => report.evidence))],
  };
}
