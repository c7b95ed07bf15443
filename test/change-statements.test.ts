import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { applyChanges, type Change } from '../src/infra/tables/change/changes.ts';
import type { ApplyOptions } from '../src/infra/tables/change/moves.ts';
import { claim, claiming, sentFor, settlement } from './support/change-texts.ts';
import { printedStatement } from './support/printed-statement.ts';

/*
 * The statements that move money are put together from what a change contains. Here they stand whole, with a comment for each part,
 * in src/infra/tables/change/claim.sql and settle.sql. UPDATE_STATEMENTS=1 prints them anew; the comments stay.
 */

const FOLDER = join(import.meta.dirname, '..', 'src', 'infra', 'tables', 'change');
test.each<[string, Change, ApplyOptions]>([
  ['claim.sql', claim, claiming],
  ['settle.sql', settlement, {}],
])('%s is the statement that is sent, with a comment for each part', async (name, change, options) => {
  const file = join(FOLDER, name);
  const known = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const printed = printedStatement(await sentFor((db, buckets) => applyChanges(db, buckets, [change], options)), known);
  if (process.env.UPDATE_STATEMENTS === '1') writeFileSync(file, printed);
  expect(printed, 'UPDATE_STATEMENTS=1 prints it anew').toBe(readFileSync(file, 'utf8'));
  expect(printed).not.toContain('-- ?');
});
