import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import { processWebhooks } from '../../src/flows/webhooks/process-webhooks.ts';
import { declined, type Sent, type Step, unknown } from '../support/scripted-gateway.ts';
import { testWorld } from '../support/world.ts';
import { cutConnection } from './cut-connection.ts';
import { expectSound } from './oracle.ts';
import { paymentEvent } from './xendit-events.ts';

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
    await world.receives(paymentEvent(sent, paid));
    const dying = { ...ctx, db: cutConnection(ctx.db, 'settle', 'after') };
    await processWebhooks(dying).catch(() => undefined);
    expect(await inbox()).toMatchObject([{ status: 'received' }]);
    await world.work();
    expect(await inbox()).toMatchObject([{ status: 'processed' }]);
    expect(await world.charge(id)).toMatchObject({ status: 'paid', overpaid: 0 });
  });
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
    expect(world.logged).toContainEqual(expect.objectContaining({ level: 'error', event: 'webhook does not match' }));
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
  test('is charged no more: the next cycle waits for the customer', async () => {
    const { id, sent } = await billed(paid);
    await world.receives({
      event: 'payment_token.expired',
      data: { payment_token_id: sent.tokenId, status: 'EXPIRED' },
    });
    await world.liveUntil('2026-03-01T00:00:00Z');
    expect(await world.subscription(id)).toMatchObject({ token: { status: 'expired' } });
    expect(await world.charge(id, 1)).toMatchObject({ status: 'due', waits_until: expect.any(String), attempts: [] });
    expect(gateway.sent).toHaveLength(1);
  });
});
