import { eq, sql as fragment } from 'drizzle-orm';
import { integer, pgTable, text } from 'drizzle-orm/pg-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { instant, minor, plainDate } from '../../src/infra/database/columns.ts';
import { type Database, DatabaseError, openDatabase } from '../../src/infra/database/db.ts';
import { selection } from '../../src/infra/database/selection.ts';
import { sql } from '../../src/infra/database/sql.ts';
import { emptyDatabase } from '../support/database.ts';

/*
 * The reads on the path of a charge are statements of ours with a selection of columns: what they answer must be what drizzle's
 * builders answer, down to the rows of a join that are not there.
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

let db: Database;

beforeAll(async () => {
  db = openDatabase({ url: await emptyDatabase(), poolSize: 1 });
  await db.run(sql`create table people (id int primary key, full_name text, born date, wealth bigint)`);
  await db.run(sql`create table visits (id int primary key, person_id int, at timestamptz(3), note text)`);
  await db.run(sql`insert into people values (1, 'Siti', '2000-02-29', 9007199254740993), (2, null, null, null),
    (3, 'Budi', '2000-02-29', 0)`);
  await db.run(sql`insert into visits values (1, 1, '2026-03-29 01:30:00.123+00', null), (2, 1, null, 'late'),
    (3, null, '2026-03-29 01:30:00.123+00', 'stranger')`);
});
afterAll(async () => {
  await db.close();
});

const person = { id: people.id, name: people.name, born: people.born, wealth: people.wealth };
const visit = { id: visits.id, personId: visits.personId, at: visits.at, note: visits.note };

describe("a selection's rows are those that drizzle makes", () => {
  it('of one table', async () => {
    const one = selection({ person: { alias: 'p', fields: person } });
    const rows = await db.read(one, sql`select ${one.columns} from people p order by p.id`);
    expect(rows.map((row) => row.person)).toStrictEqual(await db.drizzle.select().from(people).orderBy(people.id));
  });

  it('of two tables that match', async () => {
    const both = selection({ person: { alias: 'p', fields: person }, visit: { alias: 'v', fields: visit } });
    const rows = await db.read(
      both,
      sql`select ${both.columns} from people p join visits v on v.person_id = p.id order by v.id`,
    );
    const expected = db.drizzle
      .select({ person: people, visit: visits })
      .from(people)
      .innerJoin(visits, eq(visits.personId, people.id))
      .orderBy(visits.id);
    expect(rows).toStrictEqual(await expected);
  });

  it('of a joined table whose row may be missing', async () => {
    const both = selection({
      person: { alias: 'p', fields: person },
      visit: { alias: 'v', fields: visit, isOptional: true },
    });
    const rows = await db.read(
      both,
      sql`select ${both.columns} from people p left join visits v on v.person_id = p.id order by p.id, v.id`,
    );
    const expected = db.drizzle
      .select({ person: people, visit: visits })
      .from(people)
      .leftJoin(visits, eq(visits.personId, people.id))
      .orderBy(people.id, visits.id);
    expect(rows).toStrictEqual(await expected);
    expect(rows.filter((row) => row.visit === null)).toHaveLength(2);
  });

  it('of a row that is there, with nothing in the columns that were asked for', async () => {
    const bare = selection({ person: { alias: 'p', fields: { name: people.name } } });
    expect(await db.read(bare, sql`select ${bare.columns} from people p where p.id = 2`)).toStrictEqual([
      { person: { name: null } },
    ]);
  });
});

describe('a piece of a statement', () => {
  it('numbers the parameters of all pieces in the order of the text', () => {
    const narrow = sql`a = ${1} and b = any(${[2, 3]}::int[])`;
    const query = sql`select ${'x'}, ${sql.raw('c')} from t where ${sql.join([narrow, sql`d = ${null}`], ' or ')} limit ${4}`;
    expect(query.statement()).toStrictEqual({
      text: 'select $1, c from t where a = $2 and b = any($3::int[]) or d = $4 limit $5',
      params: ['x', 1, [2, 3], null, 4],
    });
  });

  it('is a condition of a builder, beside others', async () => {
    const born = sql`people.born = ${'2000-02-29'}::date and ${sql`people.id = any(${[2, 3]}::int[])`}`;
    const rows = db.drizzle.select({ id: people.id }).from(people).where(fragment`${born} and ${people.id} > ${0}`);
    expect(await rows).toEqual([{ id: 3 }]);
  });
});

describe('a builder', () => {
  it('throws what the door throws: no statement and no parameter is in it', async () => {
    const wrong = db.drizzle.insert(people).values({ id: 1, name: 'a secret name' });
    const thrown = await Promise.resolve(wrong).catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(DatabaseError);
    expect(thrown).toMatchObject({ code: '23505' });
    expect(`${String(thrown)} ${JSON.stringify(thrown)}`).not.toMatch(/secret|insert/);
  });
});
