import { type SQL, type SQLWrapper, sql } from 'drizzle-orm';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { Context } from '../../src/context.ts';
import { noLimits } from '../../src/domain/money/spending-limits.ts';
import { tellHolders } from '../../src/flows/control/tell-holders.ts';
import { openCharges } from '../../src/flows/due-date/open-charges.ts';
import { pruneInbox } from '../../src/flows/inbox/prune-inbox.ts';
import { endMethod } from '../../src/flows/methods/end-method.ts';
import { endTheRest } from '../../src/flows/methods/end-the-rest.ts';
import { askAboutLost } from '../../src/flows/rescue/ask-about-lost.ts';
import { DatabaseError, isLockTimeout, openDatabase } from '../../src/infra/database/db.ts';
import { statementOf } from '../../src/infra/database/sql.ts';
import { dueCharges, postponeCharge } from '../../src/infra/tables/charges/charges.ts';
import { markAsked } from '../../src/infra/tables/charges/lost-attempts.ts';
import { createInput } from '../support/create-input.ts';
import { testDatabase } from '../support/database.ts';
import { foreignSession } from '../support/foreign-session.ts';
import { succeeded } from '../support/scripted-gateway.ts';
import { testWorld } from '../support/world.ts';
import { statements } from './cut-connection.ts';
import { expectSound } from './oracle.ts';

const { db, url, admin, adminUrl } = await testDatabase();
const world = await testWorld({ at: '2026-01-31T02:00:00Z', db, url, admin });
beforeEach(() => world.startOver('2026-01-31T02:00:00Z'));

/** A daemon that waits for a lock 0.2 seconds instead of 7.5. */
function hasty(): Context {
  const own = openDatabase({ url, poolSize: 4, deadlineMs: 400, vault: world.db.vault });
  onTestFinished(() => own.close());
  return world.another({ db: own });
}

const lockTimeout = new DatabaseError('canceling statement due to lock timeout', '55P03');
const five = () => Promise.all([1, 2, 3, 4, 5].map((n) => world.onboard(`order-${n}`)));
const silent = sql`select id from attempts where outcome is null`;
const open = sql`select id from charges where status <> 'paid'`;

describe('rows that a foreign session holds', () => {
  test('before a cycle of theirs is opened: the others are collected meanwhile', async () => {
    const ids = await five();
    const session = await foreignSession(adminUrl);
    await session.hold(sql`select 1 from subscriptions where id = ${ids[0]}::uuid for update`);
    await world.workAs(hasty());
    expect(await Promise.all(ids.map(async (id) => (await world.charges(id)).length))).toEqual([0, 1, 1, 1, 1]);
    expect(await world.ask(open)).toEqual([]);
    await session.letGo();
    await world.workAs(hasty());
    expect(await world.ask(open)).toEqual([]);
    expect(world.gateway.payments).toHaveLength(5);
    await expectSound(world);
  });

  test.each(['subscriptions', 'charges'] as const)(
    'in %s, of the charge that is first in line: the others are collected meanwhile',
    async (table) => {
      await five();
      await openCharges(world.ctx, world.now());
      const [first] = await world.ask<{ charges: string; subscriptions: string }>(
        sql`select id as charges, subscription_id as subscriptions from charges order by next_attempt_at limit 1`,
      );
      const session = await foreignSession(adminUrl);
      await session.hold(sql`select 1 from ${sql.identifier(table)} where id = ${first?.[table]}::uuid for update`);
      await world.workAs(hasty());
      expect(await world.ask(open)).toEqual([{ id: first?.charges }]);
      await session.letGo();
      await world.workAs(hasty());
      expect(await world.ask(open)).toEqual([]);
      await expectSound(world);
    },
  );

  test.each(['charges', 'subscriptions'] as const)(
    'three %s: the nine others are collected, and none of them is claimed without being sent',
    async (table) => {
      const wallet = { channelCode: 'OVO', network: null };
      await Promise.all(Array.from({ length: 12 }, (_, n) => world.onboard(`order-${n}`, 'monthly', {}, wallet)));
      await openCharges(world.ctx, world.now());
      const order = await world.ask<{ charges: string; subscriptions: string }>(
        sql`select id as charges, subscription_id as subscriptions from charges order by next_attempt_at limit 12`,
      );
      const held = [3, 6, 9].map((n) => order[n]?.[table]);
      const session = await foreignSession(adminUrl);
      await session.hold(
        sql`select 1 from ${sql.identifier(table)} where id in (${held[0]}::uuid, ${held[1]}::uuid, ${held[2]}::uuid) for update`,
      );
      const daemon = { ...hasty(), requestsPerMinute: 600 };
      for (let run = 0; run < 3; run += 1) await world.workAs(daemon);
      expect(world.gateway.payments).toHaveLength(9);
      expect(await world.ask(silent)).toEqual([]);
      await session.letGo();
      await world.workAs(daemon);
      expect(world.gateway.payments).toHaveLength(12);
      await expectSound(world);
    },
  );

  test('four customers whose day is counted: the fifth is collected meanwhile', async () => {
    await five();
    await openCharges(world.ctx, world.now());
    const session = await foreignSession(adminUrl);
    await session.hold(sql`update customers set xendit_id = xendit_id where reference_id <> 'customer-order-1'`);
    const { catalog } = world.ctx;
    const limits = { ...noLimits, perCustomerPerDay: { IDR: 1_000_000n } };
    const current = { ...catalog.current, defaults: { ...catalog.current.defaults, limits } };
    await world.workAs({ ...hasty(), catalog: { ...catalog, current } });
    expect(world.gateway.payments).toHaveLength(1);
    await session.letGo();
  });

  test('a charge that is to be put off, or was asked about: nobody waits for it', async () => {
    await world.onboard('order-1');
    await openCharges(world.ctx, world.now());
    const [dossier] = await dueCharges(world.db, '', world.ctx.buckets, world.now(), 1, 'time', {
      askSince: null,
      runSince: null,
    });
    if (dossier === undefined) throw new Error('nothing is due');
    const session = await foreignSession(adminUrl);
    await session.hold(sql`select 1 from charges for update`);
    const daemon = hasty();
    const later = { nextAttemptAt: null, waitsUntil: null, note: 'later' };
    expect(await postponeCharge(daemon.db, dossier.charge, later)).toBe(false);
    expect(await markAsked(daemon.db, dossier.charge, world.now())).toBe(false);
    await session.letGo();
    expect(await postponeCharge(daemon.db, dossier.charge, later)).toBe(true);
  });

  test('three charges whose answers are to be settled: the others are settled at once', async () => {
    await five();
    await openCharges(world.ctx, world.now());
    const session = await foreignSession(adminUrl);
    let answers = 0;
    let holding: Promise<unknown> | null = null;
    world.gateway.otherwise(async () => {
      answers += 1;
      // None of the four is settled before.
      if (answers > 1)
        holding ??= session.hold(sql`select 1 from charges where status = 'attempting' order by id limit 3 for update`);
      await holding;
      return succeeded();
    });
    // One queue, so that the four which are left are claimed together.
    await world.workAs({ ...hasty(), requestsPerMinute: 600 });
    expect(await world.ask(sql`select count(*)::int as paid from charges where status = 'paid'`)).toEqual([
      { paid: 2 },
    ]);
    await session.letGo();
    await world.ask(sql`update attempts set lease_until = now() - interval '1 second' where outcome is null`);
    await world.workAs(hasty());
    expect(await world.ask(open)).toEqual([]);
    await expectSound(world);
  });

  test('when Xendit is asked whether rows were lost: each is asked about once a run, and the others go on', async () => {
    const ids = await five();
    await openCharges(world.ctx, world.now());
    await world.above(`update charging set ask_since = '2026-01-31T02:00:00Z'`);
    world.moveTo('2026-01-31T02:10:00Z');
    const session = await foreignSession(adminUrl);
    await session.hold(sql`select 1 from charges where subscription_id = ${ids[0]}::uuid for update`);
    const daemon = hasty();
    expect(await askAboutLost(daemon)).toBe(true);
    const asked = new Set(world.gateway.asked);
    expect([world.gateway.asked.length, asked.size]).toEqual([25, 25]);
    await session.letGo();
    await world.workAs(daemon);
    expect(await world.ask(open)).toEqual([]);
    await expectSound(world);
  });

  test('when an answer is to be settled: it is settled later, and nothing is charged again', async () => {
    const id = await world.onboard('order-1');
    const session = await foreignSession(adminUrl);
    world.gateway.script(async () => {
      await session.hold(sql`select 1 from subscriptions where id = ${id}::uuid for update`);
      return succeeded();
    });
    await world.workAs(hasty());
    expect(await world.charge(id)).toMatchObject({ status: 'attempting', attempts: [{ outcome: null }] });
    await session.letGo();
    await world.ask(sql`update attempts set lease_until = now() - interval '1 second'`);
    await world.workAs(hasty());
    expect(await world.charge(id)).toMatchObject({ status: 'paid', attempts: [{ outcome: 'succeeded' }] });
    expect(world.gateway.sent).toHaveLength(1);
    await expectSound(world);
  });
});

describe('a method that ends for three subscriptions, of which somebody holds one', () => {
  const card = { tokenId: 'pt-shared', label: 'shared', fingerprint: 'shared' };
  const statuses = async (ids: readonly string[]) =>
    await Promise.all(ids.map(async (id) => (await world.subscription(id)).methods.map(({ status }) => status)));

  test('ends for the others meanwhile, and for the third as soon as it is let go, also hours later', async () => {
    const siti = { customer: createInput('siti').customer };
    const ids = [];
    for (const name of ['a', 'b', 'c']) ids.push(await world.onboard(name, 'monthly', siti, card));
    await world.work();
    const session = await foreignSession(adminUrl);
    await session.hold(sql`select 1 from subscriptions where id = ${ids[1]}::uuid for update`);
    const sent: string[] = [];
    const hurried = hasty();
    const run = <T>(query: SQLWrapper): Promise<T[]> => {
      sent.push(statementOf(query).text);
      return hurried.db.run<T>(query);
    };
    const ctx = { ...hurried, db: { ...hurried.db, run } };
    const ending = { as: 'dead', why: 'INVALID_TOKEN', actor: 'dueday', at: world.now() } as const;
    expect(await endMethod(ctx, card.tokenId, ending, world.now())).toBe('busy');
    expect(await statuses(ids)).toEqual([['dead'], ['active'], ['dead']]);
    // Those that are free did not wait for the one that is not.
    expect(sent.find((text) => text.includes('insert into ledger'))).toContain('skip locked');
    for (const at of ['2026-01-31T02:01:00Z', '2026-01-31T08:00:00Z']) {
      world.moveTo(at);
      await endTheRest(ctx);
      expect(await statuses(ids)).toEqual([['dead'], ['active'], ['dead']]);
    }
    await session.letGo();
    await endTheRest(ctx);
    expect(await statuses(ids)).toEqual([['dead'], ['dead'], ['dead']]);
    await expectSound(world);
  });
});

test('a connection that is lost half-way through claims one by one keeps none of those that were claimed from being sent', async () => {
  await five();
  await openCharges(world.ctx, world.now());
  // One of them cannot be written, so each is claimed by itself; and after two of those the connection is lost.
  let claims = 0;
  const run: typeof world.db.run = async (query) => {
    if (statements.claim.test(statementOf(query).text)) {
      claims += 1;
      if (claims === 2) throw new DatabaseError('A value cannot be written.', '22003');
      if (claims === 5) throw new DatabaseError('The connection was lost.', 'CONNECTION_CLOSED');
    }
    return await world.db.run(query);
  };
  await world.workAs({ ...world.ctx, requestsPerMinute: 600, db: { ...world.db, run } }).catch(() => undefined);
  expect(await world.ask(silent)).toEqual([]);
  expect(world.gateway.payments).toHaveLength(5);
});

describe('webhooks that were dealt with long ago', () => {
  test('lose their bodies but for those that another process holds, which are left to it', async () => {
    for (const id of [1, 2, 3]) await world.receives({ event: 'moon.risen', data: { id } });
    await world.work();
    world.moveTo('2026-02-03T02:00:00Z');
    const session = await foreignSession(adminUrl);
    await session.hold(sql`select 1 from inbox order by id limit 1 for update`);
    await pruneInbox(hasty());
    const left = sql`select count(*)::int as count from inbox where body_dropped_at is null`;
    expect(await world.ask(left)).toEqual([{ count: 1 }]);
    await session.letGo();
    await pruneInbox(hasty());
    expect(await world.ask(left)).toEqual([{ count: 0 }]);
  });
});

describe('what everybody needs, held by a foreign session', () => {
  test.each<[string, SQL]>([
    ['the table of charges, even for reading', sql`lock table charges in access exclusive mode`],
    ['the table of charges, for writing', sql`lock table charges in exclusive mode`],
    ['the table of subscriptions', sql`lock table subscriptions in exclusive mode`],
    ['the pace', sql`select 1 from pace for update`],
  ])('%s: the run ends soon and says so, nothing is charged, and the next run does the work', async (_, lock) => {
    await five();
    await openCharges(world.ctx, world.now());
    const session = await foreignSession(adminUrl);
    await session.hold(lock);
    const began = performance.now();
    const ended = await world.workAs(hasty()).catch((error: unknown) => error);
    expect(ended === undefined || isLockTimeout(ended)).toBe(true);
    expect(performance.now() - began).toBeLessThan(10_000);
    expect(world.gateway.sent).toEqual([]);
    await tellHolders(world.ctx, ended ?? lockTimeout);
    expect(world.logged.at(-1)).toMatchObject({
      level: 'error',
      facts: { sessions: expect.stringContaining('somebody') },
    });
    await session.letGo();
    await world.workAs(hasty());
    expect(await world.ask(open)).toEqual([]);
    expect(world.gateway.payments).toHaveLength(5);
    await expectSound(world);
  });
});
