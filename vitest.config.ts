import { defineConfig } from 'vitest/config';
import { compileCache } from './test/compile-cache.ts';

// Inherited by the workers, and by what they start.
Object.assign(process.env, compileCache);

/** Two workers: the whole suite is meant to pass on two cores, and sessions bring threads along. */
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
