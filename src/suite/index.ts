/**
 * What runs tests to a RunResult. The named tests themselves are in `catalogue.js`, which a plain load does without: to
 * load them all takes longer than to begin to call.
 */
export type { Bench, OpenedBench } from './bench.js';
export { freeLoad } from './free-load.js';
export { catalogueSize, type CatalogueSize } from './catalogue-size.js';
export { openBench, type OpenBenchOptions } from './open-bench.js';
export { parametersOf } from './parameters.js';
export { runSuite, type SuiteRun } from './run-suite.js';
export type { LoadDefaults, TestProgress } from './run-test.js';
export type { Needs, Parameter, ParameterValues, Profile, SuiteTest } from './suite-test.js';
