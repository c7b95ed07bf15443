import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { databaseThrough } from '../src/infra/database/db.ts';
import { applyChanges, type Change } from '../src/infra/tables/change/changes.ts';
import type { ApplyOptions } from '../src/infra/tables/change/moves.ts';
import { printedStatement } from './support/printed-statement.ts';

/*
 * The statements that move money are put together from what a change contains. Here they stand whole, with a comment for each part,
 * in src/infra/tables/change/claim.sql and settle.sql. UPDATE_STATEMENTS=1 prints them anew; the comments stay.
 */

const FOLDER = join(import.meta.dirname, '..', 'src', 'infra', 'tables', 'change');
const every = Array.from({ length: 256 }, (_, bucket) => bucket);
const seen = { bucket: 7, id: 'subscription', ledgerSeq: 1, ledgerHead: 'head' } as Change['seen'];
const row = { bucket: 7, id: 'row' } as never;

const claim: Change = {
  seen,
  entries: [],
  sentAttempts: [row],
  charges: [row],
  spend: { customerId: 'customer', currency: 'IDR', takes: 1n, customerLimit: null, dayLimit: null },
};
const permit = {
  key: { mode: 'test', fingerprint: 'f', barred: null },
  start: 'start',
  askSince: null,
  runSince: null,
  channels: ['CARDS'],
} as const;
const claiming: ApplyOptions = {
  skipLocked: true,
  leaseSeconds: 120,
  permit,
  day: Temporal.PlainDate.from('2026-01-31'),
};

const settlement: Change = {
  seen,
  entries: [],
  subscription: { status: 'active' },
  charges: [row],
  attempts: [row],
  tokens: [row],
  findings: [row],
  correction: {
    bucket: 7,
    customerId: 'customer',
    currency: 'IDR',
    amount: -1n,
    day: Temporal.PlainDate.from('2026-01-31'),
  },
};

test.each<[string, Change, ApplyOptions]>([
  ['claim.sql', claim, claiming],
  ['settle.sql', settlement, {}],
])('%s is the statement that is sent, with a comment for each part', async (name, change, options) => {
  const file = join(FOLDER, name);
  const known = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const printed = printedStatement(await sent(change, options), known);
  if (process.env.UPDATE_STATEMENTS === '1') writeFileSync(file, printed);
  expect(printed, 'UPDATE_STATEMENTS=1 prints it anew').toBe(readFileSync(file, 'utf8'));
  expect(printed).not.toContain('-- ?');
});

/** What is sent to the database for one change. */
async function sent(change: Change, options: ApplyOptions): Promise<string> {
  const texts: string[] = [];
  const db = databaseThrough({
    rows: async (text) => {
      texts.push(text);
      return [];
    },
    close: async () => undefined,
  });
  await applyChanges(db, every, [change], options);
  return texts.join('\n');
}
