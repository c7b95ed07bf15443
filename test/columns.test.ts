import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { getTableColumns, getTableName, is } from 'drizzle-orm';
import { PgTable } from 'drizzle-orm/pg-core';
import { describe, expect, test } from 'vitest';
import type { Columns } from '../src/infra/database/recordset.ts';
import { findings } from '../src/infra/tables/schema/books.ts';
import * as lists from '../src/infra/tables/schema/change-columns.ts';
import { attempts, charges } from '../src/infra/tables/schema/charges.ts';
import { columnsOf } from '../src/infra/tables/schema/columns-of.ts';
import * as ofItems from '../src/infra/tables/schema/item-columns.ts';
import { items } from '../src/infra/tables/schema/items.ts';
import * as ofMethods from '../src/infra/tables/schema/method-columns.ts';
import { tokens } from '../src/infra/tables/schema/methods.ts';
import { newSessionAttemptColumns } from '../src/infra/tables/schema/paying-columns.ts';
import { onboardings, subscriptionMethods, subscriptions } from '../src/infra/tables/schema/subscriptions.ts';
import { changes, terms } from '../src/infra/tables/schema/terms.ts';
import * as ofTerms from '../src/infra/tables/schema/terms-columns.ts';
import { filled } from './support/empty.ts';

/*
 * A column is said once, in the schema. The lists of `change-columns.ts` and its neighbours say which of them one statement inserts and which may
 * change; a column that nobody named there would be read and never written.
 */

type Written = {
  readonly table: PgTable;
  readonly inserted: Columns;
  readonly changed: Columns;
  /** Written by a statement of its own, or not at all by now. */
  readonly elsewhere: readonly string[];
};

const written: Readonly<Record<string, Written>> = {
  subscriptions: {
    table: subscriptions,
    inserted: lists.newSubscriptionColumns,
    changed: { ...lists.oftenColumns, ...lists.takenColumns, ...lists.rareColumns },
    elsewhere: [],
  },
  charges: {
    table: charges,
    inserted: lists.newLinedChargeColumns,
    changed: lists.chargeColumns,
    elsewhere: ['refunded', 'charged_back'],
  },
  items: { table: items, inserted: ofItems.newItemColumns, changed: ofItems.itemColumns, elsewhere: [] },
  subscription_methods: {
    table: subscriptionMethods,
    inserted: ofMethods.rankedColumns,
    changed: columnsOf(subscriptionMethods, ['rank', 'removedAt']),
    elsewhere: [],
  },
  terms: {
    table: terms,
    inserted: ofTerms.newTermsColumns,
    changed: ofTerms.termsWithdrawalColumns,
    elsewhere: [],
  },
  changes: { table: changes, inserted: ofTerms.newChangeColumns, changed: ofTerms.changeColumns, elsewhere: [] },
  attempts: {
    table: attempts,
    inserted: newSessionAttemptColumns,
    changed: lists.askingAttemptColumns,
    elsewhere: ['lease_until', 'repeated_at', 'action_closed_at'],
  },
  tokens: {
    table: tokens,
    inserted: ofMethods.newTokenColumns,
    changed: { ...ofMethods.tokenColumns, ...ofMethods.noticeColumns },
    elsewhere: [],
  },
  onboardings: {
    table: onboardings,
    inserted: ofMethods.newOnboardingColumns,
    changed: ofMethods.onboardingColumns,
    elsewhere: ['asked_at', 'last_try'],
  },
  findings: { table: findings, inserted: lists.newFindingColumns, changed: {}, elsewhere: ['asked_at'] },
};

describe.each(Object.entries(written))('the columns of %s', (_name, { table, inserted, changed, elsewhere }) => {
  const all = Object.values(getTableColumns(table));

  test('are each inserted, changed, or named here as written elsewhere', () => {
    const named = new Set([...Object.keys(inserted), ...Object.keys(changed), ...elsewhere]);
    expect(all.map(({ name }) => name).filter((name) => !named.has(name))).toEqual([]);
    expect(elsewhere.filter((name) => name in inserted || name in changed)).toEqual([]);
  });

  test('are inserted where a row cannot be without them', () => {
    const needed = all.filter(({ name, notNull, hasDefault }) => notNull && !hasDefault && !elsewhere.includes(name));
    expect(Object.keys(inserted)).toEqual(expect.arrayContaining(needed.map(({ name }) => name)));
  });
});

test('a list of columns has the name, the key and the type of the schema, and no precision, which would cost a cast a value', () => {
  expect(columnsOf(charges, ['id', 'subscriptionId', 'dueAt', 'periodStart', 'amount', 'inDunning'])).toEqual({
    id: { key: 'id', type: 'uuid' },
    subscription_id: { key: 'subscriptionId', type: 'uuid' },
    due_at: { key: 'dueAt', type: 'timestamp with time zone' },
    period_start: { key: 'periodStart', type: 'date' },
    amount: { key: 'amount', type: 'bigint' },
    in_dunning: { key: 'inDunning', type: 'boolean' },
  });
});

/** Rows that tests put back as they were, or share. */
const STAY = ['api_keys', 'catalog_versions', 'charging', 'clock_watch', 'link_key', 'pace', 'spending', 'sweep'];

test('tests and the simulation empty every table, or put its one row back: none has rows of the test before', async () => {
  const folder = join(import.meta.dirname, '..', 'src', 'infra', 'tables', 'schema');
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  const files = await Promise.all(names.map(async (file) => (await import(join(folder, file))) as object));
  const tables = files.flatMap((file) => Object.values(file).filter((one) => is(one, PgTable)));
  expect([...filled, ...STAY].toSorted()).toEqual(tables.map((table) => getTableName(table)).toSorted());
});
