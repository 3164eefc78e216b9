/**
 * For tests with vitest, node:test or any other runner: fixtures of each service of the host and of a target, with
 * cleanup; a benchmark; a clock that stands still.
 */
export { Benchmark, type BenchmarkOptions, type BenchmarkStatistics, type Measured } from './benchmark.js';
export { FakeClock } from '../core/clock.js';
export { Fixtures, type AfterEach } from './fixtures.js';
export { sampleServer } from './sample-server.js';
export {
  expectServer,
  type Limits,
  type MeetOptions,
  type ServerExpectation,
  type ServerUnderTest,
} from './expect-server.js';
export type { CallOptions } from './measure-server.js';
