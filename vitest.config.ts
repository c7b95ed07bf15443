import { defineConfig } from 'vitest/config';
import { closingLine } from './test/support/closing-line.ts';

export default defineConfig({
  test: {
    reporters: ['default', closingLine()],
    projects: [
      { test: { name: 'unit', include: ['test/*.test.ts', 'test/domain/**/*.test.ts'] } },
      {
        test: {
          name: 'db',
          include: ['test/{infra,flows,entry,stories,sandbox}/**/*.test.ts'],
          globalSetup: ['test/support/server.ts'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
