import { sql } from 'drizzle-orm';
import { afterAll, describe, expect, test } from 'vitest';
import { ONE_GROUP } from '../../src/infra/database/buckets.ts';
import type { Database } from '../../src/infra/database/db.ts';
import { openSnapshots } from '../../src/infra/database/pages/snapshots.ts';
import { testDatabase } from '../support/database.ts';

const { db, url } = await testDatabase();
const open = (deadlineMs: number, poolSize = 1) => {
  const opened = openSnapshots({ url, poolSize, longestLine: 1, deadlineMs, groups: ONE_GROUP });
  afterAll(() => opened.close());
  return opened;
};
const pages = open(5_000);
const entries = (from: Database) => from.run<{ n: number }>(sql`select count(*)::int as n from activity`);
const write = (to: Database) =>
  to.run(sql`insert into activity (id, at, actor, kind) values (gen_random_uuid(), now(), 'a', 'b')`);

describe('a look', () => {
  test('is one moment: what is written meanwhile is not in it, and is in the next', async () => {
    const [before, after] = await pages.look(async (reading) => {
      const first = await entries(reading);
      await write(db);
      return [first, await entries(reading)];
    });
    expect(after).toEqual(before);
    expect(await pages.look(entries)).toEqual([{ n: (before?.[0]?.n ?? 0) + 1 }]);
  });

  test('writes nothing', async () => {
    await expect(pages.look(write)).rejects.toMatchObject({ code: '25006' });
    expect(await pages.look(entries)).toHaveLength(1);
  });

  test('ends at its deadline, and nothing is sent after its end', async () => {
    const short = open(500);
    await expect(short.look((reading) => reading.run(sql`select pg_sleep(5)`))).rejects.toMatchObject({
      statusCode: 503,
    });
    expect(await short.look(entries)).toHaveLength(1);
    let kept: Database | null = null;
    await pages.look(async (reading) => {
      kept = reading;
    });
    await expect(entries(kept ?? db)).rejects.toThrow('The look is over');
  });

  test('waits in a short line, and one more is turned away at once', async () => {
    const held = Promise.withResolvers<void>();
    const first = pages.look(() => held.promise);
    const second = pages.look(entries);
    await expect(pages.look(entries)).rejects.toThrow('Too many pages');
    held.resolve();
    await first;
    expect(await second).toHaveLength(1);
  });

  test('that takes long leaves a connection to those that are quick, also where several take long', async () => {
    const two = open(5_000, 2);
    const [held, begun] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const work = () => {
      begun.resolve();
      return held.promise;
    };
    const long = Promise.all([two.look(work, 'long'), two.look(work, 'long')]);
    await begun.promise;
    expect(await Promise.race([two.look(entries), long.catch(() => 'all of them were over')])).toHaveLength(1);
    held.resolve();
    await long;
    expect(await two.look(entries, 'long')).toHaveLength(1);
  });

  test('gives up what is not read soon, and goes on as the same moment', async () => {
    const read = await pages.look(async (reading) => {
      const first = await entries(reading);
      await write(db);
      const late = await reading.soon(50, (within) => within.run(sql`select pg_sleep(60)`));
      const inTime = await reading.soon(2_000, entries);
      return { first, late, inTime, after: await reading.run(sql`select pg_sleep(0.1)::text as slept`) };
    });
    expect(read).toMatchObject({ late: null, inTime: read.first, after: [{ slept: '' }] });
    const wrong = pages.look((reading) => reading.soon(50, (within) => within.run(sql`select * from nothing`)));
    await expect(wrong).rejects.toMatchObject({ code: '42P01' });
  });

  test('tells what went wrong in it as it was', async () => {
    const ours = new RangeError('no such page');
    await expect(pages.look(() => Promise.reject(ours))).rejects.toBe(ours);
    await expect(pages.look((reading) => reading.run(sql`select * from nothing`))).rejects.toMatchObject({
      code: '42P01',
    });
  });
});
