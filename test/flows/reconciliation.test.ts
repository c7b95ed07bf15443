import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import type { BookedPayment } from '../../src/domain/books/reconciliation.ts';
import { bucketOf } from '../../src/domain/charges/attempt.ts';
import { money } from '../../src/domain/money/money.ts';
import { reconcile } from '../../src/flows/books/reconcile.ts';
import { sweepBooks } from '../../src/flows/books/sweep-books.ts';
import { voidCharge } from '../../src/flows/charges/change-charge.ts';
import { cancelSubscription } from '../../src/flows/subscriptions/canceling/cancel-subscription.ts';
import { chainOf } from '../../src/infra/tables/books/ledger.ts';
import { declined, type Sent, succeeded, unknown } from '../support/scripted-gateway.ts';
import { testWorld } from '../support/world.ts';

const start = '2026-01-31T02:00:00Z';
const world = await testWorld({ at: start });
const { ctx, gateway, db } = world;
beforeEach(() => world.startOver(start));

const wallet = { channelCode: 'OVO', network: null };
const noMoney = () => declined('INSUFFICIENT_BALANCE');
const always = { from: null, until: null };

/** Enters a payment into Xendit's books: made when the clock stands now, collected, for what was asked. */
function books(
  sent: Pick<Sent, 'referenceId' | 'amount' | 'currency'>,
  more: Partial<BookedPayment> = {},
): BookedPayment {
  const number = String(gateway.booked.length + 1).padStart(12, '0');
  const entry: BookedPayment = {
    transactionId: `txn_${number}`,
    referenceId: sent.referenceId,
    createdAt: world.now(),
    status: 'succeeded',
    amount: money(BigInt(sent.amount), sent.currency as 'IDR'),
    written: `${sent.currency} ${sent.amount}`,
    paymentId: `py-booked-${number}`,
    paymentRequestId: `pr-booked-${number}`,
    ...more,
  };
  gateway.booked.push(entry);
  return entry;
}

function sentAs(number: number): Sent {
  const sent = gateway.sent[number - 1];
  if (sent === undefined) throw new Error(`Attempt ${number} was not sent.`);
  return sent;
}

/** What Xendit's books say by themselves, of a charge of a subscription of ours. */
const named = (referenceId: string) => ({ referenceId, amount: '150000', currency: 'IDR' });
const sweep = async (at: string) => {
  world.moveTo(at);
  await sweepBooks(ctx);
};
const findings = () =>
  world.ask<Record<string, unknown>>(
    sql`select kind, reference, amount::int as amount, currency, payment_id, closed_at is null as open, why, closed_why
      from findings order by found_at, kind, reference`,
  );
const errors = () => world.logged.filter((line) => line.level === 'error');
const moneyOf = async (id: string) =>
  (await chainOf(db, bucketOf(id), id)).reduce((sum, row) => sum + Number(row.money), 0);

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
    const done = await reconcile(ctx, always, () => undefined);
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

describe('money that we have and Xendit does not', () => {
  const paidAt = async (plan = 'monthly') => {
    const id = await world.onboard('order-1', plan);
    await world.work();
    return { id, referenceId: sentAs(1).referenceId };
  };

  test.each([
    ['knows nothing of', { kind: 'absent' } as const, 'knows nothing'],
    ['says was declined', { kind: 'found', outcome: declined('STOLEN_CARD') } as const, 'STOLEN_CARD'],
    [
      'says went back',
      { kind: 'found', outcome: { kind: 'unknown', detail: 'transaction REVERSED', paymentRequestId: null } } as const,
      'REVERSED',
    ],
  ])('and that Xendit %s, asked by name, is told to the admin once', async (_, answer, words) => {
    const { id, referenceId } = await paidAt();
    gateway.finds(referenceId, answer);
    await sweep('2026-01-31T05:00:00Z');
    await sweep('2026-02-01T06:00:00Z');
    expect(await findings()).toMatchObject([
      { kind: 'not_at_xendit', reference: referenceId, amount: null, open: true, why: expect.stringContaining(words) },
    ]);
    expect(errors()).toHaveLength(1);
    expect(await world.charge(id)).toMatchObject({ status: 'paid' });
  });

  test('is no difference when the list was late and Xendit knows it by name', async () => {
    await paidAt();
    await sweep('2026-01-31T05:00:00Z');
    expect(await findings()).toEqual([]);
    expect(gateway.asked).toHaveLength(1);
  });

  test('is not judged while Xendit does not answer', async () => {
    const { referenceId } = await paidAt();
    gateway.finds(referenceId, { kind: 'unanswered', detail: 'cut' });
    world.moveTo('2026-01-31T05:00:00Z');
    const done = await reconcile(ctx, always, () => undefined);
    expect(done?.tally).toMatchObject({ unanswered: 1 });
    expect(await findings()).toEqual([]);
  });

  test('is left alone while it is younger than the lag of Xendit’s books', async () => {
    const { referenceId } = await paidAt();
    gateway.finds(referenceId, { kind: 'absent' });
    await sweep('2026-01-31T02:59:00Z');
    expect(await findings()).toEqual([]);
    expect(gateway.asked).toEqual([]);
  });

  test('closes by itself when Xendit has it after all, and opens again when it is gone again', async () => {
    const { referenceId } = await paidAt();
    gateway.finds(referenceId, { kind: 'absent' });
    await sweep('2026-01-31T05:00:00Z');
    gateway.finds(referenceId, { kind: 'found', outcome: succeeded() });
    // Long after its day is no longer read.
    await sweep('2026-03-20T06:00:00Z');
    expect(await findings()).toMatchObject([{ open: false, closed_why: 'The books agree now.' }]);
    world.moveTo('2026-03-21T07:00:00Z');
    gateway.finds(referenceId, { kind: 'absent' });
    await reconcile(ctx, { from: Temporal.Instant.from(start), until: null }, () => undefined);
    expect(await findings()).toMatchObject([{ open: true, closed_why: null }]);
  });

  test('without end is the key of another account: nobody is asked about a thousand times', async () => {
    const { id } = await paidAt();
    await world.above(`insert into ledger select bucket, subscription_id, seq + n, gen_random_uuid(), at, kind,
      subscription_reference, plan, customer_reference, charge_id, cycle, period_start, period_end, attempt,
      reference_id || n, channel, amount, currency, money, outcome, failure_code, class, decision, why,
      payment_request_id, payment_id, catalog_version, actor, prev_hash, hash
      from ledger, generate_series(1000, 1300) n where kind = 'charge.paid' and subscription_id = '${id}'`);
    await sweep('2026-01-31T05:00:00Z');
    expect(gateway.asked).toHaveLength(200);
    expect(await findings()).toHaveLength(199);
    expect(errors().at(-1)).toMatchObject({
      event: 'books not compared',
      facts: { why: expect.stringContaining('key') },
    });
  });
});

describe('a success that came late leaves a row', () => {
  test('and is counted by the comparison that found it', async () => {
    const [, given] = [await world.onboard('order-1'), await world.onboard('order-2', 'three')];
    gateway.otherwise(noMoney());
    await world.work();
    for (const number of [1, 2]) books(sentAs(number));
    world.moveTo('2026-01-31T04:00:00Z');
    const done = await reconcile(ctx, always, () => undefined);
    expect(done?.tally).toMatchObject({ read: 2, matched: 0, settled: 2, found: { late_success: 2, overpayment: 0 } });
    expect(done?.open).toMatchObject([{ kind: 'late_success', subscription_id: given }]);
  });

  test('with nothing to decide when it paid what was owed', async () => {
    await world.onboard('order-1');
    gateway.script(noMoney());
    await world.work();
    books(sentAs(1));
    await sweep('2026-01-31T04:00:00Z');
    expect(await findings()).toMatchObject([
      { kind: 'late_success', open: false, amount: null, closed_why: expect.stringContaining('It paid the charge') },
    ]);
  });

  test('with a refund proposed when the subscription had been given up', async () => {
    await world.onboard('order-1', 'three');
    gateway.script(noMoney());
    await world.work();
    const late = books(sentAs(1));
    await sweep('2026-01-31T04:00:00Z');
    expect(await findings()).toMatchObject([
      { kind: 'late_success', open: true, amount: 50_000, currency: 'IDR', payment_id: late.paymentId },
    ]);
  });

  test('with a refund proposed when a person had voided the charge', async () => {
    const id = await world.onboard('order-1');
    gateway.script(noMoney());
    await world.work();
    await voidCharge(ctx, (await world.charge(id)).id, { actor: 'siti', reason: null });
    books(sentAs(1));
    await sweep('2026-01-31T04:00:00Z');
    expect(await findings()).toMatchObject([{ kind: 'overpayment', open: true, amount: 150_000 }]);
  });

  test('no row for a success that was only slow', async () => {
    const id = await world.onboard('order-1', 'monthly', {}, wallet);
    gateway.script(unknown());
    await world.work();
    books(sentAs(1));
    await cancelSubscription(ctx, id, { at: 'now', reason: null, actor: 'product' });
    await sweep('2026-01-31T04:00:00Z');
    expect(await world.charge(id)).toMatchObject({ status: 'paid' });
    expect(await findings()).toEqual([]);
  });
});

describe('the sweep', () => {
  const state = async () =>
    (
      await world.ask<{ until: string; fault: string | null }>(sql`select swept_until::text as until, fault from sweep`)
    )[0];
  const windows = () =>
    gateway.reads.map((read) => ('from' in read ? [read.from.toString(), read.until.toString()] : [read.referenceId]));

  const whole = ['2026-01-24T01:00:00Z', '2026-01-31T01:00:00Z'];

  test('reads the last seven days, but the last hour, at once when they fit a page; the next day again', async () => {
    await sweepBooks(ctx);
    expect(windows()).toEqual([whole]);
    await sweep('2026-02-01T01:59:59Z');
    expect(windows()).toHaveLength(1);
    await sweep('2026-02-01T02:00:00Z');
    expect(windows()).toHaveLength(2);
    expect(windows().at(-1)).toEqual(['2026-01-24T01:00:00Z', '2026-02-01T01:00:00Z']);
  });

  test('reads more than a page day by day', async () => {
    for (let day = 24; day < 31; day += 1) {
      const createdAt = Temporal.Instant.from(`2026-01-${day}T12:00:00Z`);
      books(named(`order-${day}`), { createdAt });
    }
    await sweepBooks(ctx);
    expect(windows().at(0)).toEqual(whole);
    expect(windows().at(1)).toEqual(['2026-01-24T01:00:00Z', '2026-01-25T01:00:00Z']);
    expect(windows().at(-1)).toEqual(['2026-01-30T01:00:00Z', '2026-01-31T01:00:00Z']);
    expect(windows()).toHaveLength(8);
  });

  test('after a month of nobody at home reads all of it: a missed wake-up loses nothing', async () => {
    await sweepBooks(ctx);
    gateway.reads.length = 0;
    await sweep('2026-03-02T02:00:00Z');
    expect(windows().at(0)).toEqual(['2026-01-24T01:00:00Z', '2026-03-02T01:00:00Z']);
  });

  test('is done by one of several replicas', async () => {
    const others = [world.another(), world.another(), ctx];
    await Promise.all(others.map((daemon) => sweepBooks(daemon)));
    expect(windows()).toHaveLength(1);
  });

  test('of a replica that died is done by another when its lease is over', async () => {
    await world.ask(sql`update sweep set holder = gen_random_uuid(), lease_until = now() + interval '1 minute'`);
    await sweepBooks(ctx);
    expect(windows()).toEqual([]);
    await world.ask(sql`update sweep set lease_until = now() - interval '1 second'`);
    await sweepBooks(ctx);
    expect(windows()).toHaveLength(1);
  });

  test('that was taken from it stops, and does not say that it came to the end', async () => {
    const robbed = {
      ...ctx,
      gateway: {
        ...gateway,
        books: async (...asked: Parameters<typeof gateway.books>) => {
          await world.ask(sql`update sweep set holder = gen_random_uuid()`);
          return await gateway.books(...asked);
        },
      },
    };
    await sweepBooks(robbed);
    expect(windows()).toHaveLength(1);
    expect(await state()).toMatchObject({ until: null });
  });

  test('without the permission says in words how to get it, and charging goes on', async () => {
    const refused = {
      kind: 'refused',
      status: 403,
      code: 'REQUEST_FORBIDDEN_ERROR',
      message: '',
      retryAfterSeconds: null,
    } as const;
    gateway.booksSay(refused);
    await sweepBooks(ctx);
    expect(errors()).toMatchObject([
      { event: 'books not compared', facts: { why: expect.stringMatching(/Transaction: Read.*Dashboard/) } },
    ]);
    expect((await state())?.fault).toContain('Transaction: Read');
    const id = await world.onboard('order-1');
    await world.work();
    expect(await world.charge(id)).toMatchObject({ status: 'paid' });
    await sweep('2026-02-01T02:00:00Z');
    expect(await state()).toMatchObject({ fault: null, until: expect.stringContaining('2026-02-01') });
  });

  test('that Xendit throttles or does not answer goes on with the same page, and gives up after five', async () => {
    const slow = {
      kind: 'refused',
      status: 429,
      code: 'RATE_LIMIT_EXCEEDED',
      message: '',
      retryAfterSeconds: 0,
    } as const;
    const silent = { kind: 'silent', detail: 'cut' } as const;
    gateway.booksSay(slow, silent, slow, silent);
    await sweepBooks(ctx);
    expect(windows()).toHaveLength(5);
    await world.ask(sql`update sweep set next_at = null, swept_until = null`);
    gateway.reads.length = 0;
    gateway.booksSay(silent, silent, silent, silent, silent);
    await sweepBooks(ctx);
    expect(windows()).toHaveLength(5);
    expect(await state()).toMatchObject({ until: null, fault: expect.stringContaining('cut') });
    await sweep('2026-01-31T03:00:00Z');
    expect(await state()).toMatchObject({ fault: null });
  });

  test('that Xendit does not answer is waited for, but not with a test clock, which would stand still', async () => {
    const silent = { kind: 'silent', detail: 'cut' } as const;
    for (const [kind, waits] of [
      ['system', [2_000, 4_000, 6_000, 8_000]],
      ['virtual', []],
    ] as const) {
      const waited: number[] = [];
      await world.ask(sql`update sweep set next_at = null, swept_until = null`);
      gateway.booksSay(silent, silent, silent, silent, silent);
      await sweepBooks({ ...ctx, clock: { ...ctx.clock, kind }, sleep: async (ms) => void waited.push(ms) });
      expect(waited).toEqual(waits);
    }
  });

  test('whose pages go round in a circle ends', async () => {
    const page = (next: string) => ({ kind: 'ok', value: { payments: [], unreadable: 0, next } }) as const;
    gateway.booksSay(page('x'), page('a'), page('b'), page('a'));
    await sweepBooks(ctx);
    expect(windows()).toHaveLength(4);
    expect((await state())?.fault).toContain('circle');
  });

  test('by hand says how many payments of ours lie in what it left out', async () => {
    await world.onboard('order-1');
    await world.work();
    world.moveTo(Temporal.Instant.from(start).add({ hours: 3 }).toString());
    const since = Temporal.Instant.from(start).add({ milliseconds: 1 });
    const asked = { from: Temporal.Instant.from(start), until: null };
    const done = await reconcile({ ...ctx, xenditBooks: { since } }, asked, () => undefined);
    expect(done?.not_compared).toEqual([{ from: start, until: since.toString(), payments: 1, why: 'forgotten' }]);
  });

  test('leaves out what was before the books began', async () => {
    await sweepBooks({ ...ctx, xenditBooks: { since: Temporal.Instant.from('2026-01-30T12:00:00Z') } });
    expect(windows().at(0)).toEqual(['2026-01-30T12:00:00Z', '2026-01-31T01:00:00Z']);
  });

  test('asks for hundreds of payments with a handful of statements', async () => {
    const id = await world.onboard('order-1');
    await world.work();
    books(sentAs(1));
    for (let other = 0; other < 400; other += 1) books(named(`due_${id}_${other + 1}_1`), { status: 'failed' });
    world.moveTo('2026-01-31T04:00:00Z');
    let statements = 0;
    const run = db.run.bind(db);
    const counted = (query: Parameters<typeof run>[0]) => {
      statements += 1;
      return run(query);
    };
    const counting = { ...db, run: counted } as typeof db;
    const done = await reconcile(
      { ...ctx, db: counting },
      { from: Temporal.Instant.from(start), until: null },
      () => undefined,
    );
    expect(done?.tally).toMatchObject({ read: 401, matched: 1, uncollected: 400 });
    // One a page is the reservation of its look-up.
    expect(statements - Math.ceil(401 / 3)).toBeLessThan(10);
  });
});
