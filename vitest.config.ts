import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { closingLine } from './test/support/closing-line.ts';

/** Runs for minutes: `npm run torture`, or `vitest run --project torture`. */
const torture = {
  test: {
    name: 'torture',
    include: ['test/torture/**/*.test.ts'],
    globalSetup: ['test/support/server.ts'],
    testTimeout: 240_000,
    hookTimeout: 120_000,
  },
};

/** Every project compares moments as moments. */
const setupFiles = ['test/support/temporal-equality.ts'];

export default defineConfig({
  test: {
    reporters: ['default', closingLine()],
    // One less than there are cores would leave a machine of two with one, most of the time waiting for Postgres.
    maxWorkers: Math.max(2, availableParallelism()),
    projects: [
      { test: { name: 'unit', include: ['test/*.test.ts', 'test/domain/**/*.test.ts'], setupFiles } },
      {
        test: {
          name: 'db',
          include: ['test/{infra,flows,entry,stories,sandbox}/**/*.test.ts'],
          globalSetup: ['test/support/server.ts'],
          setupFiles,
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      { test: { name: 'simulation', include: ['test/simulation/**/*.test.ts'] } },
      ...(process.env.TORTURE === undefined ? [] : [torture]),
    ],
  },
});
