import { eq, sql } from 'drizzle-orm';
import { alias, integer, pgTable, text } from 'drizzle-orm/pg-core';
import { drizzle, type PostgresJsDatabase } from 'drizzle-orm/postgres-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { instant, minor, plainDate } from '../../src/infra/database/columns.ts';
import { connection } from '../../src/infra/database/connection.ts';
import { type Database, openDatabase } from '../../src/infra/database/db.ts';
import { emptyDatabase } from '../support/database.ts';

/*
 * Rows are mapped here and not by drizzle, for speed: whatever a builder selects must come out as drizzle itself would
 * have it, down to the rows of a join that are not there.
 */

const people = pgTable('people', {
  id: integer('id').primaryKey(),
  name: text('full_name'),
  born: plainDate('born'),
  wealth: minor('wealth'),
});
const visits = pgTable('visits', {
  id: integer('id').primaryKey(),
  personId: integer('person_id'),
  at: instant('at'),
  note: text('note'),
});

let ours: Database;
let client: ReturnType<typeof connection>;
let theirs: PostgresJsDatabase;

beforeAll(async () => {
  const url = await emptyDatabase();
  ours = openDatabase({ url, poolSize: 1 });
  client = connection(url, { max: 1 });
  theirs = drizzle(client);
  await ours.run(sql`create table people (id int primary key, full_name text, born date, wealth bigint)`);
  await ours.run(sql`create table visits (id int primary key, person_id int, at timestamptz(3), note text)`);
  await ours.run(sql`insert into people values (1, 'Siti', '2000-02-29', 9007199254740993), (2, null, null, null),
    (3, 'Budi', '2000-02-29', 0)`);
  await ours.run(sql`insert into visits values (1, 1, '2026-03-29 01:30:00.123+00', null), (2, 1, null, 'late'),
    (3, null, '2026-03-29 01:30:00.123+00', 'stranger')`);
});
afterAll(async () => {
  await ours.close();
  await client.end();
});

type Statement = (db: PostgresJsDatabase) => PromiseLike<unknown>;
const guests = alias(people, 'guests');
const both = { person: people, visit: visits };

const statements: readonly [name: string, statement: Statement][] = [
  ['a table', (db) => db.select().from(people).orderBy(people.id)],
  ['some columns under other names', (db) => db.select({ who: people.name, since: people.born }).from(people)],
  [
    'two tables that match',
    (db) => db.select(both).from(people).innerJoin(visits, eq(visits.personId, people.id)).orderBy(visits.id),
  ],
  [
    'a joined table whose row may be missing',
    (db) => db.select(both).from(people).leftJoin(visits, eq(visits.personId, people.id)).orderBy(people.id, visits.id),
  ],
  [
    'the other one missing',
    (db) => db.select(both).from(people).rightJoin(visits, eq(visits.personId, people.id)).orderBy(visits.id),
  ],
  [
    'either missing',
    (db) => db.select().from(people).fullJoin(visits, eq(visits.personId, people.id)).orderBy(people.id, visits.id),
  ],
  [
    'columns of two tables in one group',
    (db) =>
      db
        .select({ mixed: { note: visits.note, name: people.name }, id: people.id })
        .from(people)
        .leftJoin(visits, eq(visits.personId, people.id))
        .orderBy(people.id, visits.id),
  ],
  [
    'only columns that may be null, of a row that is there',
    (db) =>
      db
        .select({ person: { name: people.name, born: people.born }, visit: { note: visits.note } })
        .from(people)
        .innerJoin(visits, sql`true`)
        .orderBy(people.id, visits.id),
  ],
  [
    'a table under another name',
    (db) =>
      db
        .select({ person: people, guest: guests })
        .from(people)
        .leftJoin(guests, sql`${guests.id} = ${people.id} + 1`)
        .orderBy(people.id),
  ],
  [
    'an expression beside columns',
    (db) =>
      db
        .select({ id: people.id, double: sql<number>`${people.id} * 2` })
        .from(people)
        .orderBy(people.id),
  ],
  [
    'groups within groups',
    (db) =>
      db
        .select({ a: { b: { id: people.id, name: people.name }, born: people.born } as never })
        .from(people)
        .leftJoin(visits, eq(visits.personId, people.id))
        .orderBy(people.id, visits.id),
  ],
  [
    'what an update returns',
    (db) =>
      db.update(people).set({ name: 'Budi' }).where(eq(people.id, 3)).returning({ id: people.id, at: people.born }),
  ],
  ['nothing', (db) => db.select().from(people).where(sql`false`)],
];

describe("a builder's rows are those that drizzle makes", () => {
  it.each(statements)('%s', async (_name, statement) => {
    const expected = await statement(theirs);
    expect(await statement(ours.drizzle)).toEqual(expected);
    expect(JSON.stringify(await statement(ours.drizzle), plainly)).toBe(JSON.stringify(expected, plainly));
  });
});

/** In the same order, and not merely equal. */
function plainly(_name: string, value: unknown): unknown {
  return typeof value === 'bigint' ? `${value}n` : value;
}
