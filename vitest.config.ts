import { availableParallelism } from 'node:os';
import { configDefaults, defineConfig } from 'vitest/config';
import { closingLine } from './test/support/closing-line.ts';

/** Real processes that are killed, servers that fail over, fuzz, seeds by the hundred, and a seeded book in a browser: `npm run test:all`. */
const long = [
  'test/browser/finance.test.ts',
  'test/entry/{busy-database,seed,shutdown,webhook-fuzz}.test.ts',
  'test/flows/{endless-runs,forecast-many-books,random-books-one,random-books-two}.test.ts',
  'test/infra/{catalog-size,driver-leaks,embedded,xendit-fuzz}.test.ts',
  'test/simulation/{million-charges,more-seeds}.test.ts',
  'test/stories/{backend-kills,canaries,catalog-apply,crash,crash-matrix,demo,embedded-dies,failover,import-killed,package,repricing-kills,rollback,rolling-upgrade}.test.ts',
];

/** Lives drawn by chance, and looks of a page: `npm test` lives a few of them, and `npm run test:all` the same files once more with all (test/support/runs.ts). */
export const both = [
  'test/browser/pages.test.ts',
  'test/domain/terms.test.ts',
  'test/flows/{cancel-races,change-preview,first-charge-races,pause-shift,random-prices,status,two-daemons}.test.ts',
];

/** Every project compares moments as moments. */
const setupFiles = ['test/support/temporal-equality.ts'];
/** Files of one worker share the modules that they import: loading them anew was a tenth of all. What a module keeps, it keeps for all. */
const shared = { isolate: false };
const withPostgres = { globalSetup: ['test/support/server.ts'], setupFiles, testTimeout: 30_000, hookTimeout: 60_000 };

/** A page takes a browser a second, and a test looks at all of them. */
const seen = { ...withPostgres, testTimeout: 60_000 };

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

export default defineConfig({
  test: {
    reporters: ['default', closingLine()],
    // One more than there are cores: some tests wait for a deadline of a real second or ten, and the others use that time.
    maxWorkers: availableParallelism() + 1,
    projects: [
      // Rules that are tried in all their cases take seconds, and more on a machine that has other work.
      {
        test: {
          name: 'unit',
          include: ['test/*.test.ts', 'test/domain/**/*.test.ts'],
          setupFiles,
          testTimeout: 30_000,
          ...shared,
        },
      },
      {
        test: {
          name: 'db',
          include: ['test/{infra,flows,entry,stories,sandbox}/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...long],
          ...withPostgres,
          ...shared,
        },
      },
      // In Chromium; skips, and says so, where there is none.
      { test: { name: 'browser', include: ['test/browser/**/*.test.ts'], exclude: [...configDefaults.exclude, ...long], ...seen } },
      { test: { name: 'simulation', include: ['test/simulation/simulation.test.ts'] } },
      { test: { name: 'long', include: [...long, ...both], provide: { isLong: true }, ...seen } },
      ...(process.env.TORTURE === undefined ? [] : [torture]),
    ],
  },
});
