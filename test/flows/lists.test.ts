import { sql } from 'drizzle-orm';
import { afterAll, expect, test } from 'vitest';
import { onDueDate } from '../../src/flows/due-date/on-due-date.ts';
import { listCharges } from '../../src/flows/views/list-charges.ts';
import { listSubscriptions } from '../../src/flows/views/list-subscriptions.ts';
import { databaseThrough, openDoor } from '../../src/infra/database/db.ts';
import { testDatabase, testVault } from '../support/database.ts';
import { subscribeMany } from '../support/many.ts';
import { declined } from '../support/scripted-gateway.ts';
import { testWorld } from '../support/world.ts';

/*
 * Lists share the connections to the database with charging. Were each line to ask on its own, a page of 500 subscriptions would
 * stand before the charges a thousand times.
 */

const made = await testDatabase();
const world = await testWorld({ at: '2026-01-31T02:00:00Z', ...made });
const { ctx } = world;
const door = openDoor({ url: made.url, poolSize: 1 });

afterAll(() => door.close());

type Listed = { readonly data: readonly unknown[] };

/** How many statements a page of so many lines takes. */
async function statementsFor(list: (counted: typeof ctx) => Promise<Listed>, lines: number): Promise<number> {
  let statements = 0;
  const rows: typeof door.rows = async (text, params, shape) => {
    statements += 1;
    return await door.rows(text, params, shape);
  };
  const db = databaseThrough({ rows, close: () => door.close() }, testVault);
  expect((await list({ ...ctx, db })).data).toHaveLength(lines);
  return statements;
}

test('a list of a hundred takes as many statements as a list of one', async () => {
  await subscribeMany(ctx, 100, 'monthly');
  await onDueDate(ctx);
  for (const list of [listSubscriptions, listCharges]) {
    const one = await statementsFor((counted) => list(counted, {}, null, 1), 1);
    expect([list.name, await statementsFor((counted) => list(counted, {}, null, 100), 100)]).toEqual([list.name, one]);
    expect(one).toBeLessThanOrEqual(5);
  }
}, 30_000);

test('what lists come to is counted one list at a time, so that one connection at most is away from charging', async () => {
  let [counting, atOnce, counted] = [0, 0, 0];
  const rows: typeof door.rows = async (text, params, shape) => {
    if (!text.includes('count(*)')) return await door.rows(text, params, shape);
    counting += 1;
    atOnce = Math.max(atOnce, counting);
    counted += 1;
    const found = await door.rows(text, params, shape);
    counting -= 1;
    return found as never;
  };
  const db = databaseThrough({ rows, close: () => door.close() }, testVault);
  const lists = [listSubscriptions, listCharges, listSubscriptions, listCharges];
  await Promise.all(lists.map((list) => list({ ...ctx, db }, {}, null, 1)));
  expect({ counted, atOnce }).toEqual({ counted: 4, atOnce: 1 });
});

test('of several charges that are tried again the earliest is the next charge', async () => {
  world.gateway.script(declined('INSUFFICIENT_BALANCE'), declined('INSUFFICIENT_BALANCE'));
  const id = await world.onboard('owes-twice', 'stubborn');
  await world.work();
  await world.ask(sql`update charges set next_attempt_at = '2026-02-08T03:00:00Z' where subscription_id = ${id}::uuid`);
  await world.liveUntil('2026-02-07T02:00:00Z');
  for (const [first, at] of Object.entries(['2026-02-08T03:00:00Z', '2026-02-08T04:00:00Z'])) {
    await world.ask(sql`update charges set next_attempt_at = case when cycle = ${Number(first)}::int then ${at}::timestamptz
      else '2026-02-08T05:00:00Z' end where subscription_id = ${id}::uuid and status = 'due' and cycle < 2`);
    expect((await world.charges(id)).map(({ status }) => status)).toEqual(['due', 'due']);
    expect(await world.subscription(id)).toMatchObject({ status: 'past_due', next_charge_at: at });
  }
});
