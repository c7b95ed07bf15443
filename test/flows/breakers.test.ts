import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { Outcome } from '../../src/domain/charges/outcome.ts';
import { steady } from '../../src/flows/catalog/follow-catalog.ts';
import { startChannel, stopChannel } from '../../src/flows/charging/start-channel.ts';
import { mayCharge } from '../../src/flows/control/may-charge.ts';
import { claim } from '../../src/flows/due-date/claim-due-charges.ts';
import { onDueDate } from '../../src/flows/due-date/on-due-date.ts';
import { openCharges } from '../../src/flows/due-date/open-charges.ts';
import { replaceMethod } from '../../src/flows/subscriptions/replace-method.ts';
import { outcomeOfFailure } from '../../src/infra/gateway/xendit/failure-codes.ts';
import { dueCharges } from '../../src/infra/tables/charges/charges.ts';
import { breakerOf } from '../../src/infra/tables/charging/breakers.ts';
import { readFailure } from '../../src/xendit/failure.ts';
import { answering } from '../support/answering.ts';
import { createInput } from '../support/create-input.ts';
import { declined, refused, succeeded, unknown } from '../support/scripted-gateway.ts';
import { siti } from '../support/siti.ts';
import { testWorld } from '../support/world.ts';
import { expectSound } from './oracle.ts';

const start = '2026-01-31T02:00:00Z';
const world = await testWorld({ at: start });
const { ctx, gateway, db } = world;
beforeEach(() => world.startOver(start));

const wallet = { channelCode: 'OVO', network: null };
const onboardMany = async (count: number, name = 'order', token?: Parameters<typeof world.onboard>[3]) =>
  await Promise.all(Array.from({ length: count }, (_, n) => world.onboard(`${name}-${n}`, 'monthly', {}, token)));
const cardsAnswer = (answer: () => Outcome) =>
  gateway.otherwise((sent) => (sent.channelCode === 'CARDS' ? answer() : succeeded()));
const standing = async () =>
  await world.ask(sql`select status, hold_reason, count(*)::int as charges, max(ladder_step)::int as steps,
    bool_or(in_dunning) as dunned, count(first_attempt_at)::int as windows from charges group by 1, 2 order by 1, 2`);
const subscriptions = async () =>
  await world.ask(
    sql`select status, sum(in_dunning)::int as dunned, count(*)::int as count from subscriptions group by 1`,
  );
/** Past the window, looked at now and then. */
const weeksGoBy = async () => {
  for (const day of ['01-31', '02-05', '02-20', '02-27', '02-28T03:00', '03-01', '03-05']) {
    world.moveTo(`2026-${day.includes('T') ? day : `${day}T02:00`}:00Z`);
    await world.work();
  }
};
const stops = () => world.logged.filter(({ event }) => event === 'channel stopped');

/** 403, as Xendit documents it, of an account that may not charge cards while their holder is away. */
const forbidden = () =>
  outcomeOfFailure(
    readFailure(
      403,
      {},
      JSON.stringify({ error_code: 'SKIP_3DS_FORBIDDEN', message: 'Non 3DS card payment is not allowed' }),
    ),
  );
const of =
  (code: string, networkCode: string | null = null) =>
  () =>
    declined(code, { networkCode });
const refusedWith = (scope: 'charge' | 'channel', code: string) => () => ({ ...refused(scope, code) });

/** Answers that look like many customers and are one account (Xendit's pages on errors, declines and 3DS). */
const faults: readonly (readonly [string, () => Outcome])[] = [
  ['201 REQUIRES_ACTION of cards saved for recurring charges', of('REQUIRES_ACTION')],
  ['400 API_VALIDATION_ERROR', refusedWith('charge', 'API_VALIDATION_ERROR')],
  ['400 INVALID_VALUE_ERROR', refusedWith('charge', 'INVALID_VALUE_ERROR')],
  ['404 for every token: the key is another account’s', refusedWith('charge', 'DATA_NOT_FOUND')],
  ['400 INVALID_TOKEN for every token', () => declined('INVALID_TOKEN', { paymentRequestId: null, paymentId: null })],
  ['201 FAILED INVALID_MERCHANT_SETTINGS', of('INVALID_MERCHANT_SETTINGS')],
  ['201 FAILED INVALID_MERCHANT_CREDENTIALS', of('INVALID_MERCHANT_CREDENTIALS')],
  ['403 SKIP_3DS_FORBIDDEN', forbidden],
  ['403 INVALID_MERCHANT_SETTINGS', refusedWith('channel', 'INVALID_MERCHANT_SETTINGS')],
  ['400 CHANNEL_NOT_ACTIVATED', refusedWith('channel', 'CHANNEL_NOT_ACTIVATED')],
  ['network 12, invalid transaction, for every card', of('DECLINED_BY_ISSUER', '12')],
  ['CHANNEL_UNAVAILABLE for all', of('CHANNEL_UNAVAILABLE')],
  ['ISSUER_UNAVAILABLE for all', of('ISSUER_UNAVAILABLE')],
  ['TRANSACTION_BLOCKED for every card', of('TRANSACTION_BLOCKED')],
];

describe('25 subscriptions, one cause', () => {
  test.each(faults)('%s: one finding, no dunning, nobody canceled; mended, all 25 are collected', async (_, answer) => {
    await onboardMany(25);
    await onboardMany(6, 'wallet', wallet);
    cardsAnswer(answer);
    await world.work();
    expect(gateway.sent.filter(({ channelCode }) => channelCode === 'CARDS').length).toBeLessThanOrEqual(6);
    expect(gateway.payments).toHaveLength(6);
    await world.liveUntil('2026-01-31T05:30:00Z');
    expect(stops()).toHaveLength(1);
    expect(stops()[0]).toMatchObject({
      level: 'error',
      facts: { channel: 'CARDS', delayed: 25, why: expect.stringContaining('25 delayed, not failed') },
    });
    expect(await standing()).toMatchObject([
      { status: 'due', charges: 25, steps: 0, dunned: false, windows: 0 },
      { status: 'paid', charges: 6 },
    ]);
    expect(await subscriptions()).toEqual([{ status: 'active', dunned: 0, count: 31 }]);
    // Mended: the next probe tells, and all that waited is collected.
    gateway.otherwise(() => succeeded());
    await world.liveUntil('2026-01-31T07:30:00Z');
    expect(gateway.payments).toHaveLength(31);
    expect(await standing()).toMatchObject([{ status: 'paid', charges: 31, dunned: false }]);
    expect(await subscriptions()).toEqual([{ status: 'active', dunned: 0, count: 31 }]);
    expect(await world.ask(sql`select distinct status from tokens`)).toEqual([{ status: 'active' }]);
  });

  test('seen on one charge a day, too: what had been dunned is taken back, and the ledger says why', async () => {
    const ids: string[] = [];
    cardsAnswer(of('REQUIRES_ACTION'));
    for (let day = 0; day < 8; day += 1) {
      world.moveTo(world.now().add({ hours: 24 }).toString());
      ids.push(await world.onboard(`order-${day}`));
      await world.work();
    }
    await world.work();
    expect(stops()).toHaveLength(1);
    expect(await standing()).toMatchObject([{ status: 'due', charges: 8, steps: 0, dunned: false, windows: 0 }]);
    expect(await subscriptions()).toEqual([{ status: 'active', dunned: 0, count: 8 }]);
    expect(await world.told(ids[0] ?? '')).toEqual(
      expect.arrayContaining(['subscription.past_due', 'charge.released', 'subscription.active']),
    );
    gateway.otherwise(() => succeeded());
    await world.liveUntil(world.now().add({ hours: 3 }).toString());
    expect(gateway.payments).toHaveLength(8);
  });

  test('that ended a method which pays for another subscription too ends it for neither', async () => {
    const customer = { ...createInput('order-0').customer, referenceId: 'siti' };
    const method = { tokenId: 'pt-of-both' };
    cardsAnswer(of('INVALID_TOKEN'));
    const both = [await world.onboard('order-0', 'monthly', { customer }, method)];
    const later = { customer, anchorDate: Temporal.PlainDate.from('2026-02-02') };
    both.push(await world.onboard('order-of-the-same', 'monthly', later, method));
    await world.work();
    // Due while the method is over: nothing of it is tried.
    await world.liveUntil('2026-02-02T03:00:00Z');
    expect(await world.charge(both[1] ?? '')).toMatchObject({ status: 'due', attempts: [] });
    await onboardMany(4, 'another');
    await world.work();
    expect(stops()).toHaveLength(1);
    gateway.otherwise(() => succeeded());
    await world.liveUntil('2026-02-02T06:00:00Z');
    for (const id of both) {
      expect(await world.charge(id)).toMatchObject({ status: 'paid' });
      expect(await world.subscription(id)).toMatchObject({ status: 'active', token: { status: 'active' } });
    }
    expect(gateway.payments).toHaveLength(6);
    await expectSound(world);
  });

  test('that begins in the middle of a run stops the channel, and those before it stay paid', async () => {
    await onboardMany(40);
    let answered = 0;
    cardsAnswer(() => {
      answered += 1;
      return answered <= 8 ? succeeded() : of('INVALID_MERCHANT_SETTINGS')();
    });
    await world.work();
    await world.work();
    expect(await standing()).toMatchObject([
      { status: 'due', charges: 32, dunned: false },
      { status: 'paid', charges: 8 },
    ]);
    expect(stops()).toHaveLength(1);
  });
});

describe('what is no fault of a channel', () => {
  test('one card of twenty that has to authenticate waits for its customer, and the others are collected', async () => {
    const ids = await onboardMany(20);
    gateway.script(declined('REQUIRES_ACTION'));
    await world.work();
    expect(gateway.payments).toHaveLength(19);
    expect(await breakerOf(db, 'CARDS')).toMatchObject({ state: 'closed' });
    expect((await Promise.all(ids.map((id) => world.subscription(id)))).map(({ status }) => status)).toContain(
      'past_due',
    );
  });

  test('one customer whose card meets the same five times', async () => {
    const id = await world.onboard('order-1');
    cardsAnswer(of('PROCESSOR_ERROR'));
    await world.liveUntil('2026-02-03T02:00:00Z');
    expect((await world.charge(id)).attempts.length).toBeGreaterThan(5);
    expect(await breakerOf(db, 'CARDS')).toMatchObject({ state: 'closed' });
  });

  test('no money on any card: the ladder goes on', async () => {
    await onboardMany(10);
    cardsAnswer(of('INSUFFICIENT_BALANCE'));
    await world.work();
    expect(await standing()).toMatchObject([{ status: 'due', charges: 10, steps: 1, dunned: true }]);
  });

  test('a key that is refused stops charging as a whole, after one request', async () => {
    await onboardMany(8);
    await onboardMany(3, 'wallet', wallet);
    gateway.otherwise(() => refused('account', 'INVALID_API_KEY'));
    await world.work();
    expect(gateway.sent).toHaveLength(1);
  });
});

describe('a stopped channel', () => {
  test('is tried with a single charge, by one replica, after pauses that grow to an hour', async () => {
    await onboardMany(10);
    cardsAnswer(of('CHANNEL_UNAVAILABLE'));
    await world.work();
    const sample = gateway.sent.length;
    const probes: string[] = [];
    // Each of the first half hour; then around the hours, and now and then.
    const later = [45, 59, 60, 61, 75, 90, 105, 119, 120, 121, 150, 179, 180, 181, 210, 239, 240];
    const minutes = [...Array.from({ length: 31 }, (_, n) => n + 1), ...later];
    const another = world.another();
    for (const minute of minutes) {
      world.moveTo(Temporal.Instant.from(start).add({ minutes: minute }).toString());
      const before = gateway.sent.length;
      await Promise.all([onDueDate(ctx), onDueDate(another)]);
      if (gateway.sent.length > before) probes.push(`${minute}:${gateway.sent.length - before}`);
    }
    expect(sample).toBeLessThanOrEqual(6);
    expect(probes).toEqual(['1:1', '3:1', '7:1', '15:1', '30:1', '60:1', '120:1', '180:1', '240:1']);
    // Not always the same charge.
    expect(new Set(gateway.sent.map(({ referenceId }) => referenceId.split('_')[1])).size).toBe(10);
  });

  test('is tried by another process when the one that tried it died', async () => {
    await onboardMany(8);
    cardsAnswer(of('CHANNEL_UNAVAILABLE'));
    await world.work();
    world.moveTo('2026-01-31T02:01:00Z');
    const calls: string[] = [];
    const pay = (_body: string, referenceId: string) => {
      calls.push(referenceId);
      return new Promise<Outcome>(() => undefined);
    };
    // It never comes back from its call: what it has claimed stays as it was in that moment.
    void onDueDate(answering(ctx, { pay })).catch(() => undefined);
    await vi.waitFor(() => expect(calls).toHaveLength(1));
    gateway.otherwise(() => succeeded());
    world.moveTo('2026-01-31T02:10:00Z');
    await onDueDate(world.another());
    expect(gateway.payments).toEqual([]);
    world.moveTo('2026-01-31T02:11:00Z');
    await onDueDate(world.another());
    expect(gateway.payments).toHaveLength(7);
  });

  test('goes on at once when a person starts it, who is written down', async () => {
    await onboardMany(8);
    cardsAnswer(forbidden);
    await world.work();
    gateway.otherwise(() => succeeded());
    const moved = await startChannel(ctx, 'CARDS', siti);
    expect(moved).toMatchObject({ kind: 'done' });
    await world.work();
    expect(gateway.payments).toHaveLength(8);
    expect(await breakerOf(db, 'CARDS')).toMatchObject({ state: 'closed', by: expect.stringContaining(siti.actor) });
    expect(await startChannel(ctx, 'CARDS', siti)).toMatchObject({ kind: 'unchanged' });
    expect(await startChannel(ctx, 'CARD', siti)).toMatchObject({ kind: 'refused' });
  });

  test('stopped by hand is tried by nobody until a person starts it', async () => {
    await onboardMany(4);
    await onboardMany(3, 'wallet', wallet);
    await stopChannel(ctx, 'CARDS', { actor: 'cli:siti', reason: 'the acquirer moves house' });
    await world.liveUntil('2026-02-05T02:00:00Z');
    expect(gateway.sent.map(({ channelCode }) => channelCode)).toEqual(['OVO', 'OVO', 'OVO']);
    await startChannel(ctx, 'CARDS', siti);
    await world.work();
    expect(gateway.payments).toHaveLength(7);
  });

  test('is not stopped by a person whose name and reason cannot be kept, nor the other way round', async () => {
    await db.run(sql`insert into disarmings (number, disarmed_at, reason, actor)
      select disarming + 1, now(), 'a row in the way', 'nobody' from charging`);
    await expect(stopChannel(ctx, 'CARDS', siti)).rejects.toThrow();
    expect(await breakerOf(db, 'CARDS')).toMatchObject({ state: 'closed' });
  });

  test('may be one that no table has, if a method was saved in it; a name that is mistyped stops nothing', async () => {
    await world.onboard('order-1', 'monthly', {}, { channelCode: 'NEWPAY', network: null });
    expect(await stopChannel(ctx, 'NEWPAY', siti)).toMatchObject({ kind: 'done' });
    expect(await stopChannel(ctx, 'NEWPAYS', siti)).toMatchObject({ kind: 'refused' });
  });

  test('holds its charges for a person when their windows end: nobody is dunned or canceled for it', async () => {
    await onboardMany(6);
    cardsAnswer(of('INVALID_MERCHANT_SETTINGS'));
    await weeksGoBy();
    expect(await world.ask(sql`select distinct status, hold_reason from charges where cycle = 0`)).toEqual([
      { status: 'held', hold_reason: 'channel_stopped' },
    ]);
    expect(await subscriptions()).toEqual([{ status: 'active', dunned: 0, count: 6 }]);
    expect(world.logged).toContainEqual(expect.objectContaining({ level: 'warn', event: 'charge held for a person' }));
  });

  test('is charged by no claim that was looked at before it stopped, nor by a probe that is no longer the one', async () => {
    await onboardMany(1);
    await openCharges(ctx, world.now());
    const due = await dueCharges(db, '', ctx.buckets, world.now(), 1, 'time', { askSince: null, runSince: null });
    const allowed = await mayCharge(ctx);
    if (allowed.kind === 'no') throw new Error(allowed.reason);
    await stopChannel(ctx, 'CARDS', siti);
    const late = await claim(steady(ctx), due, allowed.permit, world.now());
    const probe = ctx.newId(0);
    const other = await claim(steady(ctx), due, { ...allowed.permit, probe }, world.now());
    expect([late.dossiers, other.dossiers]).toEqual([[], []]);
    await startChannel(ctx, 'CARDS', siti);
    expect((await claim(steady(ctx), due, allowed.permit, world.now())).dossiers).toHaveLength(1);
  });

  test('says nothing of a method that replaced the stopped one: it is tried at once', async () => {
    const [id = ''] = await onboardMany(6);
    cardsAnswer(forbidden);
    await world.work();
    await world.work();
    await replaceMethod(ctx, id, {
      returnUrls: { success: null, cancel: null },
      allowedChannels: null,
      locale: null,
    });
    await world.saveMethod(id, wallet);
    await world.work();
    expect(await world.charge(id)).toMatchObject({ status: 'paid' });
  });

  test('does not burn a charge on silence: after a few without any answer the others wait', async () => {
    await onboardMany(30, 'wallet', wallet);
    gateway.otherwise(() => unknown());
    await world.work();
    expect(gateway.sent.length).toBeLessThanOrEqual(7);
    expect(stops()).toMatchObject([{ facts: { channel: 'OVO', code: 'NO_ANSWER' } }]);
  });
});

describe('a limited channel', () => {
  const limited = () =>
    ({ ...refused('throttled', 'PAYMENT_REQUEST_RATE_LIMITED'), retryAfterSeconds: null }) as Outcome;

  test('pauses by itself, for longer each time; the cards beside it are collected at full pace', async () => {
    await onboardMany(60, 'wallet', wallet);
    await onboardMany(20);
    gateway.otherwise((sent) => (sent.channelCode === 'OVO' ? limited() : succeeded()));
    await world.work();
    expect(gateway.payments).toHaveLength(20);
    await world.liveUntil('2026-01-31T03:00:00Z');
    expect(gateway.sent.filter(({ channelCode }) => channelCode === 'OVO').length).toBeLessThanOrEqual(20);
    expect(world.logged.filter(({ level, event }) => level === 'warn' && event === 'channel limited')).toHaveLength(1);
    gateway.otherwise(() => succeeded());
    await world.liveUntil('2026-01-31T05:00:00Z');
    expect(gateway.payments).toHaveLength(80);
  });

  test('holds its charges as throttled when their windows end', async () => {
    await onboardMany(2, 'wallet', wallet);
    gateway.otherwise(limited);
    await weeksGoBy();
    expect(await world.ask(sql`select distinct status, hold_reason from charges where cycle = 0`)).toEqual([
      { status: 'held', hold_reason: 'throttled' },
    ]);
  });
});
