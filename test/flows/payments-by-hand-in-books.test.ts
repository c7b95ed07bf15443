import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import { checkInvariants } from '../../src/flows/books/check-invariants.ts';
import { sweepBooks } from '../../src/flows/books/sweep-books.ts';
import { openPayLink } from '../../src/flows/paying/pay-link.ts';
import { payThrough } from '../../src/flows/paying/pay-through.ts';
import { declined } from '../support/scripted-gateway.ts';
import { testWorld } from '../support/world.ts';

/* What Xendit's list says of payments in sessions: each has the reference of its session with what Xendit appends. */

const start = '2026-01-31T02:00:00Z';
const world = await testWorld({ at: start });
const { ctx, gateway } = world;
beforeEach(() => world.startOver(start));

/** A charge that was declined, and the session that its customer was led to. */
async function led(
  saves: 'DISABLED' | 'OPTIONAL' = 'DISABLED',
): Promise<{ readonly id: string; readonly session: string }> {
  gateway.script(declined('EXPIRED_CARD'));
  const id = await world.onboard('order-1');
  await world.work();
  const link = await openPayLink(ctx, (await world.charge(id)).id, {
    linkMinutes: null,
    saves,
    actor: 'a',
  });
  const offered = await payThrough(ctx, 'url' in link ? (link.url.split('/pay/')[1] ?? '') : '');
  return { id, session: offered.kind === 'open' ? offered.session.sessionId : '' };
}

/** Xendit lists a payment of 150,000 rupiah that was collected now. */
function lists(referenceId: string, paymentId: string): void {
  gateway.booked.push({
    transactionId: `txn-${paymentId}`,
    referenceId,
    createdAt: world.now(),
    status: 'succeeded',
    amount: { minor: 150_000n, currency: 'IDR' },
    written: 'IDR 150000',
    paymentId,
    paymentRequestId: `pr-of-${paymentId}`,
  });
}

const findings = () =>
  world.ask(sql`select kind, reference, charge_id is not null as of_charge, amount::int as refund from findings
    where closed_at is null order by kind, reference`);

async function sweep(at: string): Promise<void> {
  world.moveTo(at);
  await sweepBooks(ctx);
}

describe('the daily comparison', () => {
  test('pays the charge of a session whose webhooks and looks told nothing', async () => {
    const { id } = await led();
    lists(`due_${id}_0_p2_A1b2C3d4E5`, 'py-1');
    await sweep('2026-01-31T03:30:00Z');
    expect(await world.charge(id)).toMatchObject({
      status: 'paid',
      attempts: [{}, { via: 'session', outcome: 'succeeded', payment_id: 'py-1' }],
    });
    expect(await findings()).toEqual([]);
  });

  test('keeps the method that was saved in a session which had ended for us', async () => {
    const { id, session } = await led('OPTIONAL');
    const open = gateway.sessions.get(session);
    if (open === undefined) throw new Error('There is no session.');
    gateway.expires(session);
    await world.liveUntil('2026-01-31T03:00:00Z');
    gateway.sessions.set(session, open);
    const paid = gateway.pays(session, { tokenId: 'pt-kept', label: 'kept' });
    lists(paid.referenceId, paid.paymentId);
    await sweep('2026-02-01T03:30:00Z');
    expect(await world.charge(id)).toMatchObject({ status: 'paid', collected: 150_000 });
    await world.liveUntil('2026-02-01T03:40:00Z');
    expect(await world.subscription(id)).toMatchObject({ status: 'active', token: { label: 'kept' } });
  });

  test('finds what it knows, and tells of nothing', async () => {
    const { id, session } = await led();
    const paid = gateway.pays(session);
    await world.liveUntil('2026-01-31T02:06:00Z');
    lists(paid.referenceId, paid.paymentId);
    await sweep('2026-01-31T03:30:00Z');
    expect(await world.charge(id)).toMatchObject({ status: 'paid', overpaid: 0 });
    expect(gateway.asked.filter((reference) => reference.endsWith('_p2'))).toHaveLength(1);
    expect(await findings()).toEqual([]);
  });

  test.each([
    ['beside the first', true],
    ['when the first is too old to be listed', false],
  ])('finds a second payment of a session, once: %s', async (_, isListed) => {
    const { id, session } = await led();
    const paid = gateway.pays(session);
    await world.liveUntil('2026-01-31T02:06:00Z');
    if (isListed) lists(paid.referenceId, paid.paymentId);
    lists(`due_${id}_0_p2_Z9y8X7w6V5`, 'py-second');
    await sweep('2026-01-31T03:30:00Z');
    await sweep('2026-02-01T04:00:00Z');
    expect(await world.charge(id)).toMatchObject({ status: 'paid', collected: 150_000, overpaid: 150_000 });
    expect(await findings()).toEqual([
      { kind: 'second_payment', reference: 'py-second', of_charge: true, refund: 150_000 },
    ]);
  });

  test('writes down what no attempt has, with the charge that its reference names', async () => {
    const { id } = await led();
    lists(`due_${id}_0_p7_A1b2C3d4E5`, 'py-lost');
    await sweep('2026-01-31T03:30:00Z');
    expect(await findings()).toEqual([
      { kind: 'unrecorded_payment', reference: `due_${id}_0_p7_A1b2C3d4E5`, of_charge: true, refund: null },
    ]);
    gateway.booked.length = 0;
    await sweep('2026-02-01T04:00:00Z');
    expect(await findings()).toEqual([]);
  });
});

test('a customer who pays what was given up, after that ended the subscription, breaks no promise of the books', async () => {
  gateway.script(declined('EXPIRED_CARD'));
  const id = await world.onboard('order-1');
  await world.liveUntil('2026-03-10T02:00:00Z');
  expect(await world.told(id)).toContain('subscription.canceled');
  const [first] = await world.charges(id);
  const link = await openPayLink(ctx, first?.id ?? '', { linkMinutes: null, saves: 'DISABLED', actor: 'a' });
  expect(await payThrough(ctx, 'url' in link ? (link.url.split('/pay/')[1] ?? '') : '')).toMatchObject({
    kind: 'open',
  });
  expect((await checkInvariants(ctx)).filter(({ broken }) => broken > 0)).toEqual([]);
});
