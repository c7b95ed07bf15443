import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import { processWebhooks } from '../../src/flows/inbox/process-webhooks.ts';
import { replaceMethod } from '../../src/flows/subscriptions/replace-method.ts';
import { declined, type Sent, type Step, unknown } from '../support/scripted-gateway.ts';
import { testWorld } from '../support/world.ts';
import { cutConnection } from './cut-connection.ts';
import { expectSound } from './oracle.ts';
import { paymentEvent, sessionEvent } from './xendit-events.ts';

const world = await testWorld({ at: '2026-01-31T02:00:00Z' });
const { ctx, gateway } = world;
beforeEach(() => world.startOver('2026-01-31T02:00:00Z'));

const paid = { kind: 'succeeded', paymentRequestId: 'pr-1', paymentId: 'py-1' } as const;
const failed = declined('INSUFFICIENT_BALANCE', { paymentRequestId: 'pr-1', paymentId: 'py-1' });
const inbox = async () =>
  await world.ask(sql`select event, status, note, deliveries, tries from inbox order by received_at, id`);

async function billed(answer: Step): Promise<{ id: string; sent: Sent }> {
  const id = await world.onboard('order-1');
  gateway.script(answer);
  await world.work();
  const [sent] = gateway.sent;
  if (sent === undefined) throw new Error('Nothing was sent.');
  return { id, sent };
}

describe('a webhook', () => {
  test('fifty times at once is stored once and has one effect', async () => {
    const { id, sent } = await billed(declined('INSUFFICIENT_BALANCE', { paymentRequestId: 'pr-1' }));
    gateway.finds(sent.referenceId, { kind: 'found', outcome: paid });
    const told = await Promise.all(Array.from({ length: 50 }, () => world.receives(paymentEvent(sent, paid))));
    expect(told.filter((one) => one === 'new')).toHaveLength(1);
    await Promise.all([ctx, world.another(), ctx].map((daemon) => processWebhooks(daemon)));
    expect(await inbox()).toMatchObject([{ event: 'payment.capture', status: 'processed', deliveries: 50 }]);
    expect(await world.charge(id)).toMatchObject({ status: 'paid', collected: 150_000, overpaid: 0 });
    expect((await world.told(id)).filter((kind) => kind === 'charge.paid')).toHaveLength(1);
  });

  test('delivered again with another time of delivery is the same; with another status it is not', async () => {
    const { sent } = await billed(unknown());
    expect(await world.receives(paymentEvent(sent, paid))).toBe('new');
    expect(await world.receives({ ...paymentEvent(sent, paid), created: '2026-02-02T00:00:00Z' })).toBe('known');
    expect(await world.receives(paymentEvent(sent, failed))).toBe('new');
  });

  test('that comes before the response is believed once Xendit confirms it, and the response changes nothing', async () => {
    const { id } = await billed(async (sent) => {
      await world.receives(paymentEvent(sent, paid));
      gateway.finds(sent.referenceId, { kind: 'found', outcome: paid });
      await processWebhooks(world.another());
      expect(await world.ask(sql`select status from charges`)).toEqual([{ status: 'paid' }]);
      return paid;
    });
    expect(await world.charge(id)).toMatchObject({ status: 'paid', overpaid: 0, attempts: [{ payment_id: 'py-1' }] });
    await expectSound(world);
  });

  test('about an attempt without an id is not believed by itself: it waits until Xendit confirms it', async () => {
    const { id, sent } = await billed(unknown());
    await world.receives(paymentEvent(sent, paid));
    await world.work();
    expect(await world.charge(id)).toMatchObject({ status: 'attempting' });
    expect(await inbox()).toMatchObject([{ status: 'received', tries: 1 }]);
    gateway.finds(sent.referenceId, { kind: 'found', outcome: paid });
    await world.liveUntil('2026-01-31T02:02:00Z');
    expect(await world.charge(id)).toMatchObject({ status: 'paid' });
    expect(await inbox()).toMatchObject([{ status: 'processed' }]);
  });

  test('that Xendit never confirms pays nothing', async () => {
    const { id, sent } = await billed(unknown());
    gateway.finds(sent.referenceId, { kind: 'absent' });
    gateway.otherwise(unknown());
    await world.receives(paymentEvent(sent, paid));
    await world.liveUntil('2026-02-05T00:00:00Z');
    expect(await world.charge(id)).toMatchObject({ status: 'held', collected: 0 });
  });

  test('whose effect was committed and whose answer was lost has one effect', async () => {
    const { id, sent } = await billed(failed);
    gateway.finds(sent.referenceId, { kind: 'found', outcome: paid });
    await world.receives(paymentEvent(sent, paid));
    const dying = { ...ctx, db: cutConnection(ctx.db, 'settle', 'after') };
    await processWebhooks(dying).catch(() => undefined);
    expect(await inbox()).toMatchObject([{ status: 'received' }]);
    await world.work();
    expect(await inbox()).toMatchObject([{ status: 'processed' }]);
    expect(await world.charge(id)).toMatchObject({ status: 'paid', overpaid: 0 });
  });
});

/** Whoever knows the callback token can write any body; what it may move is only what Xendit says when it is asked. */
describe('a webhook that was forged, or is replayed, with the right token', () => {
  const pending = { kind: 'pending', paymentRequestId: 'pr-1', paymentId: null } as const;
  const oneMore = declined('INSUFFICIENT_BALANCE', { paymentRequestId: 'pr-1', paymentId: 'py-1' });

  test.each([
    ['declined', oneMore, 'due'],
    ['pending', pending, 'attempting'],
    ['unknown', unknown(), 'attempting'],
  ])(
    'and says SUCCEEDED of an attempt that is %s, in every field as we know it, moves no money',
    async (_, answer, status) => {
      const { id, sent } = await billed(answer);
      gateway.finds(sent.referenceId, { kind: 'found', outcome: answer.kind === 'unknown' ? pending : answer });
      const before = await world.told(id);
      await world.receives(paymentEvent(sent, paid));
      await world.work();
      expect(await world.charge(id)).toMatchObject({ status, collected: 0 });
      expect(await world.told(id)).not.toContain('charge.paid');
      if (answer.kind !== 'unknown') expect(await world.told(id)).toEqual(before);
      expect(await inbox()).toMatchObject([{ status: 'received', tries: 1, note: 'Xendit did not confirm it yet' }]);
    },
  );

  test('is asked about for more than a day, then laid aside and told of', async () => {
    const { id, sent } = await billed(oneMore);
    await world.receives(paymentEvent(sent, paid));
    gateway.finds(sent.referenceId, { kind: 'found', outcome: oneMore });
    gateway.otherwise(oneMore);
    await world.liveUntil('2026-02-01T01:00:00Z');
    expect(await inbox()).toMatchObject([{ status: 'received' }]);
    await world.liveUntil('2026-02-02T12:00:00Z');
    expect(await inbox()).toMatchObject([{ status: 'mismatched', note: expect.stringContaining('did not confirm') }]);
    expect(world.logged).toContainEqual(expect.objectContaining({ level: 'error', event: 'webhook does not match' }));
    expect(await world.charge(id)).toMatchObject({ collected: 0 });
  });

  test('and says FAILED of a payment that is on its way starts no second attempt', async () => {
    const { id, sent } = await billed(pending);
    gateway.finds(sent.referenceId, { kind: 'found', outcome: pending });
    await world.receives(paymentEvent(sent, oneMore));
    await world.liveUntil('2026-01-31T23:00:00Z');
    expect(await world.charge(id)).toMatchObject({ status: 'attempting', attempts: [{ outcome: 'pending' }] });
    expect(gateway.sent).toHaveLength(1);
  });

  test('is believed by nobody while Xendit does not answer, and is not given up either', async () => {
    const { id, sent } = await billed(oneMore);
    gateway.finds(sent.referenceId, { kind: 'unanswered', detail: 'no answer' });
    await world.receives(paymentEvent(sent, paid));
    gateway.otherwise(oneMore);
    await world.liveUntil('2026-02-04T00:00:00Z');
    expect(await inbox()).toMatchObject([{ status: 'received' }]);
    expect(await world.charge(id)).toMatchObject({ collected: 0 });
    gateway.finds(sent.referenceId, { kind: 'found', outcome: paid });
    await world.liveUntil('2026-02-04T05:00:00Z');
    expect(await world.charge(id)).toMatchObject({ status: 'paid', collected: 150_000 });
  });

  test('and is an old body of ours, word for word, changes nothing of what came later', async () => {
    const { id, sent } = await billed(oneMore);
    await world.liveUntil('2026-02-01T02:00:00Z');
    const before = [await world.charge(id), await world.told(id)];
    expect(before[0]).toMatchObject({ status: 'paid', collected: 150_000 });
    for (const day of [1, 2, 3]) {
      await world.receives({ ...paymentEvent(sent, oneMore), created: `2026-02-0${day}T00:00:00Z` });
      await world.work();
    }
    expect([await world.charge(id), await world.told(id)]).toEqual(before);
  });

  test('and says that a payment token has ended ends none', async () => {
    const { id, sent } = await billed(paid);
    await world.receives({
      event: 'payment_token.expired',
      data: { payment_token_id: sent.tokenId, status: 'EXPIRED' },
    });
    await world.work();
    expect(await world.subscription(id)).toMatchObject({ token: { status: 'active' } });
    expect(await inbox()).toMatchObject([{ status: 'received', note: 'the payment token is active at Xendit' }]);
  });

  test.each(['COMPLETED', 'EXPIRED'] as const)(
    'and says %s of a session that is open leaves it open',
    async (status) => {
      const stolen = await billed(paid);
      const id = await world.create('order-2');
      const { onboarding } = await world.subscription(id);
      await world.receives(sessionEvent(onboarding?.session_id ?? '', status, stolen.sent.tokenId));
      await world.work();
      expect(await world.subscription(id)).toMatchObject({
        status: 'pending',
        token: null,
        onboarding: { status: 'active' },
      });
    },
  );
});

describe('a webhook that does not match', () => {
  test.each([
    ['the amount', { request_amount: 150_001 }],
    ['no amount', { request_amount: null }],
    ['a fraction of the amount', { request_amount: 150_000.5 }],
    ['the currency', { currency: 'PHP' }],
    ['the payment request', { payment_request_id: 'pr-of-somebody' }],
    ['no payment request', { payment_request_id: null }],
    ['the payment token', { payment_token_id: 'pt-of-somebody' }],
  ])('in %s changes nothing, and is kept and told of', async (_, more) => {
    const { id, sent } = await billed(failed);
    const before = [await world.charge(id), await world.told(id)];
    await world.receives(paymentEvent(sent, paid, more));
    await world.work();
    expect([await world.charge(id), await world.told(id)]).toEqual(before);
    expect(await inbox()).toMatchObject([{ status: 'mismatched', note: expect.any(String) }]);
    await expect
      .poll(() => world.logged)
      .toContainEqual(expect.objectContaining({ level: 'error', event: 'webhook does not match' }));
  });

  test('in its reference, which looks like ours but is of no attempt, changes nothing', async () => {
    const { id, sent } = await billed(failed);
    for (const reference_id of [
      `due_${id}_0_2`,
      `due_${id}_1_1`,
      `due_${ctx.newId(9)}_0_1`,
      `${sent.referenceId}_ABCDEFGHIJ`,
    ]) {
      await world.receives(paymentEvent(sent, paid, { reference_id }));
    }
    await world.work();
    expect((await inbox()).map((row) => row.status)).toEqual(Array.from({ length: 4 }, () => 'mismatched'));
    expect(await world.charge(id)).toMatchObject({ status: 'due', collected: 0 });
  });

  test('because it is about nothing of ours is kept as ignored', async () => {
    const { sent } = await billed(paid);
    await world.receives(paymentEvent(sent, paid, { reference_id: 'order-4711' }));
    await world.receives({ event: 'refund.succeeded', data: { id: 'rfd-1' } });
    await world.receives({ event: 'moon.risen', data: {} });
    await world.receives({
      event: 'payment_session.completed',
      data: { payment_session_id: 'ps-none', status: 'COMPLETED' },
    });
    await world.receives({ event: 'payment_token.expired', data: { payment_token_id: 'pt-none', status: 'EXPIRED' } });
    await world.work();
    const kept = await inbox();
    expect(kept.map((row) => row.status)).toEqual(Array.from({ length: 5 }, () => 'ignored'));
  });

  test('because its event contradicts its status is not taken for money', async () => {
    const { id, sent } = await billed({ kind: 'pending', paymentRequestId: 'pr-1', paymentId: null });
    await world.receives({ ...paymentEvent(sent, paid), event: 'payment.failure' });
    await world.work();
    expect(await world.charge(id)).toMatchObject({ status: 'attempting', collected: 0 });
  });
});

describe('a token that ends at Xendit', () => {
  /** The first cycle was paid with it; the second has fallen due since. */
  async function endedAfterPaying(): Promise<string> {
    const { id, sent } = await billed(paid);
    gateway.ends(sent.tokenId, 'expired');
    await world.receives({
      event: 'payment_token.expired',
      data: { payment_token_id: sent.tokenId, status: 'EXPIRED' },
    });
    await world.liveUntil('2026-03-01T00:00:00Z');
    return id;
  }

  test('is charged no more: the next cycle waits for the customer', async () => {
    const id = await endedAfterPaying();
    expect(await world.subscription(id)).toMatchObject({ status: 'past_due', token: { status: 'expired' } });
    expect(await world.charge(id, 1)).toMatchObject({ status: 'due', waits_until: expect.any(String), attempts: [] });
    expect((await world.told(id)).slice(-3)).toEqual([
      'charge.opened',
      'subscription.needs_method',
      'subscription.past_due',
    ]);
    expect(gateway.sent).toHaveLength(1);
  });

  test('is past due until a new one pays, or the window ends', async () => {
    const id = await endedAfterPaying();
    await replaceMethod(ctx, id, { returnUrls: { success: null, cancel: null }, allowedChannels: null, locale: null });
    await world.saveMethod(id);
    await world.work();
    expect(await world.subscription(id)).toMatchObject({ status: 'active', token: { status: 'active' } });
    expect(await world.charge(id, 1)).toMatchObject({ status: 'paid' });
    await expectSound(world);
  });
});
