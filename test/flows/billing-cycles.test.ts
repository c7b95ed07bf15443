import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import { onDueDate } from '../../src/flows/due-date/on-due-date.ts';
import { openCharges } from '../../src/flows/due-date/open-charges.ts';
import { subscribeMany } from '../support/many.ts';
import { testWorld } from '../support/world.ts';
import { expectNothingToTell } from './oracle.ts';

const world = await testWorld({ at: '2026-01-31T02:00:00Z' });
const { ctx, gateway } = world;
beforeEach(() => world.startOver('2026-01-31T02:00:00Z'));

describe('a year of billing', () => {
  test('from the 31st counts every month from the anchor, and collects each once', async () => {
    const id = await world.onboard('order-1');
    await world.liveUntil('2027-01-31T01:59:59Z');
    const charges = await world.charges(id);
    expect(charges.map((charge) => charge.period.start)).toEqual([
      '2026-01-31',
      '2026-02-28',
      '2026-03-31',
      '2026-04-30',
      '2026-05-31',
      '2026-06-30',
      '2026-07-31',
      '2026-08-31',
      '2026-09-30',
      '2026-10-31',
      '2026-11-30',
      '2026-12-31',
    ]);
    expect(charges.map((charge) => charge.due_at.slice(11))).toEqual(Array.from(charges, () => '02:00:00Z'));
    expect(charges.every((charge) => charge.status === 'paid' && charge.attempts.length === 1)).toBe(true);
    expect(charges.map((charge) => charge.attempts[0]?.sent_at)).toEqual(charges.map((charge) => charge.due_at));
    expect(gateway.payments).toHaveLength(12);
  });

  test('leaves no day between two periods, and none twice', async () => {
    const id = await world.onboard('order-1');
    await world.liveUntil('2027-01-31T02:00:00Z');
    const days = (await world.charges(id)).map(({ period }) => [period.start, period.end] as const);
    for (const [index, [start]] of days.slice(1).entries()) {
      expect(
        Temporal.PlainDate.from(days[index]?.[1] ?? '')
          .add({ days: 1 })
          .toString(),
      ).toBe(start);
    }
  });

  test('is paid in the minor units of its currency, in its own zone', async () => {
    const id = await world.onboard('order-1', 'manila');
    await world.liveUntil('2026-02-28T02:00:00Z');
    expect(await world.charge(id, 1)).toMatchObject({ amount: 499.5, currency: 'PHP', due_at: '2026-02-28T01:00:00Z' });
    expect(gateway.payments.map(({ amount, currency }) => amount + currency)).toEqual(['49950PHP', '49950PHP']);
  });

  test('ends after the cycles of its plan, when the last of them is over', async () => {
    const id = await world.onboard('order-1', 'three');
    await world.liveUntil('2026-04-30T01:59:00Z');
    expect(await world.subscription(id)).toMatchObject({ status: 'active' });
    await world.liveUntil('2027-01-01T00:00:00Z');
    expect(await world.subscription(id)).toMatchObject({ status: 'ended', ended_at: '2026-04-30T02:00:00Z' });
    expect(await world.charges(id)).toMatchObject([{ status: 'paid' }, { status: 'paid' }, { status: 'paid' }]);
    expect(gateway.payments).toHaveLength(3);
  });
});

describe('many at once', () => {
  const onboardMany = async (count: number): Promise<readonly string[]> =>
    await Promise.all(Array.from({ length: count }, (_, n) => world.onboard(`order-${n}`)));

  test('eight openers open one charge a cycle', async () => {
    await onboardMany(20);
    const daemons = Array.from({ length: 4 }, (_, n) => (n % 2 === 0 ? ctx : world.another()));
    const now = world.now();
    await Promise.all([...daemons, ...daemons].map((daemon) => openCharges(daemon, now)));
    const rows = await world.ask(
      sql`select count(*)::int as charges, count(distinct subscription_id)::int as of from charges`,
    );
    expect(rows).toEqual([{ charges: 20, of: 20 }]);
    const told = await world.ask(sql`select count(*)::int as opened from ledger where kind = 'charge.opened'`);
    expect(told).toEqual([{ opened: 20 }]);
    expectNothingToTell(world);
  });

  test('eight daemons make exactly one attempt of each charge', async () => {
    const ids = await onboardMany(20);
    const daemons = [ctx, world.another(), world.another(), world.another()];
    await Promise.all([...daemons, ...daemons].map((daemon) => onDueDate(daemon)));
    expect(gateway.sent).toHaveLength(20);
    expect(new Set(gateway.sent.map((sent) => sent.referenceId)).size).toBe(20);
    for (const id of ids) expect(await world.charge(id)).toMatchObject({ status: 'paid', attempts: [{ number: 1 }] });
    expectNothingToTell(world);
  });

  test('a run that comes again at once finds nothing to do', async () => {
    await onboardMany(3);
    for (let again = 0; again < 4; again += 1) await world.work();
    expect(gateway.sent).toHaveLength(3);
  });

  test('more than one batch of them is opened, attempted and settled in one run, each once', async () => {
    await subscribeMany(ctx, 1_400, 'monthly');
    await world.work();
    expect(new Set(gateway.payments.map((payment) => payment.referenceId)).size).toBe(1_400);
    expect(gateway.sent).toHaveLength(1_400);
    expect(await world.ask(sql`select status, count(*)::int as count from charges group by status`)).toEqual([
      { status: 'paid', count: 1_400 },
    ]);
  });
});
