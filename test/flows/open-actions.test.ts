import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import { jobs } from '../../src/entry/scheduler/jobs.ts';
import { releaseCharge } from '../../src/flows/charges/change-charge.ts';
import { armCharging } from '../../src/flows/charging/arm-charging.ts';
import { closeActions } from '../../src/flows/due-date/actions/close-actions.ts';
import { onDueDate } from '../../src/flows/due-date/on-due-date.ts';
import { replaceMethod } from '../../src/flows/subscriptions/replace-method.ts';
import { stopCharging } from '../../src/infra/tables/charging/charging.ts';
import { pauseEndpoint } from '../../src/infra/tables/control/pace.ts';
import { answering } from '../support/answering.ts';
import { declined, succeeded } from '../support/scripted-gateway.ts';
import { siti } from '../support/siti.ts';
import { testWorld } from '../support/world.ts';
import { expectSound } from './oracle.ts';

const start = '2026-01-31T02:00:00Z';
const world = await testWorld({ at: start });
const { ctx, gateway } = world;
beforeEach(() => world.startOver(start));

const ACTION = { actionUrl: 'https://bank.example/3ds', paymentRequestId: 'pr-waits' };

/** The first attempt waits for the customer at Xendit, who saves another method with dueday meanwhile. */
async function replacedWhileOpen(): Promise<string> {
  const id = await world.onboard('order-1');
  gateway.script(declined('REQUIRES_ACTION', ACTION));
  await world.work();
  await replaceMethod(ctx, id, { returnUrls: { success: null, cancel: null }, allowedChannels: null, locale: null });
  await world.saveMethod(id);
  return id;
}

describe('an attempt that the customer may still authenticate', () => {
  test('is closed at Xendit before another is made', async () => {
    const id = await replacedWhileOpen();
    gateway.script(({ referenceId }) => {
      expect(gateway.closed).toEqual(['pr-waits']);
      expect(referenceId).toBe(`due_${id}_0_2`);
      return succeeded();
    });
    await world.liveUntil('2026-01-31T04:00:00Z');
    expect(await world.charge(id)).toMatchObject({ status: 'paid', collected: 150_000, overpaid: 0 });
    expect(gateway.sent).toHaveLength(2);
    await expectSound(world);
  });

  test('is closed although an earlier one of the same charge was closed before', async () => {
    const id = await replacedWhileOpen();
    gateway.script(declined('REQUIRES_ACTION', { ...ACTION, paymentRequestId: 'pr-waits-too' }));
    await world.liveUntil('2026-02-02T03:00:00Z');
    expect(gateway.sent).toHaveLength(2);
    await replaceMethod(ctx, id, { returnUrls: { success: null, cancel: null }, allowedChannels: null, locale: null });
    await world.saveMethod(id);
    await world.liveUntil('2026-02-02T04:00:00Z');
    expect(gateway.closed).toEqual(['pr-waits', 'pr-waits-too']);
    expect(await world.charge(id)).toMatchObject({ status: 'paid', collected: 150_000, overpaid: 0 });
  });

  test('pays the charge when the customer was faster, and nothing else is made', async () => {
    const id = await replacedWhileOpen();
    gateway.finds(`due_${id}_0_1`, { kind: 'found', outcome: succeeded() });
    await world.liveUntil('2026-01-31T04:00:00Z');
    const attempts = [{ outcome: 'succeeded' }];
    expect(await world.charge(id)).toMatchObject({ status: 'paid', collected: 150_000, overpaid: 0, attempts });
    expect(gateway.sent).toHaveLength(1);
  });

  test.each([
    ['Xendit does not say what became of it', { kind: 'unanswered', detail: 'HTTP 503' } as const],
    [
      'the customer is at it',
      { kind: 'found', outcome: { kind: 'pending', paymentRequestId: 'pr-waits', paymentId: null } } as const,
    ],
    ['it stays open there', { kind: 'found', outcome: declined('REQUIRES_ACTION', ACTION) } as const],
  ])('holds up the next one, with its reason, while %s', async (_, answer) => {
    const id = await replacedWhileOpen();
    gateway.finds(`due_${id}_0_1`, answer);
    await world.liveUntil('2026-01-31T04:00:00Z');
    expect(gateway.sent).toHaveLength(1);
    expect(await world.charge(id)).toMatchObject({ status: 'due', note: expect.stringMatching(/may still be paid/) });
    gateway.finds(`due_${id}_0_1`, { kind: 'found', outcome: declined('PAYMENT_REQUEST_CANCELED') });
    await world.liveUntil('2026-01-31T05:00:00Z');
    expect(await world.charge(id)).toMatchObject({ status: 'paid', overpaid: 0 });
    expect(gateway.sent).toHaveLength(2);
  });

  test('is not followed by another while the bank that timed out over it may still collect it', async () => {
    const id = await replacedWhileOpen();
    gateway.finds(`due_${id}_0_1`, { kind: 'found', outcome: declined('PARTNER_TIMEOUT_ERROR') });
    await world.liveUntil('2026-01-31T12:00:00Z');
    expect(gateway.sent).toHaveLength(1);
    gateway.finds(`due_${id}_0_1`, { kind: 'found', outcome: succeeded() });
    await world.liveUntil('2026-01-31T14:00:00Z');
    expect(gateway.sent).toHaveLength(1);
    expect(await world.charge(id)).toMatchObject({ status: 'paid', overpaid: 0 });
  });

  test('is held for a person, once, when it cannot be closed until the dunning window is over', async () => {
    const id = await replacedWhileOpen();
    gateway.finds(`due_${id}_0_1`, { kind: 'found', outcome: declined('REQUIRES_ACTION', ACTION) });
    world.moveTo('2026-02-28T01:59:59Z');
    await world.work();
    expect(await world.charge(id)).toMatchObject({ status: 'due' });
    await world.liveUntil('2026-02-28T12:00:00Z');
    const note = expect.stringMatching(/may still be paid/);
    expect(await world.charge(id)).toMatchObject({ status: 'held', hold_reason: 'unknown_outcome', note });
    expect((await world.told(id)).filter((kind) => kind === 'charge.held')).toHaveLength(1);
    expect(world.logged.filter(({ event }) => event === 'charge held for a person')).toHaveLength(1);
    gateway.finds(`due_${id}_0_1`, { kind: 'found', outcome: declined('PAYMENT_REQUEST_CANCELED') });
    await releaseCharge(ctx, (await world.charge(id)).id, siti);
    await world.work();
    // The newer cycle was charged the day before; the mandate keeps the two a day apart.
    await world.liveUntil('2026-03-02T12:00:00Z');
    expect(await world.charge(id)).toMatchObject({ status: 'paid', overpaid: 0 });
    await expectSound(world);
  });

  test('holds up no other charge while Xendit wants no more look-ups', async () => {
    const id = await replacedWhileOpen();
    const other = await world.onboard('order-2');
    await pauseEndpoint(ctx.db, '', 'look_ups', 600);
    const sleep = () => Promise.reject(new Error('It waited.'));
    await Promise.all([closeActions({ ...ctx, sleep }), onDueDate({ ...ctx, sleep })]);
    expect(gateway.closed).toEqual([]);
    expect(await world.charge(id)).toMatchObject({ status: 'due', next_attempt_at: '2026-01-31T02:05:00Z' });
    expect(gateway.payments.map(({ referenceId }) => referenceId)).toEqual([`due_${other}_0_1`]);
    await world.ask(sql`update pace set paused_until = null`);
  });

  test('holds up no other charge, however long Xendit takes to close it', async () => {
    await replacedWhileOpen();
    const other = await world.onboard('order-2');
    const hangs = answering(ctx, { closeRequest: () => Promise.withResolvers<never>().promise });
    void closeActions(hangs);
    await onDueDate(hangs);
    expect(gateway.payments.map(({ referenceId }) => referenceId)).toEqual([`due_${other}_0_1`]);
  });

  test('is closed by a job of the daemon, whose end wakes those who charge', async () => {
    const id = await replacedWhileOpen();
    const woken: string[] = [];
    const daemon = { ...ctx, wake: () => void woken.push('woken') };
    for (const { flow } of jobs) await flow(daemon);
    expect(gateway.closed).toEqual(['pr-waits']);
    expect(woken).not.toEqual([]);
    for (const { flow } of jobs) await flow(daemon);
    expect(await world.charge(id)).toMatchObject({ status: 'paid', overpaid: 0 });
  });

  test('is left alone at Xendit while charging is stopped', async () => {
    await replacedWhileOpen();
    await stopCharging(ctx.db, '', world.now(), 'by a test');
    await closeActions(ctx);
    expect(gateway.closed).toEqual([]);
    await armCharging(ctx, null, siti);
    await closeActions(ctx);
    expect(gateway.closed).toEqual(['pr-waits']);
  });

  test('is not followed by another on a day that the mandate does not cover, however long closing it took', async () => {
    await replacedWhileOpen();
    await world.ask(sql`update tokens set recurring_expiry = '2026-01-31'`);
    world.moveTo('2026-01-31T16:59:59Z');
    const closeRequest: typeof gateway.closeRequest = async (trace) => {
      world.moveTo('2026-01-31T17:00:00Z');
      return await gateway.closeRequest(trace);
    };
    const slow = answering(ctx, { closeRequest });
    await closeActions(slow);
    await onDueDate(slow);
    expect(gateway.closed).toEqual(['pr-waits']);
    expect(gateway.sent).toHaveLength(1);
  });

  test('is closed before its charge tells whether a stopped channel works again', async () => {
    const ids: string[] = [];
    gateway.otherwise(declined('REQUIRES_ACTION'));
    for (let n = 0; n < 8; n += 1) ids.push(await world.onboard(`card-${n}`));
    await world.work();
    expect(await world.ask(sql`select state from breakers`)).toEqual([{ state: 'open' }]);
    gateway.otherwise((sent) => {
      const of = sent.referenceId.replace(/_2$/, '_1');
      const first = gateway.sent.findIndex(({ referenceId }) => referenceId === of);
      // Each attempt but the first has its predecessor closed at Xendit before it leaves.
      if (first >= 0 && sent.referenceId !== of) expect(gateway.closed.length).toBeGreaterThan(0);
      return succeeded();
    });
    await world.liveUntil('2026-02-02T12:00:00Z');
    const attempts = await world.ask<{ left: number }>(
      sql`select count(*)::int as left from attempts a where a.failure_code = 'REQUIRES_ACTION' and a.action_closed_at is null
        and exists (select from attempts b where b.bucket = a.bucket and b.charge_id = a.charge_id and b.number > a.number)`,
    );
    expect(attempts).toEqual([{ left: 0 }]);
    for (const id of ids) expect(await world.charge(id)).toMatchObject({ overpaid: 0 });
    expect((await world.ask(sql`select from charges where status = 'paid'`)).length).toBeGreaterThan(0);
  });
});
