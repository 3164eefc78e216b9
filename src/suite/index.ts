/** The named tests, each composing plan, load and analysis, and what runs them to a RunResult. */
export type { Bench, OpenedBench } from './bench.js';
export { chooseTests, findTest, leftToOthers, suiteTests } from './catalogue.js';
export { freeLoad } from './free-load.js';
export { catalogueSize, type CatalogueSize } from './catalogue-size.js';
export { openBench, type OpenBenchOptions } from './open-bench.js';
export { parametersOf } from './parameters.js';
export { runSuite, type SuiteRun } from './run-suite.js';
export type { LoadDefaults, TestProgress } from './run-test.js';
export type { Needs, Parameter, ParameterValues, Profile, SuiteTest } from './suite-test.js';
