/**
 * The library's front door: open a target, run the suite or a load of your own, get a RunResult.
 *
 * @example
 * ```ts
 * const bench = await openBench({ spec: parseTarget({ url }), startTimeoutMs: 30_000, pid: 'auto' });
 * ```
 */
export type { RunResult, TestResult } from './core/run-result.js';
export { localRunner, type LoadReport, type LoadRunner, type LoadTarget } from './load/index.js';
export { defineConfig, type DynoConfig } from './plan/config/define-config.js';
export type { ExecutorPlan, LoadPlan, OperationPlan } from './plan/load-plan.js';
export { suiteTests } from './suite/catalogue.js';
export { freeLoad, openBench, parametersOf, runSuite, type SuiteRun } from './suite/index.js';
export { parseTarget, type TargetSpec } from './target/index.js';
export {
  Benchmark,
  type BenchmarkOptions,
  type BenchmarkStatistics,
  type Measured,
} from './testing/benchmark.js';
