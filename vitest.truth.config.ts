import { defineConfig } from 'vitest/config';

/** The long proofs: one at a time, since they measure. */
export default defineConfig({
  test: {
    include: ['test/truth/*.truth.ts'],
    pool: 'forks',
    fileParallelism: false,
    testTimeout: 300_000,
    hookTimeout: 30_000,
  },
});
