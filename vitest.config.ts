import { defineConfig } from 'vitest/config';

/** Two workers: the whole suite is meant to pass on two cores, and sessions bring threads along. */
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
