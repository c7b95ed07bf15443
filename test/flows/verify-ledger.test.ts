import { beforeAll, expect, test } from 'vitest';
import { verifyLedger } from '../../src/flows/books/verify-ledger.ts';
import { declined } from '../support/scripted-gateway.ts';
import { testWorld } from '../support/world.ts';

const world = await testWorld({ at: '2026-01-31T02:00:00Z' });
let ids: readonly string[] = [];

beforeAll(async () => {
  ids = await Promise.all(['order-0', 'order-1', 'order-2'].map((reference) => world.onboard(reference)));
  world.gateway.script(declined('INSUFFICIENT_BALANCE'));
  await world.liveUntil('2026-04-01T02:00:00Z');
});

/** Somebody with the rights of the owner does this behind our back, and takes it back after the look. */
async function behindOurBack(harm: string, look: () => Promise<void>): Promise<void> {
  await world.above('create table kept as select * from ledger');
  try {
    await world.above(harm);
    await look();
  } finally {
    await world.above('delete from ledger');
    await world.above('insert into ledger select * from kept');
    await world.above('drop table kept');
  }
}

test('a ledger that nobody touched is whole, and everything in it was looked at', async () => {
  const told = (await Promise.all(ids.map((id) => world.told(id)))).flat();
  const seen: number[] = [];
  expect(await verifyLedger(world.ctx, (entries) => void seen.push(entries))).toEqual({
    entries: told.length,
    subscriptions: 3,
    broken: 0,
    breaks: [],
  });
  expect(seen.at(-1)).toBe(told.length);
});

test.each<[string, string, number, string]>([
  ['an amount is edited', 'update ledger set amount = amount + 1 where seq = 5 and', 5, 'not as it was written'],
  ['a reason is edited', "update ledger set why = 'nothing to see' where seq = 3 and", 3, 'not as it was written'],
  ['an actor is edited', "update ledger set actor = 'somebody else' where seq = 2 and", 2, 'not as it was written'],
  ['an entry is deleted', 'delete from ledger where seq = 4 and', 4, 'entries are missing before 5'],
  ['the first entry is deleted', 'delete from ledger where seq = 1 and', 1, 'entries are missing before 2'],
  ['the end is cut off', 'delete from ledger where seq > 6 and', 7, 'entries are missing at the end'],
  ['all is deleted', 'delete from ledger where', 1, 'all entries are missing'],
  [
    'two entries change places',
    'update ledger set seq = case seq when 3 then 104 when 4 then 103 else seq end where',
    3,
    'entries are missing',
  ],
  [
    'an entry is hashed anew after an edit',
    "update ledger set why = 'x', hash = repeat('a', 64) where seq = 3 and",
    3,
    'not as it was written',
  ],
])('when %s, the first bad entry is named', async (_, statement, seq, fault) => {
  const [, id] = ids;
  await behindOurBack(`${statement} subscription_id = '${id}'`, async () => {
    expect(await verifyLedger(world.ctx)).toMatchObject({
      broken: 1,
      breaks: [{ subscription_id: id, subscription_reference: 'order-1', seq, fault: expect.stringContaining(fault) }],
    });
  });
});

test('an entry that somebody adds is named, in the middle and at the end, with and without a subscription', async () => {
  const [, id] = ids;
  const copy = (change: string) =>
    `insert into ledger select (jsonb_populate_record(l, ${change}::jsonb)).* from ledger l where l.seq = 3 and l.subscription_id = '${id}'`;
  const last = (await world.told(id ?? '')).length;
  const added = [
    [copy(`'{"seq": ${last + 1}, "entry_id": "019a0000-0000-7000-8000-000000000001"}'`), last + 1, 'follow'],
    [
      copy(
        `jsonb_build_object('seq', ${last + 1}, 'prev_hash', (select hash from ledger where seq = ${last} and subscription_id = '${id}'))`,
      ),
      last + 1,
      'as it was written',
    ],
    [copy(`'{"seq": 1, "subscription_id": "019a0000-0000-7000-8000-000000000001"}'`), 1, 'follow'],
  ] as const;
  for (const [statement, seq, fault] of added) {
    await behindOurBack(statement, async () => {
      const { broken, breaks } = await verifyLedger(world.ctx);
      expect([broken, breaks]).toEqual([1, [expect.objectContaining({ seq, fault: expect.stringContaining(fault) })]]);
    });
  }
});

test('several broken chains are all told of', async () => {
  await behindOurBack("update ledger set why = 'x' where seq = 2", async () => {
    const { broken, breaks } = await verifyLedger(world.ctx);
    expect(broken).toBe(3);
    expect(new Set(breaks.map((one) => one.subscription_id))).toEqual(new Set(ids));
  });
  expect(await verifyLedger(world.ctx)).toMatchObject({ broken: 0 });
});

test('a chain that grows while it is walked is whole', async () => {
  const growing = (async () => {
    await world.liveUntil('2026-09-01T02:00:00Z');
  })();
  for (let walk = 0; walk < 5; walk += 1) expect(await verifyLedger(world.ctx)).toMatchObject({ broken: 0 });
  await growing;
  expect(await verifyLedger(world.ctx)).toMatchObject({ broken: 0 });
});
