/**
 * Fixtures for tests with vitest, node:test or any other runner: each service of the host and a target, with cleanup;
 * a clock that stands still.
 */
export { FakeClock } from '../core/clock.js';
export { Fixtures, type AfterEach } from './fixtures.js';
export { sampleServer } from './sample-server.js';
