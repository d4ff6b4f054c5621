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
    // Only what hangs meets them: starting Freehold from nothing takes 31 s beside two other files.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    teardownTimeout: 30_000,
  },
});
