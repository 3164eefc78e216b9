import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    pool: 'forks',
    // Most tests wait for servers rather than compute: a worker more than there are cores, where vitest would leave one core free.
    maxWorkers: availableParallelism() + 1,
    // The cores are shared with others: what takes 50 ms alone may take ten seconds. These limits end a hang, no more.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 30_000 } },
    reporters: ['default'],
  },
});
