import { sql } from 'drizzle-orm';
import { afterAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Context } from '../../src/context.ts';
import type { Outcome } from '../../src/domain/charges/outcome.ts';
import { noLimits, type SpendingLimits } from '../../src/domain/money/spending-limits.ts';
import { releaseCharge } from '../../src/flows/charges/change-charge.ts';
import { armCharging } from '../../src/flows/charging/arm-charging.ts';
import { settleAttempts } from '../../src/flows/due-date/settle-attempts.ts';
import { connection } from '../../src/infra/database/connection.ts';
import { openDatabase } from '../../src/infra/database/db.ts';
import { statementOf } from '../../src/infra/database/sql.ts';
import { chargingState } from '../../src/infra/tables/charging/charging.ts';
import { testDatabase } from '../support/database.ts';
import { declined, refused, succeeded } from '../support/scripted-gateway.ts';
import { siti } from '../support/siti.ts';
import { testWorld } from '../support/world.ts';

const made = await testDatabase();
const world = await testWorld({ at: '2026-01-31T02:00:00Z', db: made.db, admin: made.admin });
const { gateway } = world;
const others = [1, 2, 3].map((n) => {
  const db = openDatabase({ url: made.url, poolSize: 4, applicationName: `dueday other ${n}`, vault: made.db.vault });
  afterAll(() => db.close());
  return { ...world.ctx, db };
});
beforeEach(() => world.startOver('2026-01-31T02:00:00Z'));

/** A daemon whose catalog has these limits. Every charge here is of 150,000 IDR. */
function limited(limits: Partial<SpendingLimits>, ctx: Context = world.ctx): Context {
  const { catalog } = ctx;
  const current = { ...catalog.current, defaults: { ...catalog.current.defaults, limits: { ...noLimits, ...limits } } };
  return { ...ctx, catalog: { ...catalog, current, version: (number) => catalog.version(number) } };
}

const person = { actor: 'key:admin', reason: null };
const sameCustomer = (reference: string) => ({
  referenceId: reference,
  givenNames: 'Siti',
  surname: null,
  email: null,
  mobileNumber: null,
});

/** Subscriptions of one customer, each with a charge that is due. */
async function ofOneCustomer(count: number): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let n = 0; n < count; n += 1)
    ids.push(await world.onboard(`order-${n}`, 'monthly', { customer: sameCustomer('customer-one') }));
  return ids;
}

const spent = async () =>
  (await world.ask<{ amount: string }>(sql`select amount::text from spending where currency = 'IDR'`))[0]?.amount;

describe('without limits', () => {
  test('nothing is counted', async () => {
    await ofOneCustomer(2);
    await world.work();
    expect(gateway.sent).toHaveLength(2);
    expect(await spent()).toBe('0');
    expect(await world.ask(sql`select 1 from customers where spent is not null`)).toEqual([]);
  });
});

describe('the limit of a charge', () => {
  test('holds what is beyond it, says why, and lets it pass once when a person releases it', async () => {
    const daemon = limited({ perCharge: { IDR: 149_999n } });
    const id = await world.onboard('order-1');
    await world.workAs(daemon);
    const why = '150000 IDR is more than one charge may be (per_charge: 149999 IDR): a person decides.';
    const { id: charge, ...held } = await world.charge(id);
    expect(held).toMatchObject({ status: 'held', hold_reason: 'charge_limit', note: why, attempts: [] });
    expect(await world.told(id)).toContain('charge.held');
    await releaseCharge(daemon, charge, person);
    gateway.script(declined('INSUFFICIENT_BALANCE'));
    await world.workAs(daemon);
    expect(await world.charge(id)).toMatchObject({ status: 'due', attempts: [{ number: 1 }] });
    world.moveTo('2026-02-01T02:00:00Z');
    await world.workAs(daemon);
    expect(await world.charge(id)).toMatchObject({ status: 'held', hold_reason: 'charge_limit' });
    expect(gateway.sent).toHaveLength(1);
  });

  test('lets a released one pass again when its attempt did not count', async () => {
    const daemon = limited({ perCharge: { IDR: 149_999n } });
    const id = await world.onboard('order-1');
    await world.workAs(daemon);
    await releaseCharge(daemon, (await world.charge(id)).id, person);
    gateway.script({ ...refused('throttled', 'RATE_LIMIT_EXCEEDED'), retryAfterSeconds: 0 } as Outcome);
    await world.workAs(daemon);
    world.moveTo('2026-01-31T02:02:00Z');
    await world.workAs(daemon);
    expect(await world.charge(id)).toMatchObject({ status: 'paid' });
  });

  test('lets pass what reaches it, and says nothing about other currencies', async () => {
    const id = await world.onboard('order-1');
    await world.workAs(limited({ perCharge: { IDR: 150_000n, PHP: 1n } }));
    expect(await world.charge(id)).toMatchObject({ status: 'paid' });
  });
});

describe("the limit of a customer's day", () => {
  const limits = { perCustomerPerDay: { IDR: 300_000n } };

  test('holds the charge that would go beyond it; the next day counts anew', async () => {
    const daemon = limited(limits);
    const ids = await ofOneCustomer(3);
    const other = await world.onboard('of-another');
    await world.workAs(daemon);
    expect(gateway.payments).toHaveLength(3);
    expect(await world.charge(other)).toMatchObject({ status: 'paid' });
    const charges = await Promise.all(ids.map((id) => world.charge(id)));
    expect(charges.map(({ status }) => status).toSorted()).toEqual(['held', 'paid', 'paid']);
    const held = charges.find(({ status }) => status === 'held');
    expect(held).toMatchObject({
      hold_reason: 'customer_limit',
      note: 'With 300000 IDR today already, 150000 IDR is more than a customer may be charged a day (per_customer_per_day: 300000 IDR): a person decides.',
    });
    // Midnight in Jakarta.
    world.moveTo('2026-01-31T17:00:00Z');
    const more = await ofOneCustomer(4);
    await world.workAs(daemon);
    expect(await world.charge(more[3] ?? '')).toMatchObject({ status: 'paid' });
  });

  test('a person who releases it lets it pass, and it is counted', async () => {
    const daemon = limited(limits);
    const ids = await ofOneCustomer(3);
    await world.workAs(daemon);
    const charges = await Promise.all(ids.map((id) => world.charge(id)));
    const held = charges.find(({ status }) => status === 'held');
    await releaseCharge(daemon, held?.id ?? '', person);
    await world.workAs(daemon);
    expect(gateway.payments).toHaveLength(3);
    const [row] = await world.ask(
      sql`select spent ->> 'IDR' as spent from customers where reference_id = 'customer-one'`,
    );
    expect(row).toEqual({ spent: '450000' });
  });

  test('what was declined does not count', async () => {
    const daemon = limited(limits);
    gateway.script(declined('INSUFFICIENT_BALANCE'), declined('INSUFFICIENT_BALANCE'));
    await ofOneCustomer(2);
    await world.workAs(daemon);
    const more = [await world.onboard('late-1', 'monthly', { customer: sameCustomer('customer-one') })];
    more.push(await world.onboard('late-2', 'monthly', { customer: sameCustomer('customer-one') }));
    await world.workAs(daemon);
    for (const id of more) expect(await world.charge(id)).toMatchObject({ status: 'paid' });
    expect(await world.ask(sql`select 1 from charges where status = 'held'`)).toEqual([]);
  });

  test('what was declined and is collected after all counts again', async () => {
    const daemon = limited(limits);
    gateway.script(declined('INSUFFICIENT_BALANCE'), declined('INSUFFICIENT_BALANCE'));
    const [first = ''] = await ofOneCustomer(2);
    await world.workAs(daemon);
    expect(await spent()).toBe('0');
    const [attempt] = (await world.charge(first)).attempts;
    const [row] = await world.ask<{ id: string }>(
      sql`select id::text from attempts where reference_id = ${attempt?.reference_id ?? ''}`,
    );
    await settleAttempts(daemon, [{ attemptId: row?.id ?? '', outcome: succeeded() }], world.now());
    expect(await spent()).toBe('150000');
    const more = [await world.onboard('late-1', 'monthly', { customer: sameCustomer('customer-one') })];
    more.push(await world.onboard('late-2', 'monthly', { customer: sameCustomer('customer-one') }));
    await world.workAs(daemon);
    const statuses = await Promise.all(more.map(async (one) => (await world.charge(one)).status));
    expect(statuses.toSorted()).toEqual(['held', 'paid']);
  });

  test('is not passed by daemons that race', async () => {
    await ofOneCustomer(8);
    const daemons = [world.ctx, ...others].map((ctx) => limited(limits, ctx));
    await Promise.all(daemons.map((daemon) => world.workAs(daemon)));
    // Who lost a race to another daemon leaves the charge to the next run.
    await world.workAs(daemons[0] as Context);
    expect(gateway.payments).toHaveLength(2);
    expect(await world.ask(sql`select 1 from charges where status = 'held'`)).toHaveLength(6);
  });
});

describe('the limit of the day in all', () => {
  const limits = { perDay: { IDR: 700_000n } };

  test('stops charging as a whole, until a person arms it: then a new count begins', async () => {
    const daemon = limited(limits);
    for (let n = 0; n < 10; n += 1) await world.onboard(`order-${n}`);
    await world.workAs(daemon);
    expect(gateway.payments).toHaveLength(4);
    expect(await spent()).toBe('600000');
    const { reason } = await chargingState(world.db, '');
    expect(reason).toContain('per_day is reached: 600000 of 700000 IDR on 2026-01-31');
    await world.workAs(daemon);
    expect(gateway.payments).toHaveLength(4);
    expect(await world.ask(sql`select 1 from charges where status = 'due'`)).toHaveLength(6);
    await armCharging(daemon, null, siti);
    await world.workAs(daemon);
    expect(gateway.payments).toHaveLength(8);
  });

  test('a decline of what was sent before a person armed makes no room in the new count', async () => {
    const daemon = limited({ perDay: { IDR: 300_000n } });
    gateway.script({ kind: 'unknown', detail: 'no answer', paymentRequestId: null }, succeeded());
    // Two for each count: a fifth would be tried as soon as the decline makes room for it.
    for (let n = 0; n < 4; n += 1) await world.onboard(`order-${n}`);
    await world.workAs(daemon);
    const [early] = await world.ask<{ id: string }>(sql`select id from attempts where outcome = 'unknown'`);
    expect(await spent()).toBe('300000');
    world.moveTo('2026-01-31T02:01:00Z');
    await armCharging(daemon, null, siti);
    world.moveTo('2026-01-31T02:02:00Z');
    gateway.script(succeeded(), declined('INSUFFICIENT_BALANCE'));
    await world.workAs(daemon);
    expect(await spent()).toBe('150000');
    const answered = [{ attemptId: early?.id ?? '', outcome: declined('INSUFFICIENT_BALANCE') }];
    await settleAttempts(daemon, answered, world.now());
    expect(await world.ask(sql`select 1 from attempts where outcome = 'declined'`)).toHaveLength(2);
    expect(await spent()).toBe('150000');
  });

  test('counts each day by itself, and only what may have been collected', async () => {
    const daemon = limited({ perDay: { IDR: 300_000n } });
    gateway.script(declined('INSUFFICIENT_BALANCE'));
    for (let n = 0; n < 3; n += 1) await world.onboard(`order-${n}`);
    await world.workAs(daemon);
    expect(gateway.payments).toHaveLength(2);
    expect(await chargingState(world.db, '')).toMatchObject({ reason: null });
    world.moveTo('2026-02-01T02:00:00Z');
    await world.workAs(daemon);
    expect(gateway.payments).toHaveLength(3);
    expect(await spent()).toBe('150000');
  });

  test('is not passed by daemons that race, and is used to the last charge', async () => {
    for (let n = 0; n < 24; n += 1) await world.onboard(`order-${n}`);
    const daemons = [world.ctx, ...others].map((ctx) => limited({ perDay: { IDR: 1_500_000n } }, ctx));
    await Promise.all(daemons.map((daemon) => world.workAs(daemon)));
    await world.workAs(daemons[0] as Context);
    expect(gateway.payments).toHaveLength(10);
    expect(await spent()).toBe('1500000');
  });
});

describe('a claim that was within the limits when it was looked at', () => {
  /** A daemon that meets another replica in the moment of its claim. */
  function racing(limits: Partial<SpendingLimits>, race: (claim: () => Promise<unknown>) => Promise<unknown>) {
    let met = false;
    const run: typeof world.db.run = async (query) => {
      const isClaim = statementOf(query).text.includes('insert into attempts');
      if (met || !isClaim) return await world.db.run(query);
      met = true;
      return (await race(() => world.db.run(query))) as never;
    };
    return limited(limits, { ...world.ctx, db: { ...world.db, run } });
  }

  test('is not made once another replica has used up what was left of the day', async () => {
    const id = await world.onboard('order-1');
    const replica = connection(made.url, { max: 1 });
    onTestFinished(() => replica.end({ timeout: 1 }));
    const daemon = racing({ perDay: { IDR: 150_000n } }, async (claim) => {
      // The other replica has counted, and commits while our claim already waits for its row.
      await replica.unsafe(`begin; update spending set day = '2026-01-31', amount = 150000 where currency = 'IDR'`);
      const claimed = claim();
      await vi.waitFor(async () => expect(await othersWait()).toBe(true));
      await replica.unsafe('commit');
      return await claimed;
    });
    await world.workAs(daemon);
    expect(await spent()).toBe('150000');
    expect(gateway.sent).toEqual([]);
    expect(await world.charge(id)).toMatchObject({ attempts: [] });
  });

  test('is not made once another replica has used up what was left of the customer', async () => {
    const id = await world.onboard('order-1');
    // A claim does not wait for the row of a customer, so the other replica has committed by then.
    const used = sql`update customers set spent_on = '2026-01-31', spent = '{"IDR": 150000}'`;
    const daemon = racing({ perCustomerPerDay: { IDR: 150_000n } }, async (claim) => {
      await world.ask(used);
      return await claim();
    });
    await world.workAs(daemon);
    expect(gateway.sent).toEqual([]);
    expect(await world.charge(id)).toMatchObject({ hold_reason: 'customer_limit', attempts: [] });
  });
});

async function othersWait(): Promise<boolean> {
  const waiting = sql`select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
  return (await world.ask(waiting)).length > 0;
}

describe('a charge that is larger than per_day alone', () => {
  const day = () => limited({ perDay: { IDR: 100_000n } });

  test('is held by itself, and stops none of the others', async () => {
    const large = await world.onboard('large');
    for (let n = 0; n < 3; n += 1) await world.onboard(`small-${n}`, 'weekly');
    await world.workAs({ ...day(), requestsPerMinute: 600 });
    expect(gateway.payments).toHaveLength(3);
    expect(await world.charge(large)).toMatchObject({ status: 'held', hold_reason: 'charge_limit' });
    expect(await chargingState(world.db, '')).toMatchObject({ reason: null });
  });

  test('is collected once a person lets it pass, and counts against its day', async () => {
    const large = await world.onboard('large');
    await world.workAs(day());
    await releaseCharge(world.ctx, (await world.charge(large)).id, person);
    for (let n = 0; n < 3; n += 1) await world.onboard(`small-${n}`, 'weekly');
    await world.workAs({ ...day(), requestsPerMinute: 600 });
    expect(await world.charge(large)).toMatchObject({ status: 'paid' });
    expect(await chargingState(world.db, '')).toMatchObject({ reason: expect.stringContaining('per_day is reached') });
  });
});
