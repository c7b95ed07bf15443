import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import { forgiveCharge, retryCharge } from '../../src/flows/charges/change-charge.ts';
import { cancelSubscription } from '../../src/flows/subscriptions/canceling/cancel-subscription.ts';
import { grantGrace } from '../../src/flows/subscriptions/grant-grace.ts';
import { pauseSubscription, resumeSubscription } from '../../src/flows/subscriptions/pause-subscription.ts';
import { apiOver } from '../support/api.ts';
import { declined } from '../support/scripted-gateway.ts';
import { plainCatalog, testWorld } from '../support/world.ts';

const catalog = plainCatalog.replace('  monthly:\n', '  monthly:\n    access: { grace: 5 days }\n');
const world = await testWorld({ at: '2026-01-31T02:00:00Z', catalog });
const { ctx, gateway } = world;
const api = await apiOver(ctx);
beforeEach(() => world.startOver('2026-01-31T02:00:00Z'));

const actor = 'siti';
const siti = { actor, reason: 'because' };
const short = declined('INSUFFICIENT_BALANCE');

async function owing(): Promise<string> {
  const id = await world.onboard('order-1');
  gateway.otherwise(short);
  await world.work();
  return id;
}

/** As the subscription shows it, and as the customer's own call does: the two are one. */
async function access(id: string) {
  const { access: shown, past_due_since } = await world.subscription(id);
  const { body } = await api.get('/v1/customers/customer-order-1/access');
  expect(body).toMatchObject({ allowed: shown.allowed, until: shown.until, why: shown.why, past_due_since });
  return { allowed: shown.allowed, until: shown.until, past_due_since };
}

describe('who is past due', () => {
  test('is let in for the days of the plan, to the moment, although nothing runs', async () => {
    const id = await owing();
    const until = '2026-02-05T02:00:00Z';
    expect(await access(id)).toEqual({ allowed: true, until, past_due_since: '2026-01-31T02:00:00Z' });
    world.moveTo('2026-02-05T01:59:59Z');
    expect(await access(id)).toMatchObject({ allowed: true, until });
    world.moveTo(until);
    expect(await access(id)).toMatchObject({ allowed: false, until });
  });

  test('is so since the first decline, whatever is tried after it: by its ladder, and by hand', async () => {
    const id = await owing();
    const before = await access(id);
    await world.liveUntil('2026-02-02T12:00:00Z');
    await retryCharge(ctx, (await world.charge(id)).id, siti);
    await world.work();
    expect((await world.charge(id)).attempts).toHaveLength(3);
    expect(await access(id)).toEqual(before);
  });

  test('is let in again once it is paid, and is past due anew only with another decline', async () => {
    const id = await owing();
    gateway.otherwise({ kind: 'succeeded', paymentRequestId: 'pr-1', paymentId: 'py-1' });
    await world.liveUntil('2026-02-01T02:00:00Z');
    expect(await access(id)).toEqual({ allowed: true, until: null, past_due_since: null });
    gateway.otherwise(short);
    await world.liveUntil('2026-02-28T02:00:00Z');
    expect(await access(id)).toMatchObject({ past_due_since: '2026-02-28T02:00:00Z' });
  });

  test('is let in as if it were paid once it is forgiven', async () => {
    const id = await owing();
    world.moveTo('2026-02-06T02:00:00Z');
    expect(await access(id)).toMatchObject({ allowed: false });
    await forgiveCharge(ctx, (await world.charge(id)).id, siti);
    expect(await access(id)).toEqual({ allowed: true, until: null, past_due_since: null });
  });

  test('stays past due since then through a pause that it does not pay in', async () => {
    const id = await owing();
    await pauseSubscription(ctx, id, { actor });
    expect(await access(id)).toMatchObject({ allowed: false });
    world.moveTo('2026-02-02T02:00:00Z');
    await resumeSubscription(ctx, id, { actor });
    expect(await access(id)).toMatchObject({ past_due_since: '2026-01-31T02:00:00Z', until: '2026-02-05T02:00:00Z' });
  });
});

describe('grace', () => {
  test('lets in until the end of its day, and changes nothing about what is owed', async () => {
    const id = await owing();
    const [before] = await world.charges(id);
    await grantGrace(ctx, id, { until: Temporal.PlainDate.from('2026-02-15'), ...siti });
    expect(await access(id)).toMatchObject({ allowed: true, until: '2026-02-15T17:00:00Z' });
    expect((await world.told(id)).at(-1)).toBe('subscription.grace_granted');
    expect((await world.charges(id))[0]?.next_attempt_at).toBe(before?.next_attempt_at);
    world.moveTo('2026-02-15T17:00:00Z');
    expect(await access(id)).toMatchObject({ allowed: false, until: '2026-02-05T02:00:00Z' });
  });

  test('is written down once with who and why, and asked for in words that are checked', async () => {
    const id = await owing();
    const path = `/v1/subscriptions/${id}/grace`;
    const good = await api.post(path, { until: '2026-02-15T00:00:00+07:00', reason: 'their bank was closed' });
    expect(good).toMatchObject({ status: 200, body: { access: { allowed: true, until: '2026-02-14T17:00:00Z' } } });
    const [entry] = await world.ask<{ why: string; actor: string }>(
      sql`select why, actor from ledger where kind = 'subscription.grace_granted'`,
    );
    expect(entry).toEqual({ why: 'until 2026-02-14T17:00:00Z: their bank was closed', actor: 'api:admin' });
    const past = await api.post(path, { until: '2026-01-30', reason: 'their bank was closed' });
    expect(past).toMatchObject({ status: 400, body: { errors: [{ field: 'until' }] } });
    await cancelSubscription(ctx, id, { at: 'now', reason: null, actor });
    expect(await api.post(path, { until: '2026-02-20', reason: 'their bank was closed' })).toMatchObject({
      status: 409,
    });
  });
});

describe('access of a customer', () => {
  test('names the subscription that decides, its plan and how many of it', async () => {
    const id = await owing();
    expect((await api.get('/v1/customers/customer-order-1/access')).body).toEqual({
      allowed: true,
      state: 'past_due',
      until: '2026-02-05T02:00:00Z',
      past_due_since: '2026-01-31T02:00:00Z',
      plan: 'monthly',
      quantity: 1,
      why: expect.stringContaining('past due since 2026-01-31'),
      subscription: id,
    });
  });

  test('is that of the subscription which lets in longest, and of the newest where none does', async () => {
    const first = await owing();
    gateway.otherwise({ kind: 'succeeded', paymentRequestId: 'pr-1', paymentId: 'py-1' });
    const customer = {
      referenceId: 'customer-order-1',
      givenNames: 'A',
      surname: null,
      email: null,
      mobileNumber: null,
    };
    world.moveTo('2026-01-31T02:00:01Z');
    const second = await world.onboard('order-2', 'weekly', { customer });
    await world.work();
    const ask = async () => (await api.get('/v1/customers/customer-order-1/access')).body;
    expect(await ask()).toMatchObject({ allowed: true, until: null, subscription: second });
    await cancelSubscription(ctx, second, { at: 'now', reason: null, actor });
    expect(await ask()).toMatchObject({ allowed: true, subscription: first });
    await cancelSubscription(ctx, first, { at: 'now', reason: null, actor });
    expect(await ask()).toMatchObject({ allowed: false, subscription: second, state: 'canceled' });
  });

  test('of nobody is not found', async () => {
    for (const name of ['nobody', 'customer-order-1x', '%20', encodeURIComponent("' or 1=1 --")])
      expect((await api.get(`/v1/customers/${name}/access`)).status).toBe(404);
  });

  test('of somebody without a method yet is none', async () => {
    await world.create('order-1');
    expect((await api.get('/v1/customers/customer-order-1/access')).body).toMatchObject({
      allowed: false,
      state: 'pending',
      until: null,
    });
  });
});
