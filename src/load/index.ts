/** The load engine: plans in, reports out. Calls are made on worker threads; nothing here draws or judges. */
export { describeExecutor, executorFaults, loadShape, type LoadShape } from './executors/index.js';
export type { LoadDialect, LoadNetwork, LoadTarget } from './load-target.js';
export { FailureLog, FailureTotals } from './recording/failure-log.js';
export { Summary } from './recording/summary.js';
export { generatorReport } from './result/generator-report.js';
export { limitSentence } from './result/limit-sentence.js';
export { loadMetrics, totalOf } from './result/load-metrics.js';
export { sessionNotes } from './result/session-metrics.js';
export { loadParts, type LoadParts } from './result/test-parts.js';
export { noTurnOk } from './result/turn-parts.js';
export { timeMetrics } from './result/time-metrics.js';
export type { LoadProgress } from './runner/load-book.js';
export type { LoadReport, WarmupReport } from './runner/load-report.js';
export type { LoadHooks, LoadRunner, LoadSession } from './runner/load-runner.js';
export { localRunner } from './runner/local-runner.js';
export type { SeriesPoint } from './runner/load-series.js';
export { OperationTotals } from './runner/operation-totals.js';
