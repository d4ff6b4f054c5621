import { defineConfig } from 'vitest/config';

// biome-ignore lint/style/noDefaultExport: Vitest reads the default export.
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/scratch.ts', 'test/support/cluster.ts'],
    setupFiles: ['test/support/leaks.ts'],
    // Processes, not threads: tests change directories, spawn servers and take signals.
    pool: 'forks',
    // One more than the cores of the machines that run it, for tests wait for processes: a quarter of the suite took 190 and 202 s, with two 255 and 272, with four 209.
    maxWorkers: 3,
    // For tests that start servers; those that wait have limits of their own.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    teardownTimeout: 30_000,
  },
});
