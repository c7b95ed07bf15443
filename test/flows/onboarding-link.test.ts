import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import { bucketOf } from '../../src/domain/charges/attempt.ts';
import { linkToken } from '../../src/flows/onboarding/link-token.ts';
import { cancelSubscription } from '../../src/flows/subscriptions/canceling/cancel-subscription.ts';
import { type ReplaceInput, replaceMethod } from '../../src/flows/subscriptions/replace-method.ts';
import { onboardingsOf } from '../../src/infra/tables/subscriptions/subscriptions.ts';
import { createInput } from '../support/create-input.ts';
import { declined, succeeded } from '../support/scripted-gateway.ts';
import { testWorld } from '../support/world.ts';
import { sessionEvent } from './xendit-events.ts';

const world = await testWorld({ at: '2026-01-31T02:00:00Z' });
const { ctx, gateway } = world;
beforeEach(() => world.startOver('2026-01-31T02:00:00Z'));

const oneCustomer = createInput('one-customer').customer;
const asBefore: ReplaceInput = { returnUrls: { success: null, cancel: null }, allowedChannels: null, locale: null };
const sessionOf = async (id: string): Promise<string> => (await world.subscription(id)).onboarding?.session_id ?? '';
const atJakarta = (text: string) => Temporal.ZonedDateTime.from(`${text}[Asia/Jakarta]`).toInstant().toString();

describe('a completed session', () => {
  test('links the token with its mandate, shows it masked, and makes the first cycle due at once', async () => {
    const id = await world.create('order-1');
    const session = await sessionOf(id);
    await world.receives(sessionEvent(session, 'COMPLETED', gateway.completes(session)));
    await world.work();
    expect(await world.subscription(id)).toMatchObject({
      status: 'active',
      anchor_date: '2026-01-31',
      token: { channel_code: 'CARDS', label: '400000XXXXXX1000', network: 'VISA', status: 'active' },
      mandate: { card_on_file_type: 'RECURRING', recurring_frequency: 1, recurring_expiry: expect.any(String) },
      onboarding: { status: 'completed' },
      next_charge_at: atJakarta('2026-02-28T09:00'),
    });
    expect(await world.charge(id)).toMatchObject({ status: 'paid', due_at: '2026-01-31T02:00:00Z' });
    expect(await world.told(id)).toEqual([
      'subscription.created',
      'token.saved',
      'subscription.active',
      'charge.opened',
      'attempt.sent',
      'attempt.settled',
      'charge.paid',
    ]);
  });

  test('with a trial, the first cycle falls due when the trial ends', async () => {
    const id = await world.onboard('order-1', 'trial');
    await world.work();
    expect(await world.subscription(id)).toMatchObject({
      status: 'trialing',
      anchor_date: '2026-02-14',
      next_charge_at: atJakarta('2026-02-14T09:00'),
    });
    expect(await world.charges(id)).toEqual([]);
    await world.liveUntil('2026-02-14T02:00:00Z');
    expect(await world.subscription(id)).toMatchObject({ status: 'active' });
    expect(await world.charges(id)).toMatchObject([{ cycle: 0, status: 'paid' }]);
  });

  test('with an anchor date, the first cycle falls due on it at the charge hour, whatever the trial', async () => {
    const anchorDate = Temporal.PlainDate.from('2026-02-05');
    const plain = await world.onboard('a', 'monthly', { anchorDate });
    const trial = await world.onboard('b', 'trial', { anchorDate });
    for (const id of [plain, trial]) {
      expect(await world.subscription(id)).toMatchObject({ next_charge_at: atJakarta('2026-02-05T09:00') });
    }
    await world.liveUntil('2026-02-06T00:00:00Z');
    expect(await world.charges(plain)).toMatchObject([{ cycle: 0, status: 'paid', period: { start: '2026-02-05' } }]);
    expect(await world.charges(trial)).toMatchObject([{ cycle: 0, status: 'paid', period: { start: '2026-02-05' } }]);
  });

  test('whose webhook was lost is found by asking', async () => {
    const id = await world.create('order-1');
    gateway.completes(await sessionOf(id));
    await world.work();
    expect(await world.subscription(id)).toMatchObject({ status: 'pending' });
    await world.liveUntil('2026-01-31T02:05:00Z');
    expect(await world.subscription(id)).toMatchObject({ status: 'active' });
    expect(await world.charge(id)).toMatchObject({ status: 'paid', due_at: '2026-01-31T02:05:00Z' });
  });

  test('told of five times, by webhook and by asking, by two daemons, saves one token', async () => {
    const id = await world.create('order-1');
    const session = await sessionOf(id);
    const token = gateway.completes(session);
    await Promise.all(
      ['A', 'B', 'C', 'D', 'E'].map((locale) =>
        world.receives({ ...sessionEvent(session, 'COMPLETED', token), locale }),
      ),
    );
    world.moveTo('2026-01-31T02:05:00Z');
    const daemons = [ctx, world.another()];
    await Promise.all(daemons.map((daemon) => world.workAs(daemon)));
    expect((await world.told(id)).filter((kind) => kind === 'token.saved')).toHaveLength(1);
    expect(await world.charges(id)).toMatchObject([{ cycle: 0, status: 'paid' }]);
    expect(gateway.payments).toHaveLength(1);
  });

  test('with a token of another customer is refused, and nothing is charged', async () => {
    const id = await world.create('order-1');
    await world.saveMethod(id, { customerId: 'cust-somebody-else' });
    await world.work();
    expect(await world.subscription(id)).toMatchObject({ status: 'pending', token: null });
    expect(gateway.sent).toEqual([]);
    expect(world.logged).toContainEqual(
      expect.objectContaining({ level: 'error', event: expect.stringContaining('not ours') }),
    );
  });

  test('whose token is not ready yet is asked about until it is', async () => {
    const id = await world.create('order-1');
    const session = await sessionOf(id);
    gateway.completes(session, { status: 'pending' });
    await world.liveUntil('2026-01-31T02:10:00Z');
    expect(await world.subscription(id)).toMatchObject({ status: 'pending', onboarding: { status: 'active' } });
    await world.receives(sessionEvent(session, 'COMPLETED', gateway.completes(session)));
    await world.work();
    expect(await world.subscription(id)).toMatchObject({ status: 'active' });
  });
});

describe('a session that ends without a method', () => {
  test('by its expiry leaves the subscription waiting, and a new session can still be completed', async () => {
    const id = await world.create('order-1');
    gateway.expires(await sessionOf(id));
    await world.receives(sessionEvent(await sessionOf(id), 'EXPIRED', null));
    await world.work();
    expect(await world.subscription(id)).toMatchObject({ status: 'pending', onboarding: { status: 'expired' } });
    expect(await replaceMethod(ctx, id, asBefore)).toMatchObject({ kind: 'opened' });
    await world.saveMethod(id);
    expect(await world.subscription(id)).toMatchObject({ status: 'active', onboarding: { status: 'completed' } });
  });

  test('by a cancellation, of which no webhook tells, is found by asking', async () => {
    const id = await world.create('order-1');
    await gateway.cancelSession(await sessionOf(id));
    await world.liveUntil('2026-01-31T02:05:00Z');
    expect(await world.subscription(id)).toMatchObject({ onboarding: { status: 'canceled' } });
  });

  test('canceling the subscription closes its link; a method saved all the same is never charged', async () => {
    const id = await world.create('order-1');
    const session = await sessionOf(id);
    await cancelSubscription(ctx, id, { at: 'now', reason: null, actor: 'product' });
    expect(gateway.sessions.get(session)).toMatchObject({ status: 'canceled' });
    await world.receives(sessionEvent(session, 'COMPLETED', gateway.completes(session)));
    await world.liveUntil('2026-04-30T00:00:00Z');
    expect(await world.subscription(id)).toMatchObject({ status: 'canceled', token: null });
    expect(await world.charges(id)).toEqual([]);
    expect(gateway.sent).toEqual([]);
  });

  test('by its expiry is heard of once Xendit says that it was completed after all', async () => {
    const id = await world.create('order-1');
    const session = await sessionOf(id);
    gateway.expires(session);
    await world.liveUntil('2026-01-31T02:10:00Z');
    expect(await world.subscription(id)).toMatchObject({ status: 'pending', onboarding: { status: 'expired' } });
    await world.receives(sessionEvent(session, 'COMPLETED', 'pt-forged'));
    await world.work();
    expect(await world.subscription(id)).toMatchObject({ status: 'pending', onboarding: { status: 'expired' } });
    await world.receives({ ...sessionEvent(session, 'COMPLETED', gateway.completes(session)), created: 'later' });
    await world.liveUntil('2026-01-31T02:20:00Z');
    expect(await world.subscription(id)).toMatchObject({ status: 'active', onboarding: { status: 'completed' } });
  });

  test('with a method saved after all is linked once, by however many daemons saw it open', async () => {
    const id = await world.create('order-1');
    const [open] = await onboardingsOf(world.db, bucketOf(id), id);
    if (open === undefined) throw new Error('There is no session.');
    gateway.completes(open.sessionId);
    const answer = await gateway.session(open.sessionId);
    if (answer.kind !== 'ok') throw new Error('There is no session.');
    await cancelSubscription(ctx, id, { at: 'now', reason: null, actor: 'product' });
    expect(await linkToken(ctx, open, answer.value, world.now())).toBe('linked');
    expect(await linkToken(world.another(), open, answer.value, world.now())).toBe('already');
  });

  test('and cannot be worked with holds up neither the other sessions nor the charges', async () => {
    const [broken, healthy] = [await world.create('broken'), await world.create('healthy')];
    for (const id of [broken, healthy]) gateway.completes(await sessionOf(id));
    await world.ask(sql`update subscriptions set time_zone = 'Mars/Base' where id = ${broken}::uuid`);
    await world.liveUntil('2026-01-31T02:05:00Z');
    expect(await world.charge(healthy)).toMatchObject({ status: 'paid' });
    expect(world.logged).toContainEqual(expect.objectContaining({ event: 'session cannot be worked with' }));
    await world.ask(sql`update subscriptions set time_zone = 'Asia/Jakarta' where id = ${broken}::uuid`);
    await world.liveUntil('2026-01-31T02:10:00Z');
    expect(await world.charge(broken)).toMatchObject({ status: 'paid' });
  });
});

describe('a replaced method', () => {
  test('is tried at once when a charge is in dunning, and pays it', async () => {
    const id = await world.create('order-1');
    gateway.script(declined('EXPIRED_CARD'));
    await world.saveMethod(id);
    await world.work();
    expect(await world.charge(id)).toMatchObject({
      status: 'due',
      next_attempt_at: null,
      waits_until: expect.any(String),
    });
    world.moveTo('2026-02-03T05:00:00Z');
    await replaceMethod(ctx, id, asBefore);
    const token = await world.saveMethod(id, { label: 'new' });
    await world.work();
    expect(await world.charge(id)).toMatchObject({
      status: 'paid',
      attempts: [{ outcome: 'declined' }, { sent_at: '2026-02-03T05:00:00Z' }],
    });
    expect(gateway.sent.at(-1)).toMatchObject({ tokenId: token });
    expect(await world.subscription(id)).toMatchObject({ status: 'active', token: { label: 'new' } });
  });

  test('pays the last cycle of a subscription that has ended since', async () => {
    const id = await world.onboard('order-1', 'two-weeks');
    await world.liveUntil('2026-02-07T01:59:00Z');
    gateway.script(declined('EXPIRED_CARD'));
    await world.liveUntil('2026-02-15T00:00:00Z');
    expect(await world.subscription(id)).toMatchObject({ status: 'ended' });
    expect(await world.charge(id, 1)).toMatchObject({ status: 'due', waits_until: expect.any(String) });
    await replaceMethod(ctx, id, asBefore);
    await world.saveMethod(id);
    await world.work();
    expect(await world.charge(id, 1)).toMatchObject({ status: 'paid' });
    expect(await world.subscription(id)).toMatchObject({ status: 'ended' });
  });

  test('while an attempt on the old one is on its way is tried right after the decline of the old one', async () => {
    const id = await world.create('order-1');
    gateway.script(async () => {
      await replaceMethod(ctx, id, asBefore);
      await world.saveMethod(id);
      return declined('EXPIRED_CARD');
    }, succeeded());
    await world.saveMethod(id);
    await world.work();
    expect(await world.charge(id)).toMatchObject({
      status: 'paid',
      attempts: [{ failure_code: 'EXPIRED_CARD' }, { outcome: 'succeeded' }],
    });
    expect(await world.subscription(id)).toMatchObject({ token: { status: 'active' } });
  });
});

describe('a method that was saved before, for which Xendit gives out the token that it has already', () => {
  test('pays a second subscription of the customer too, each under its own mandate', async () => {
    const first = await world.create('order-1', 'monthly', { customer: oneCustomer });
    const tokenId = await world.saveMethod(first);
    const second = await world.create('order-2', 'two-weeks', { customer: oneCustomer });
    await world.saveMethod(second, { tokenId });
    await world.work();
    expect(await world.charge(first)).toMatchObject({ status: 'paid' });
    expect(await world.charge(second)).toMatchObject({ status: 'paid' });
    expect(gateway.sent.map((sent) => sent.tokenId)).toEqual([tokenId, tokenId]);
    const mandates = [(await world.subscription(first)).mandate, (await world.subscription(second)).mandate];
    expect(mandates[0]?.recurring_expiry).not.toBe(mandates[1]?.recurring_expiry);
  });

  test('is tried at once when it replaces itself, with its new mandate', async () => {
    const id = await world.create('order-1');
    gateway.script(declined('INSUFFICIENT_BALANCE'));
    const tokenId = await world.saveMethod(id);
    await world.work();
    expect(await world.charge(id)).toMatchObject({ status: 'due' });
    world.moveTo('2026-01-31T05:00:00Z');
    await replaceMethod(ctx, id, asBefore);
    await world.saveMethod(id, { tokenId, label: 'topped up' });
    await world.work();
    expect(await world.charge(id)).toMatchObject({ status: 'paid' });
    expect(await world.subscription(id)).toMatchObject({
      token: { label: 'topped up' },
      onboarding: { status: 'completed' },
    });
  });

  test.each([
    ['STOLEN_CARD', 'due', 'dead'],
    ['INSUFFICIENT_BALANCE', 'due', 'active'],
  ])(
    'while an attempt on it is on its way that ends with %s is not tried again at once',
    async (code, status, token) => {
      const id = await world.create('order-1');
      const tokenId = await world.saveMethod(id);
      gateway.script(async () => {
        await replaceMethod(ctx, id, asBefore);
        await world.saveMethod(id, { tokenId });
        return declined(code);
      });
      await world.liveUntil('2026-02-01T01:00:00Z');
      expect(gateway.sent).toHaveLength(1);
      expect(await world.charge(id)).toMatchObject({ status });
      // Of the row that it has now.
      expect(await world.subscription(id)).toMatchObject({ token: { status: token } });
    },
  );

  test('is charged for none of them once it was declined as stolen for one', async () => {
    const first = await world.create('order-1', 'monthly', { customer: oneCustomer });
    const tokenId = await world.saveMethod(first);
    const anchorDate = Temporal.PlainDate.from('2026-02-03');
    const second = await world.create('order-2', 'monthly', { customer: oneCustomer, anchorDate });
    await world.saveMethod(second, { tokenId });
    gateway.script(declined('STOLEN_CARD'));
    await world.liveUntil('2026-02-03T03:00:00Z');
    expect(gateway.sent).toHaveLength(1);
    expect(await world.charge(second)).toMatchObject({ status: 'due', attempts: [] });
    expect(await world.subscription(second)).toMatchObject({ status: 'past_due', token: { status: 'dead' } });
    expect(await world.told(second)).toContain('token.ended');
  });

  test('ends for all of them at once, with an entry in each ledger', async () => {
    const first = await world.create('order-1', 'monthly', { customer: oneCustomer });
    const tokenId = await world.saveMethod(first);
    const second = await world.create('order-2', 'monthly', { customer: oneCustomer });
    await world.saveMethod(second, { tokenId });
    await world.work();
    gateway.ends(tokenId, 'expired');
    await world.receives({ event: 'payment_token.expiry', data: { payment_token_id: tokenId, status: 'EXPIRED' } });
    await world.work();
    for (const id of [first, second]) {
      expect(await world.subscription(id)).toMatchObject({ token: { status: 'expired' } });
      expect((await world.told(id)).filter((kind) => kind === 'token.ended')).toHaveLength(1);
    }
    await world.liveUntil('2026-02-28T03:00:00Z');
    expect(gateway.sent).toHaveLength(2);
  });
});
