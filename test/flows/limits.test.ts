import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import { createInput } from '../support/create-input.ts';
import { declined } from '../support/scripted-gateway.ts';
import { testWorld } from '../support/world.ts';

const world = await testWorld({ at: '2026-01-31T02:00:00Z' });
const { gateway } = world;
beforeEach(() => world.startOver('2026-01-31T02:00:00Z'));

const wallet = { channelCode: 'OVO', network: null };

/** The most attempts that lie within any window of so many hours. */
async function mostWithin(hours: number): Promise<number> {
  const rows = await world.ask<{ most: number }>(sql`select max(n)::int as most from (
    select count(*) as n from attempts a join attempts b
      on b.sent_at <= a.sent_at and b.sent_at > a.sent_at - ${hours}::int * interval '1 hour' group by a.id) w`);
  return rows[0]?.most ?? 0;
}

describe('the mandate', () => {
  test('is never outlived: after its last day charges wait for the customer, and are given up in the end', async () => {
    const id = await world.onboard('order-1');
    await world.work();
    await world.ask(sql`update tokens set recurring_expiry = '2026-03-30'`);
    await world.liveUntil('2026-04-01T00:00:00Z');
    expect(await world.charges(id)).toMatchObject([
      { status: 'paid' },
      { status: 'paid' },
      { status: 'due', waits_until: '2026-04-28T02:00:00Z', note: 'The mandate ended on 2026-03-30.', attempts: [] },
    ]);
    await world.liveUntil('2026-05-01T00:00:00Z');
    expect(await world.charge(id, 2)).toMatchObject({ status: 'uncollectible', attempts: [] });
    expect(gateway.sent).toHaveLength(2);
  });

  test('covers its own last day', async () => {
    const id = await world.onboard('order-1');
    await world.ask(sql`update tokens set recurring_expiry = '2026-02-28'`);
    await world.liveUntil('2026-02-28T02:00:00Z');
    expect(await world.charge(id, 1)).toMatchObject({ status: 'paid' });
  });

  test('keeps attempts so many days apart, retries included', async () => {
    const id = await world.onboard('order-1');
    await world.ask(sql`update tokens set recurring_frequency = 3`);
    gateway.otherwise(() => declined('INSUFFICIENT_BALANCE'));
    await world.liveUntil('2026-03-15T00:00:00Z');
    const days = (await world.charge(id)).attempts.map((one) => Temporal.PlainDate.from(one.sent_at.slice(0, 10)));
    const gaps = days.slice(1).map((day, n) => day.since(days[n] ?? day).days);
    expect(gaps).toEqual([3, 3, 5, 7]);
  });

  test('keeps the charges of two cycles apart too', async () => {
    const id = await world.onboard('order-1', 'patient');
    gateway.otherwise(() => declined('INSUFFICIENT_BALANCE'));
    await world.ask(sql`update tokens set recurring_frequency = 2`);
    await world.liveUntil('2026-02-15T00:00:00Z');
    const sent = (await world.charges(id))
      .flatMap((charge) => charge.attempts.map((one) => one.sent_at.slice(0, 10)))
      .toSorted();
    const gaps = sent.slice(1).map((day, n) => Temporal.PlainDate.from(day).since(sent[n] ?? day).days);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(2);
    expect(sent.length).toBeGreaterThan(4);
  });

  test('does not count what never reached the issuer', async () => {
    const id = await world.onboard('order-1');
    await world.ask(sql`update tokens set recurring_frequency = 3`);
    gateway.script(declined('ISSUER_UNAVAILABLE'));
    await world.liveUntil('2026-01-31T03:00:00Z');
    expect(await world.charge(id)).toMatchObject({ status: 'paid' });
  });
});

describe('the limits of the networks', () => {
  test('hold across cycles: a wallet is never declined more than five times in thirty days', async () => {
    await world.onboard('order-1', 'stubborn', {}, wallet);
    gateway.otherwise(() => declined('INSUFFICIENT_BALANCE'));
    await world.liveUntil('2026-05-01T00:00:00Z');
    expect(await mostWithin(30 * 24)).toBe(5);
    expect(gateway.sent.length).toBeGreaterThan(10);
  });

  test('count a method once, however many subscriptions it was saved for', async () => {
    const { customer } = createInput('one-customer');
    const saved = { ...wallet, tokenId: 'pt-00000000-0000-4000-8000-saved-twice' };
    await world.onboard('order-1', 'stubborn', { customer }, saved);
    await world.onboard('order-2', 'stubborn', { customer }, saved);
    gateway.otherwise(() => declined('INSUFFICIENT_BALANCE'));
    await world.liveUntil('2026-05-01T00:00:00Z');
    expect(new Set(gateway.sent.map(({ tokenId }) => tokenId)).size).toBe(1);
    expect(await mostWithin(30 * 24)).toBe(5);
  });

  test('of Mastercard and Visa are kept by their own numbers', async () => {
    await world.onboard('order-1', 'stubborn', {}, { network: 'VISA' });
    gateway.otherwise(() => declined('INSUFFICIENT_BALANCE'));
    await world.liveUntil('2026-05-01T00:00:00Z');
    expect(await mostWithin(30 * 24)).toBe(16);
  });

  test('never lose a charge: each is paid, given up, or has its next instant', async () => {
    await world.onboard('order-1', 'stubborn', {}, wallet);
    gateway.otherwise(() => declined('INSUFFICIENT_BALANCE'));
    await world.liveUntil('2026-05-01T00:00:00Z');
    const lost = sql`select id from charges where status not in ('paid', 'uncollectible', 'void')
      and coalesce(next_attempt_at, waits_until) is null`;
    expect(await world.ask(lost)).toEqual([]);
  });
});
