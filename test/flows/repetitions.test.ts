import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import type { AccountContext } from '../../src/context.ts';
import type { Outcome } from '../../src/domain/charges/outcome.ts';
import { startChannel, stopChannel } from '../../src/flows/charging/start-channel.ts';
import { onDueDate } from '../../src/flows/due-date/on-due-date.ts';
import { settleAttempts } from '../../src/flows/due-date/settle-attempts.ts';
import { rescueAttempts } from '../../src/flows/rescue/rescue-attempts.ts';
import { cancelSubscription } from '../../src/flows/subscriptions/canceling/cancel-subscription.ts';
import { pauseSubscription } from '../../src/flows/subscriptions/pause-subscription.ts';
import { replaceMethod } from '../../src/flows/subscriptions/replace-method.ts';
import { statementOf } from '../../src/infra/database/sql.ts';
import { breakerOf } from '../../src/infra/tables/charging/breakers.ts';
import { stopCharging } from '../../src/infra/tables/charging/charging.ts';
import { answering } from '../support/answering.ts';
import { declined, refused, succeeded, unknown } from '../support/scripted-gateway.ts';
import { siti } from '../support/siti.ts';
import { testWorld } from '../support/world.ts';
import { expectSound } from './oracle.ts';

const start = '2026-01-31T02:00:00Z';
const world = await testWorld({ at: start });
const { ctx, gateway } = world;
const other = world.another();
beforeEach(() => world.startOver(start));

/** Leases are over: real time, which a test does not wait for. */
const lapse = () => world.ask(sql`update attempts set lease_until = now() - interval '1 second'`);

describe('a card request that is to be repeated', () => {
  test.each([
    ['canceled', (id: string) => cancelSubscription(other, id, { at: 'now', reason: null, actor: 'product' })],
    ['paused', (id: string) => pauseSubscription(other, id, { actor: 'product' })],
  ])('is not, when its subscription is %s while the look-up waits for its turn', async (_, leave) => {
    const id = await world.onboard('order-1');
    gateway.script(unknown());
    await world.work();
    world.moveTo('2026-01-31T02:05:00Z');
    const lookUp: typeof gateway.lookUp = async (trace) => {
      await leave(id);
      return await gateway.lookUp(trace);
    };
    await rescueAttempts(answering(ctx, { lookUp }));
    expect(gateway.sent).toHaveLength(1);
    expect(gateway.payments).toEqual([]);
  });

  // Whoever cancels, pauses or stops is told that nothing more is sent: so nothing may leave after their commit.
  test.each<[string, (id: string) => Promise<unknown>]>([
    ['canceled', (id) => cancelSubscription(other, id, { at: 'now', reason: null, actor: 'product' })],
    ['paused', (id) => pauseSubscription(other, id, { actor: 'product' })],
    ['stopped', () => stopCharging(other.db, '', world.now(), 'a test')],
    ['stopped on its channel', () => stopChannel(other, 'CARDS', siti)],
    ['disarmed by another key', () => world.ask(sql`update charging set fingerprint = 'another'`)],
    ['answered after all', async () => await settleAnswer()],
  ])('does not leave after the commit by which it is %s', async (_, happens) => {
    const id = await world.onboard('order-1');
    gateway.script(unknown());
    await world.work();
    world.moveTo('2026-01-31T02:06:00Z');
    const run: typeof ctx.db.run = async (query) => {
      // After the last look, right before the repetition is written down.
      if (/set repeated_at/.test(statementOf(query).text)) await happens(id);
      return await ctx.db.run(query);
    };
    await rescueAttempts({ ...ctx, db: { ...ctx.db, run } });
    expect(gateway.sent).toHaveLength(1);
  });

  test('is not while its channel is stopped by a person, and is once that person starts it', async () => {
    await world.onboard('order-1');
    gateway.script(unknown());
    await world.work();
    await stopChannel(ctx, 'CARDS', siti);
    await world.liveUntil('2026-01-31T06:00:00Z');
    expect(gateway.sent).toHaveLength(1);
    await startChannel(ctx, 'CARDS', siti);
    await world.liveUntil('2026-01-31T08:00:00Z');
    expect(gateway.payments).toHaveLength(1);
  });

  test('is although its channel is limited: that is no stop, and may last as long as few charges are due', async () => {
    await world.onboard('order-1');
    gateway.script(unknown());
    await world.work();
    await world.ask(sql`insert into breakers (channel, state, since, code, why) values
      ('CARDS', 'open', ${start}::timestamptz, 'PAYMENT_REQUEST_RATE_LIMITED', 'a test')
      on conflict (channel) do update set state = 'open', since = excluded.since, code = excluded.code, why = excluded.why`);
    await world.liveUntil('2026-01-31T02:10:00Z');
    expect(gateway.payments).toHaveLength(1);
  });

  test('is although its channel gives no answers: it makes no new doubt, and may end one', async () => {
    await Promise.all(Array.from({ length: 6 }, (_, n) => world.onboard(`order-${n}`)));
    gateway.otherwise(() => unknown());
    await world.work();
    const silent = gateway.sent.length;
    expect(await breakerOf(ctx.db, 'CARDS')).toMatchObject({ state: 'open', code: 'NO_ANSWER' });
    gateway.otherwise(() => succeeded());
    await world.ask(sql`update breakers set probe_at = null`);
    await world.liveUntil('2026-01-31T02:10:00Z');
    expect(gateway.payments).toHaveLength(silent);
  });

  async function settleAnswer(): Promise<void> {
    const [attempt] = await world.ask<{ id: string }>(sql`select id from attempts`);
    await settleAttempts(other, [{ attemptId: attempt?.id ?? '', outcome: succeeded() }], world.now());
  }

  test('is not, when charging is stopped while it is asked whether a later one is known', async () => {
    const id = await world.onboard('order-1');
    gateway.script(unknown());
    await world.work();
    await world.ask(sql`update charging set ask_since = ${start}::timestamptz`);
    world.moveTo('2026-01-31T02:05:00Z');
    const lookUp: typeof gateway.lookUp = async (trace) => {
      if (trace.referenceId !== `due_${id}_0_1`) await stopCharging(ctx.db, '', world.now(), 'a test');
      return await gateway.lookUp(trace);
    };
    await rescueAttempts(answering(ctx, { lookUp }));
    expect(gateway.asked).toHaveLength(6);
    expect(gateway.sent).toHaveLength(1);
  });

  test.each([
    ['its mandate has ended', '2026-01-31T02:00:00Z', '2026-01-31T16:59:00Z', '2026-01-31T17:01:00Z'],
    [
      'too little of its day is left to hear of it',
      '2026-01-31T03:00:00Z',
      '2026-02-01T01:59:00Z',
      '2026-02-01T02:00:00Z',
    ],
  ])('is not, when by the time that all was asked %s', async (_, sentAt, begins, answered) => {
    world.moveTo(sentAt);
    const id = await world.onboard('order-1');
    if (answered < '2026-02-01') await world.ask(sql`update tokens set recurring_expiry = '2026-01-31'`);
    gateway.script(unknown());
    await world.work();
    await world.ask(sql`update charging set ask_since = ${sentAt}::timestamptz`);
    world.moveTo(begins);
    // What may be asked in a minute is shared by all, and Xendit may want none for an hour.
    const lookUp: typeof gateway.lookUp = async (trace) => {
      if (trace.referenceId !== `due_${id}_0_1`) world.moveTo(answered);
      return await gateway.lookUp(trace);
    };
    await rescueAttempts(answering(ctx, { lookUp }));
    expect(world.now()).toEqual(Temporal.Instant.from(answered));
    expect(gateway.sent).toHaveLength(1);
  });

  /** Nobody could ask about the first attempt until this instant: then Xendit says that it knows none. */
  async function inDoubtUntil(instant: string, plan = 'monthly'): Promise<string> {
    world.moveTo('2026-01-31T14:00:00Z');
    const id = await world.onboard('order-1', plan);
    gateway.script(unknown());
    await world.work();
    gateway.finds(`due_${id}_0_1`, { kind: 'unanswered', detail: 'HTTP 503' });
    await world.liveUntil(instant);
    gateway.finds(`due_${id}_0_1`, { kind: 'absent' });
    return id;
  }

  test('on the next day and is declined has its retry the day after that, as the mandate wants it', async () => {
    const id = await inDoubtUntil('2026-01-31T23:30:00Z');
    const tried: string[] = [];
    gateway.otherwise(({ referenceId }) => {
      tried.push(`${referenceId.slice(`due_${id}_`.length)} at ${world.now().toString()}`);
      return declined('INSUFFICIENT_BALANCE');
    });
    await world.liveUntil('2026-02-02T03:00:00Z');
    // 7 and 9 o'clock of the next two days in Jakarta.
    expect(tried).toEqual(['0_1 at 2026-02-01T00:00:00Z', '0_2 at 2026-02-02T02:00:00Z']);
  });

  test('on the next day keeps the next cycle a day apart from it', async () => {
    const id = await inDoubtUntil('2026-01-31T23:30:00Z', 'weekly');
    await world.ask(sql`update subscriptions set next_cycle_at = '2026-02-01T02:00:00Z'`);
    await world.liveUntil('2026-02-01T03:00:00Z');
    expect(gateway.payments.map(({ referenceId }) => referenceId)).toEqual([`due_${id}_0_1`]);
    await world.liveUntil('2026-02-02T03:00:00Z');
    expect(gateway.payments.map(({ referenceId }) => referenceId)).toEqual([`due_${id}_0_1`, `due_${id}_1_1`]);
  });

  test('is not on a day on which the next cycle was charged, since the mandate keeps the two a day apart', async () => {
    const id = await inDoubtUntil('2026-01-31T23:30:00Z', 'weekly');
    gateway.finds(`due_${id}_0_1`, { kind: 'unanswered', detail: 'HTTP 503' });
    await world.ask(sql`update subscriptions set next_cycle_at = '2026-02-01T02:00:00Z'`);
    await world.liveUntil('2026-02-01T02:30:00Z');
    gateway.finds(`due_${id}_0_1`, { kind: 'absent' });
    await world.liveUntil('2026-02-01T16:00:00Z');
    expect(gateway.payments.map(({ referenceId }) => referenceId)).toEqual([`due_${id}_1_1`]);
    expect(await world.charge(id)).toMatchObject({ status: 'held', hold_reason: 'unknown_outcome' });
  });

  test('is not, when its outcome becomes known in the last moment', async () => {
    const id = await world.onboard('order-1');
    gateway.script(unknown());
    await world.work();
    world.moveTo('2026-01-31T02:05:00Z');
    const [attempt] = await world.ask<{ id: string }>(sql`select id from attempts`);
    const answered = [{ attemptId: attempt?.id ?? '', outcome: succeeded() }];
    const run: typeof ctx.db.run = async (query) => {
      // The last look at the method's past comes after the last look at the attempt.
      if (/with own as/.test(statementOf(query).text)) await settleAttempts(other, answered, world.now());
      return await ctx.db.run(query);
    };
    await rescueAttempts({ ...ctx, db: { ...ctx.db, run } });
    expect(gateway.sent).toHaveLength(1);
    expect(await world.charge(id)).toMatchObject({ status: 'paid' });
  });

  test('is not, when its payment method has ended since', async () => {
    await world.onboard('order-1');
    gateway.script(unknown());
    await world.work();
    const [sent] = gateway.sent;
    gateway.ends(sent?.tokenId ?? '', 'canceled');
    await world.receives({
      event: 'payment_token.expiry',
      data: { payment_token_id: sent?.tokenId, status: 'EXPIRED' },
    });
    await world.liveUntil('2026-02-01T03:00:00Z');
    expect(gateway.sent).toHaveLength(1);
  });

  test('is not on a day that its mandate does not cover, though the attempt was made in time', async () => {
    world.moveTo('2026-01-31T16:57:00Z');
    await world.onboard('order-1');
    await world.ask(sql`update tokens set recurring_expiry = '2026-01-31'`);
    gateway.script(unknown());
    await world.liveUntil('2026-02-01T00:00:00Z');
    expect(gateway.sent).toHaveLength(1);
  });

  test('and whose method ended since stays unknown: the first time may have charged', async () => {
    const id = await world.onboard('order-1');
    gateway.script(gateway.inSilence(succeeded()));
    gateway.finds(`due_${id}_0_1`, { kind: 'absent' });
    await world.work();
    // HTTP 400 INVALID_TOKEN: refused before anything was made of it, so it has no id.
    const ended = declined('INVALID_TOKEN', { paymentRequestId: null, paymentId: null });
    const dead: AccountContext = answering(ctx, { pay: async () => ended });
    world.moveTo('2026-01-31T02:05:00Z');
    await world.workAs(dead);
    expect(await world.charge(id)).toMatchObject({ status: 'attempting', attempts: [{ outcome: 'unknown' }] });
    await replaceMethod(ctx, id, { returnUrls: { success: null, cancel: null }, allowedChannels: null, locale: null });
    await world.saveMethod(id);
    await world.work();
    gateway.finds(`due_${id}_0_1`, { kind: 'found', outcome: succeeded() });
    await world.liveUntil('2026-01-31T04:00:00Z');
    expect(gateway.payments).toHaveLength(1);
    expect(await world.charge(id)).toMatchObject({ status: 'paid', overpaid: 0 });
  });
});

describe('a daemon that stands still until its card request was repeated by another', () => {
  /** The daemon claims, stands still before its request leaves, and says this when it comes back. */
  async function standsStill(comesBackWith: Outcome, meanwhile: () => Promise<void>): Promise<void> {
    let isFirst = true;
    const pay: typeof gateway.pay = async (body, reference) => {
      if (!isFirst) return await gateway.pay(body, reference);
      isFirst = false;
      await meanwhile();
      return comesBackWith;
    };
    await onDueDate(answering(ctx, { pay }));
  }

  const held = { kind: 'refused', scope: 'not_sent', code: 'LEASE_TOO_SHORT', detail: 'a test' } as const;
  const blocked = declined('ACCOUNT_ACCESS_BLOCKED', { paymentRequestId: null, paymentId: null });
  const backs: readonly [string, Outcome][] = [
    ['nothing was sent', { ...held, retryAfterSeconds: null }],
    ['nobody could be reached', { ...refused('throttled', 'GATEWAY_UNREACHABLE'), retryAfterSeconds: 0 } as Outcome],
    // HTTP 403: of the method, which the customer has mended by the time that the request is repeated.
    ['its method was refused', blocked],
  ];

  test.each(backs)('and then says that %s, does not have the cycle charged again', async (_, back) => {
    const id = await world.onboard('order-1');
    await standsStill(back, async () => {
      await lapse();
      world.moveTo('2026-01-31T02:02:00Z');
      await rescueAttempts(other);
      world.moveTo('2026-01-31T02:05:00Z');
      // The repetition is paid, and its answer is lost.
      gateway.script(gateway.inSilence(succeeded()));
      await rescueAttempts(other);
    });
    await world.liveUntil('2026-01-31T04:00:00Z');
    expect(gateway.payments.map(({ referenceId }) => referenceId)).toEqual([`due_${id}_0_1`]);
    expect(await world.charge(id)).toMatchObject({ status: 'paid', overpaid: 0, attempts: [{ number: 1 }] });
    await expectSound(world);
  });

  test.each(backs)('and says that %s while the repetition is on its way, neither', async (_, back) => {
    const id = await world.onboard('order-1');
    const asked = Promise.withResolvers<void>();
    const answered = Promise.withResolvers<void>();
    let rescue = Promise.resolve();
    await standsStill(back, async () => {
      await lapse();
      world.moveTo('2026-01-31T02:06:00Z');
      gateway.script(async () => {
        asked.resolve();
        await answered.promise;
        return succeeded();
      });
      rescue = rescueAttempts(other);
      await asked.promise;
    });
    // What the daemon said is settled by now, and the charge was tried anew if it might be.
    answered.resolve();
    await rescue;
    await world.liveUntil('2026-01-31T04:00:00Z');
    expect(gateway.payments.map(({ referenceId }) => referenceId)).toEqual([`due_${id}_0_1`]);
    expect(await world.charge(id)).toMatchObject({ status: 'paid', overpaid: 0 });
    await expectSound(world);
  });
});
