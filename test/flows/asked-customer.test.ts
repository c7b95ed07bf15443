import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Outcome } from '../../src/domain/charges/outcome.ts';
import { chargeStory } from '../../src/entry/cli/charge-story.ts';
import { voidCharge } from '../../src/flows/charges/change-charge.ts';
import { endActions } from '../../src/flows/due-date/actions/end-actions.ts';
import { onDueDate } from '../../src/flows/due-date/on-due-date.ts';
import { declined, succeeded } from '../support/scripted-gateway.ts';
import { siti } from '../support/siti.ts';
import { testWorld } from '../support/world.ts';
import { expectSound } from './oracle.ts';
import { paymentEvent } from './xendit-events.ts';

const start = '2026-01-31T02:00:00Z';
const world = await testWorld({ at: start });
const { ctx, gateway } = world;
beforeEach(() => world.startOver(start));

const PAGE = { type: 'REDIRECT_CUSTOMER', descriptor: 'WEB_URL', value: 'https://bank.example/3ds/secret' };
const asks = (...actions: readonly (typeof PAGE)[]) =>
  declined('REQUIRES_ACTION', { actionUrl: PAGE.value, actions, paymentRequestId: 'pr-asks', paymentId: null });
const wallet = { channelCode: 'OVO', network: null };

async function asked(token: object = {}, ...actions: readonly (typeof PAGE)[]): Promise<string> {
  const id = await world.onboard('order-1', 'monthly', {}, token);
  gateway.script(asks(...(actions.length === 0 ? [PAGE] : actions)));
  await world.work();
  return id;
}

/** What Xendit says of the request from now on, and the webhook that tells of it. */
async function ends(id: string, outcome: Outcome, event: string, status: string): Promise<void> {
  gateway.finds(`due_${id}_0_1`, { kind: 'found', outcome });
  const [sent] = gateway.sent;
  if (sent === undefined) throw new Error('Nothing was sent.');
  const told = paymentEvent(sent, succeeded(), { status, payment_id: undefined, payment_request_id: 'pr-asks' });
  await world.receives({ ...told, event });
}

describe('what Xendit asks of a customer', () => {
  test('is shown with its end where the provider has one, and written down once, without what lets its bearer pay', async () => {
    const id = await asked(wallet, PAGE, { ...PAGE, descriptor: 'DEEPLINK_URL', value: 'ovo://pay/secret' });
    const expires_at = '2026-01-31T02:00:54Z';
    const charge = await world.charge(id);
    expect(charge.actions).toEqual([
      { ...PAGE, expires_at },
      { type: 'REDIRECT_CUSTOMER', descriptor: 'DEEPLINK_URL', value: 'ovo://pay/secret', expires_at },
    ]);
    expect((await world.told(id)).filter((kind) => kind === 'charge.requires_action')).toHaveLength(1);
    const [entry] = await world.ask<{ why: string; detail: string }>(
      sql`select why, detail from ledger where kind = 'charge.requires_action'`,
    );
    expect(JSON.parse(entry?.detail ?? '')).toEqual({
      actions: [
        { descriptor: 'WEB_URL', expires_at, type: 'REDIRECT_CUSTOMER' },
        { descriptor: 'DEEPLINK_URL', expires_at, type: 'REDIRECT_CUSTOMER' },
      ],
    });
    expect(`${entry?.why}${entry?.detail}`).not.toContain('secret');
    await expectSound(world);
  });

  test('has no end where nobody tells one, and is gone once the charge is closed', async () => {
    const id = await asked();
    expect((await world.charge(id)).actions).toEqual([{ ...PAGE, expires_at: null }]);
    await voidCharge(ctx, (await world.charge(id)).id, siti);
    expect((await world.charge(id)).actions).toEqual([]);
  });

  test('is told by `charges explain`, where a password is wanted with what nobody here does', async () => {
    const password = { type: 'API_POST_REQUEST', descriptor: 'VALIDATE_OTP', value: 'https://api.example/otp' };
    const story = chargeStory(await world.charge(await asked({}, password)));
    expect(story).toContain('a one-time password, which nobody here answers: its customer may pay by a link instead');
    expect(story).toContain('https://api.example/otp');
  });
});

describe('a charge whose customer was asked', () => {
  test('goes on with its ladder as soon as Xendit tells that the request has expired', async () => {
    const id = await asked();
    expect(await world.charge(id)).toMatchObject({ status: 'due', waits_until: '2026-02-28T02:00:00Z' });
    await ends(id, declined('PAYMENT_REQUEST_EXPIRED'), 'payment_request.expiry', 'EXPIRED');
    await world.work();
    expect(await world.charge(id)).toMatchObject({
      status: 'due',
      waits_until: null,
      next_attempt_at: '2026-02-01T02:00:00Z',
      failure_code: 'PAYMENT_REQUEST_EXPIRED',
      actions: [],
    });
    expect((await world.told(id)).filter((kind) => kind === 'attempt.settled')).toHaveLength(2);
    await world.liveUntil('2026-02-02T00:00:00Z');
    expect(await world.charge(id)).toMatchObject({ status: 'paid', overpaid: 0 });
    expect(gateway.closed).toEqual([]);
    await expectSound(world);
  });

  test('goes on when the window of its provider is over, without any webhook, and is closed at Xendit first', async () => {
    const id = await asked(wallet);
    expect(await world.charge(id)).toMatchObject({ waits_until: '2026-01-31T02:00:54Z' });
    gateway.script(({ referenceId }) => {
      expect(gateway.closed).toEqual(['pr-asks']);
      expect(referenceId).toBe(`due_${id}_0_2`);
      return succeeded();
    });
    await world.liveUntil('2026-02-01T13:00:00Z');
    expect(await world.charge(id)).toMatchObject({ status: 'paid', overpaid: 0 });
    await expectSound(world);
  });

  test('is not given up with the window of its provider, whichever job comes first', async () => {
    const id = await asked(wallet);
    world.moveTo('2026-01-31T02:01:00Z');
    await onDueDate(ctx);
    expect(await world.charge(id)).toMatchObject({ status: 'due', waits_until: '2026-01-31T02:00:54Z' });
  });

  test.each(['before-settle', 'after-settle'] as const)(
    'goes on, once, although whoever closed it at Xendit died %s',
    async (point) => {
      const id = await asked(wallet);
      world.moveTo('2026-01-31T02:01:00Z');
      const dies = (at: string) => {
        if (at === point) throw new Error('It died.');
      };
      await endActions({ ...ctx, failpoint: dies });
      expect(gateway.closed).toEqual(['pr-asks']);
      await world.liveUntil('2026-02-01T13:00:00Z');
      expect(await world.charge(id)).toMatchObject({ status: 'paid', overpaid: 0, attempts: [{}, {}] });
      expect(await world.ask(sql`select ladder_step from charges`)).toEqual([{ ladder_step: 1 }]);
      await expectSound(world);
    },
  );

  test('is paid, and asked for no more, where its customer pays after it was closed', async () => {
    const id = await asked(wallet);
    await world.liveUntil('2026-01-31T03:00:00Z');
    expect(await world.charge(id)).toMatchObject({ failure_code: 'PAYMENT_REQUEST_EXPIRED' });
    await ends(id, { ...succeeded(), paymentRequestId: 'pr-asks' }, 'payment.capture', 'SUCCEEDED');
    await world.liveUntil('2026-02-02T13:00:00Z');
    expect(await world.charge(id)).toMatchObject({ status: 'paid', collected: 150_000, overpaid: 0 });
    expect(gateway.sent).toHaveLength(1);
  });

  test('is paid once where its customer paid at the moment at which the request expired', async () => {
    const id = await asked(wallet);
    const paid = succeeded();
    await ends(id, paid, 'payment_request.expiry', 'EXPIRED');
    await world.liveUntil('2026-02-02T03:00:00Z');
    expect(await world.charge(id)).toMatchObject({ status: 'paid', collected: 150_000, overpaid: 0 });
    expect(gateway.sent).toHaveLength(1);
  });

  test('is still waited for where nobody can say whether the request is over', async () => {
    const id = await asked(wallet);
    gateway.finds(`due_${id}_0_1`, { kind: 'unanswered', detail: 'HTTP 503' });
    await world.liveUntil('2026-01-31T04:00:00Z');
    expect(gateway.sent).toHaveLength(1);
    expect(await world.charge(id)).toMatchObject({ status: 'due', note: expect.stringMatching(/may still be paid/) });
    gateway.finds(`due_${id}_0_1`, { kind: 'found', outcome: declined('PAYMENT_REQUEST_CANCELED') });
    await world.liveUntil('2026-02-01T13:00:00Z');
    expect(await world.charge(id)).toMatchObject({ status: 'paid', overpaid: 0 });
  });

  test('is for a person once its window is over, and nobody could say it', async () => {
    const id = await asked(wallet);
    gateway.finds(`due_${id}_0_1`, { kind: 'unanswered', detail: 'HTTP 503' });
    world.moveTo('2026-02-28T02:00:01Z');
    await world.work();
    expect(await world.charge(id)).toMatchObject({ status: 'held', hold_reason: 'unknown_outcome' });
  });

  test('that was confirmed without the money being there is declined like any other', async () => {
    const id = await asked();
    await ends(id, declined('INSUFFICIENT_BALANCE'), 'payment.failure', 'FAILED');
    await world.work();
    expect(await world.charge(id)).toMatchObject({
      failure_code: 'INSUFFICIENT_BALANCE',
      next_attempt_at: '2026-02-01T02:00:00Z',
      attempts: [{ class: 'funds' }],
    });
  });

  test('is not put off again by a second word of the same end', async () => {
    const id = await asked();
    await ends(id, declined('PAYMENT_REQUEST_EXPIRED'), 'payment_request.expiry', 'EXPIRED');
    await world.work();
    await ends(id, declined('PAYMENT_REQUEST_EXPIRED'), 'payment_request.expired', 'EXPIRED');
    await world.work();
    const [row] = await world.ask(sql`select ladder_step from charges`);
    expect(row).toMatchObject({ ladder_step: 1 });
  });
});

describe('a payment that is authorized and not captured', () => {
  const authorized: Outcome = { kind: 'pending', paymentRequestId: 'pr-asks', paymentId: 'py-1', isAuthorized: true };

  test('is no money: nothing else is tried, and after its limit a person reads what it is', async () => {
    const id = await world.onboard('order-1');
    gateway.script(authorized);
    gateway.finds(`due_${id}_0_1`, { kind: 'found', outcome: authorized });
    await world.work();
    await ends(id, authorized, 'payment.authorization', 'AUTHORIZED');
    await world.work();
    expect(await world.charge(id)).toMatchObject({ status: 'attempting', collected: 0 });
    await world.liveUntil('2026-02-01T13:00:00Z');
    const note = expect.stringContaining('authorized, not captured');
    expect(await world.charge(id)).toMatchObject({ status: 'held', collected: 0, note });
    await expectSound(world);
  });

  test('that was never captured ends without money', async () => {
    const id = await world.onboard('order-1');
    gateway.script(authorized);
    await world.work();
    await ends(id, declined('PAYMENT_REQUEST_EXPIRED'), 'payment.expiry', 'EXPIRED');
    await world.work();
    expect(await world.charge(id)).toMatchObject({ collected: 0, failure_code: 'PAYMENT_REQUEST_EXPIRED' });
    await expectSound(world);
  });
});
