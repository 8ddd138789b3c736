import { defineConfig } from 'vitest/config';

/**
 * For two cores: half of what tests do is to wait for a process that they started. Each worker takes its
 * files one after another in one process, which reads the product's modules and ONNX Runtime but once: what
 * a test changes of its process it has to put back.
 */
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    maxWorkers: 4,
    isolate: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
