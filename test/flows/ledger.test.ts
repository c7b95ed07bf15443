import { sql } from 'drizzle-orm';
import { beforeAll, describe, expect, test } from 'vitest';
import { testWorld } from '../support/world.ts';
import { badDays, manyCustomers } from './busy-year.ts';
import { brokenLink, expectSound } from './oracle.ts';

const world = await testWorld({ at: '2026-01-31T02:00:00Z' });
let ids: readonly string[] = [];
let tampered = 0;

beforeAll(async () => {
  ids = await manyCustomers(world, 14);
  world.gateway.otherwise(badDays(world, 11, 0.2));
  await world.liveUntil('2027-01-31T02:00:00Z');
}, 60_000);

describe('the ledger, after a busy year', () => {
  test('is whole for every subscription, and its money is what the gateway collected', async () => {
    await expectSound(world);
    const currencies = await world.ask(sql`select distinct currency from ledger where money > 0 order by 1`);
    expect(currencies).toEqual([{ currency: 'IDR' }, { currency: 'PHP' }]);
    const [entries] = await world.ask<{ count: number }>(sql`select count(*)::int as count from ledger`);
    expect(entries?.count).toBeGreaterThan(500);
  });

  test('tells of every charge that it was opened, and of every attempt that it was sent and settled', async () => {
    const missing = sql`select c.id from charges c where not exists (
        select from ledger l where l.bucket = c.bucket and l.charge_id = c.id and l.kind = 'charge.opened')
      union all select a.id from attempts a where not exists (
        select from ledger l where l.bucket = a.bucket and l.reference_id = a.reference_id and l.kind = 'attempt.sent')
      union all select a.id from attempts a where a.outcome is not null and not exists (
        select from ledger l where l.bucket = a.bucket and l.reference_id = a.reference_id and l.kind = 'attempt.settled')`;
    expect(await world.ask(missing)).toEqual([]);
  });

  test('agrees with the charges on what each of them collected', async () => {
    const wrong = sql`select c.id from charges c left join ledger l on l.bucket = c.bucket and l.charge_id = c.id
      group by c.id, c.collected, c.overpaid having coalesce(sum(l.money), 0) <> c.collected + c.overpaid`;
    expect(await world.ask(wrong)).toEqual([]);
  });

  test.each([
    ['UPDATE', sql`update ledger set why = why`],
    ['UPDATE', sql`update ledger set money = 0 where kind = 'charge.paid'`],
    ['DELETE', sql`delete from ledger`],
    ['TRUNCATE', sql`truncate ledger`],
  ])('refuses %s', async (what, query) => {
    await expect(world.ask(query)).rejects.toThrow(`ledger: ${what} is refused`);
  });

  test('takes money only where money moves', async () => {
    const forged = sql`insert into ledger select (jsonb_populate_record(l, '{"seq": 100000, "money": 5}')).*
      from ledger l where kind = 'charge.opened' limit 1`;
    await expect(world.ask(forged)).rejects.toMatchObject({ constraint: 'ledger_money_has_kind' });
  });

  test.each([
    ['changed', 'update ledger set amount = coalesce(amount, 0) + 1 where seq = 7 and subscription_id = '],
    ['explained away', "update ledger set why = 'nothing to see' where seq = 3 and subscription_id = "],
    ['put at another time', "update ledger set at = at - interval '1 day' where seq = 5 and subscription_id = "],
    ['taken out', 'delete from ledger where seq = 4 and subscription_id = '],
    ['cut off with all that followed', 'delete from ledger where seq > 5 and subscription_id = '],
  ])('shows by its chain that an entry was %s by somebody whom no guard stops', async (_, statement) => {
    const id = ids.at(tampered) ?? '';
    tampered += 1;
    expect(await brokenLink(world, id)).toBeNull();
    await world.above(`${statement}'${id}'`);
    expect(await brokenLink(world, id)).toBeGreaterThan(0);
  });
});
