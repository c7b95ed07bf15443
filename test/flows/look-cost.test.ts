import { sql } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { openCharges } from '../../src/flows/due-date/open-charges.ts';
import { type Database, databaseThrough, openDoor } from '../../src/infra/database/db.ts';
import { dueCharges } from '../../src/infra/tables/charges/charges.ts';
import { historyOf } from '../../src/infra/tables/charges/past-attempts.ts';
import { ownersOf } from '../../src/infra/tables/imports/book-names.ts';
import { subscriptionsToOpen } from '../../src/infra/tables/subscriptions/subscriptions.ts';
import { testDatabase, testVault } from '../support/database.ts';
import { subscribeMany } from '../support/many.ts';
import { testWorld } from '../support/world.ts';

/*
 * A look takes a few rows of all that are due. Were it to read them all each time, a due date would cost the square of its
 * charges: that is a matter of the plan, which the planner may get wrong without anything else being wrong.
 */

const made = await testDatabase();
const { ctx } = await testWorld({ at: '2026-01-31T02:00:00Z', ...made });
const door = openDoor({ url: made.url, poolSize: 1 });
const now = await ctx.clock.now();
const half = ctx.buckets.filter((bucket) => bucket % 2 === 0);

const DUE = 3_000;
const LIMIT = 64;

type Plan = {
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly Plans?: readonly Plan[];
};

/** The most rows that any step of a look's statement went through. */
async function rowsRead(look: (db: Database) => Promise<readonly unknown[]>): Promise<number> {
  const asked: { text: string; params: readonly unknown[] }[] = [];
  const rows: typeof door.rows = async (text, params, shape) => {
    asked.push({ text, params });
    return await door.rows(text, params, shape);
  };
  expect(await look(databaseThrough({ rows, close: () => door.close() }, testVault))).toHaveLength(LIMIT);
  const [{ text, params } = { text: '', params: [] }] = asked;
  type Explained = { readonly 'QUERY PLAN': readonly [{ readonly Plan: Plan }] };
  const [line] = await door.rows<Explained>(`explain (analyze, format json) ${text}`, params, 'objects');
  return line === undefined ? Number.NaN : largest(line['QUERY PLAN'][0].Plan);
}

function largest(plan: Plan): number {
  const own = (plan['Actual Rows'] + (plan['Rows Removed by Filter'] ?? 0)) * plan['Actual Loops'];
  return Math.max(own, ...(plan.Plans ?? []).map(largest));
}

/** Of the methods that are about to be charged; it comes back empty where nothing was charged yet. */
const past = async (db: Database) => {
  const dossiers = await dueCharges(ctx.db, '', half, now, LIMIT, 'time', { askSince: null, runSince: null });
  const tokens = dossiers.map(({ token }) => token?.id ?? '');
  expect(await historyOf(db, half, tokens, now)).toEqual({ attempts: [], endings: [] });
  return dossiers;
};
/** Who has some names, as an import asks for each few lines of its file. */
const naming = async (db: Database) => [
  ...(await ownersOf(
    db,
    'subscription',
    Array.from({ length: LIMIT }, (_, n) => `sub-${n + 1}`),
  )),
];
const opening = (db: Database) => subscriptionsToOpen(db, half, now, LIMIT);
const claiming = (db: Database) => dueCharges(db, '', half, now, LIMIT, 'time', { askSince: null, runSince: null });

test('a look at what is due reads about as many rows as it takes, however many are due', async () => {
  await subscribeMany(ctx, DUE, 'monthly');
  await ctx.db.run(sql`insert into names (bucket, kind, name, owner_id)
    select get_byte(sha256(convert_to('sub-' || n, 'UTF8')), 0), 'subscription', 'sub-' || n, gen_random_uuid()
    from generate_series(1, 20000) as n`);
  const read = {
    opening: await rowsRead(opening),
    openingKnown: 0,
    naming: await rowsRead(naming),
    namingKnown: 0,
    claiming: 0,
    claimingKnown: 0,
    past: 0,
    pastKnown: 0,
  };
  await ctx.db.run(sql`analyze`);
  read.openingKnown = await rowsRead(opening);
  read.namingKnown = await rowsRead(naming);
  await openCharges(ctx, now);
  read.claiming = await rowsRead(claiming);
  read.past = await rowsRead(past);
  await ctx.db.run(sql`analyze`);
  read.claimingKnown = await rowsRead(claiming);
  read.pastKnown = await rowsRead(past);
  const few = expect.toSatisfy(isFew);
  expect(read).toEqual({
    opening: few,
    openingKnown: few,
    naming: few,
    namingKnown: few,
    claiming: few,
    claimingKnown: few,
    past: few,
    pastKnown: few,
  });
});

/** Rows of others lie between those that are taken, and a bucket's few tokens beside the one that is looked for. */
const isFew = (rows: number) => rows <= DUE / 3;
