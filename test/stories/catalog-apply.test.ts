import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { catalogInForce } from '../../src/infra/tables/catalog/catalog-versions.ts';
import { applied } from '../support/applied-catalog.ts';
import { testDatabase } from '../support/database.ts';
import { passingDirectory } from '../support/passing-directory.ts';
import { plainCatalog, testWorld } from '../support/world.ts';

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const made = await testDatabase();
const world = await testWorld({ at: '2026-01-31T02:00:00Z', ...made });
const edited = plainCatalog.replace('amount: 150000', 'amount: 175000');

/** The command in a process of its own. */
function dueday(file: string, words: readonly string[], failpoint?: string) {
  const env = {
    PATH: process.env.PATH ?? '',
    DATABASE_URL: made.url,
    CATALOG_FILE: file,
    LOG_LEVEL: 'error',
    ...(failpoint === undefined ? {} : { DUEDAY_FAILPOINT: `${failpoint}:1:kill` }),
  };
  return spawnSync(process.execPath, [main, 'catalog', ...words], { env, encoding: 'utf8' });
}

test.each([
  { failpoint: 'before-storing-catalog', isDone: false },
  { failpoint: 'before-putting-in-force', isDone: false },
  { failpoint: 'after-putting-in-force', isDone: true },
])(
  'an apply that is killed $failpoint is done or not done, and the same again does the rest',
  async ({ failpoint, isDone }) => {
    await world.startOver('2026-01-31T02:00:00Z');
    await applied(world, plainCatalog);
    const file = join(passingDirectory(), 'catalog.yaml');
    writeFileSync(file, `${edited}# ${failpoint}\n`);
    const { digest } = JSON.parse(dueday(file, ['diff', '--json']).stdout) as { digest: string };
    const killed = dueday(file, ['apply', '--digest', digest], failpoint);
    expect(killed.signal).toBe('SIGKILL');
    const inForce = async () => (await catalogInForce(world.db))?.source.startsWith(edited) ?? null;
    expect(await inForce()).toBe(isDone);
    const again = dueday(file, ['apply', '--digest', digest]);
    expect(again.status).toBe(0);
    expect(again.stdout).toMatch(isDone ? /^Nothing to do/ : /is in force, in the place of version/);
    expect(await inForce()).toBe(true);
  },
);
