import { beforeEach, describe, expect, test } from 'vitest';
import { money } from '../../src/domain/money/money.ts';
import { reconcile } from '../../src/flows/books/reconcile.ts';
import { comparing, named } from '../support/comparing.ts';
import { declined, succeeded, unknown } from '../support/scripted-gateway.ts';
import { testWorld } from '../support/world.ts';

const start = '2026-01-31T02:00:00Z';
const world = await testWorld({ at: start });
const { ctx, gateway } = world;
const { books, sentAs, sweep, findings, errors, moneyOf } = comparing(world);
beforeEach(() => world.startOver(start));

const wallet = { channelCode: 'OVO', network: null };
const noMoney = () => declined('INSUFFICIENT_BALANCE');
const always = { from: null, until: null };

describe('money that Xendit has and we do not', () => {
  test.each([
    ['declined', noMoney()],
    ['unknown', unknown()],
    ['pending', { kind: 'pending', paymentRequestId: 'pr-1', paymentId: null } as const],
  ])('of an attempt that we know as %s pays its charge, and its retries stop', async (_, outcome) => {
    const id = await world.onboard('order-1', 'monthly', {}, wallet);
    gateway.script(outcome);
    await world.work();
    const paid = books(sentAs(1));
    await sweep('2026-01-31T03:30:00Z');
    expect(await world.charge(id)).toMatchObject({
      status: 'paid',
      collected: 150_000,
      overpaid: 0,
      attempts: [{ outcome: 'succeeded', payment_id: paid.paymentId, payment_request_id: paid.paymentRequestId }],
    });
    await world.liveUntil('2026-02-20T00:00:00Z');
    expect(gateway.sent).toHaveLength(1);
    expect(await moneyOf(id)).toBe(150_000);
  });

  test('although another attempt has paid is too much: told in the charge log, with the refund proposed', async () => {
    const id = await world.onboard('order-1');
    gateway.script(noMoney(), succeeded());
    await world.work();
    const late = books(sentAs(1));
    await world.liveUntil('2026-02-01T02:00:00Z');
    await sweep('2026-02-01T04:00:00Z');
    expect(await world.charge(id)).toMatchObject({ status: 'paid', collected: 150_000, overpaid: 150_000 });
    expect(await world.told(id)).toContain('payment.overpaid');
    expect(await moneyOf(id)).toBe(300_000);
    expect(await findings()).toMatchObject([
      { kind: 'overpayment', reference: sentAs(1).referenceId, amount: 150_000, currency: 'IDR', open: true },
    ]);
    expect(await findings()).toMatchObject([
      { payment_id: late.paymentId, why: expect.stringContaining('give it back') },
    ]);
    expect(errors()).toMatchObject([
      { event: 'refund proposed', facts: { proposed_refund: 'IDR 150000', payment_id: late.paymentId } },
    ]);
  });

  test('under a reference that lost its attempt is written down and not charged to anybody', async () => {
    const id = await world.onboard('order-1');
    await world.work();
    books(sentAs(1));
    books(named(`due_${id}_7_1`), { paymentId: 'py-lost' });
    await sweep('2026-01-31T04:00:00Z');
    expect(await findings()).toMatchObject([
      { kind: 'unrecorded_payment', reference: `due_${id}_7_1`, open: true, amount: null, payment_id: 'py-lost' },
    ]);
    expect(errors()).toMatchObject([{ event: 'the books differ', facts: { finding: 'unrecorded_payment' } }]);
    expect(await moneyOf(id)).toBe(150_000);
  });

  test('under such a reference, for a cycle that is paid, is proposed to be given back', async () => {
    const id = await world.onboard('order-1');
    await world.work();
    books(sentAs(1));
    books(named(`due_${id}_0_2`), { paymentId: 'py-twice' });
    await sweep('2026-01-31T04:00:00Z');
    expect(await findings()).toMatchObject([
      { kind: 'unrecorded_payment', reference: `due_${id}_0_2`, amount: 150_000, currency: 'IDR' },
    ]);
  });

  test('under references of others is counted, and none of our business', async () => {
    await world.onboard('order-1');
    await world.work();
    books(sentAs(1));
    for (const referenceId of ['order-77', 'due_', 'due_x_0_1']) books(named(referenceId));
    world.moveTo('2026-01-31T04:00:00Z');
    const done = await reconcile(ctx, '', always, () => undefined);
    expect(done?.tally).toMatchObject({ read: 4, foreign: 3, matched: 1, settled: 0 });
    expect(done?.open).toEqual([]);
    expect(errors()).toEqual([]);
  });

  test('in another amount or currency is written down, and settles nothing', async () => {
    const ids = [await world.onboard('a', 'monthly', {}, wallet), await world.onboard('b', 'monthly', {}, wallet)];
    gateway.otherwise(unknown());
    await world.work();
    books(sentAs(1), { amount: money(149_999, 'IDR'), written: 'IDR 149999' });
    books(sentAs(2), { amount: null, written: 'EUR 150000' });
    await sweep('2026-01-31T04:00:00Z');
    expect((await findings()).map(({ kind, open }) => [kind, open])).toEqual([
      ['amount_mismatch', true],
      ['amount_mismatch', true],
    ]);
    expect((await findings()).map(({ why }) => why).join()).toMatch(/IDR 149999.*EUR 150000|EUR 150000.*IDR 149999/);
    for (const id of ids) expect(await world.charge(id)).toMatchObject({ status: 'attempting', collected: 0 });
  });

  test.each(['pending', 'failed', 'returned', 'other'] as const)('that is %s is not there', async (status) => {
    const id = await world.onboard('order-1');
    gateway.script(noMoney());
    await world.work();
    books(sentAs(1), { status });
    await sweep('2026-01-31T04:00:00Z');
    expect(await world.charge(id)).toMatchObject({ status: 'due', collected: 0 });
    expect(await findings()).toEqual([]);
  });
});

describe('a wallet that was collected twice under one reference', () => {
  test('is an overpayment, told once, however the pages fall and however often they are read', async () => {
    const id = await world.onboard('order-1', 'monthly', {}, wallet);
    await world.work();
    const own = (await world.charge(id)).attempts[0]?.payment_id ?? null;
    books(sentAs(1), { paymentId: own });
    for (let other = 0; other < 4; other += 1) books(named(`order-${other}`));
    books(sentAs(1), { paymentId: 'py-again' });
    await sweep('2026-01-31T04:00:00Z');
    await sweep('2026-02-01T05:00:00Z');
    expect(await findings()).toMatchObject([
      { kind: 'second_payment', reference: 'py-again', amount: 150_000, currency: 'IDR', payment_id: 'py-again' },
    ]);
    expect(await world.charge(id)).toMatchObject({ status: 'paid', collected: 150_000, overpaid: 150_000 });
    expect((await world.told(id)).filter((kind) => kind === 'payment.overpaid')).toHaveLength(1);
    expect(await moneyOf(id)).toBe(300_000);
  });

  test('is none when Xendit only calls the one payment by another id', async () => {
    const id = await world.onboard('order-1', 'monthly', {}, wallet);
    await world.work();
    books(sentAs(1), { paymentId: 'py-other-name' });
    await sweep('2026-01-31T04:00:00Z');
    expect(await findings()).toEqual([]);
    expect(await world.charge(id)).toMatchObject({ overpaid: 0 });
  });
});
