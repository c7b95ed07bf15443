import { sql } from 'drizzle-orm';
import { expect } from 'vitest';
import type { Context } from '../../src/context.ts';
import { payThrough } from '../../src/flows/paying/pay-through.ts';
import { pauseSubscription, resumeSubscription } from '../../src/flows/subscriptions/pause-subscription.ts';
import { replaceMethod } from '../../src/flows/subscriptions/replace-method.ts';
import { stopCharging } from '../../src/infra/tables/charging/charging.ts';
import { answering } from '../support/answering.ts';
import { declined, unknown } from '../support/scripted-gateway.ts';
import type { World } from '../support/world.ts';
import { type Lives, start, waiting } from './waiting.ts';
import { paymentEvent, sessionEvent } from './xendit-events.ts';

const refusal = { kind: 'refused', status: 403, code: 'FORBIDDEN', message: '', retryAfterSeconds: null } as const;

/** Charges, attempts, and whoever is to pay them. */
export function livesOfCharges(world: World): Lives {
  const { ctx, gateway } = world;
  const { told, attempted, linked } = waiting(world);
  const inbox = async () => await world.ask(sql`select status, tries from inbox`);

  return {
    async '`charges.due`, next attempt planned'() {
      const id = await world.onboard('order-1', 'weekly');
      const detail = 'Xendit never says how long';
      gateway.otherwise({ kind: 'refused', scope: 'throttled', code: 'BUSY', detail, retryAfterSeconds: null });
      await world.liveUntil('2026-02-05T18:00:00Z');
      expect(await world.charge(id)).toMatchObject({ status: 'held', hold_reason: 'throttled' });
      expect(told('charge held for a person')).toHaveLength(1);
    },
    async '`charges.due`, waiting for its customer'() {
      const id = await world.onboard('order-1', 'weekly');
      gateway.script(declined('EXPIRED_CARD'));
      await world.liveUntil('2026-02-06T02:00:00Z');
      expect(await world.charge(id)).toMatchObject({ status: 'uncollectible' });
      expect(await world.told(id)).toContain('charge.uncollectible');
    },
    async '`charges.due`, cycle 0 of one that is `pending`'() {
      const id = await world.create('order-1', 'monthly', { firstCharge: 'in_session' });
      const sessionOf = async () => (await world.subscription(id)).onboarding?.session_id ?? '';
      gateway.expires(await sessionOf());
      await world.liveUntil('2026-02-05T02:00:00Z');
      expect(await world.charge(id)).toMatchObject({ status: 'due', next_attempt_at: null });
      expect(gateway.sent).toEqual([]);
      const urls = { success: null, cancel: null };
      await replaceMethod(ctx, id, { returnUrls: urls, allowedChannels: null, locale: null });
      gateway.pays(await sessionOf(), {});
      await world.liveUntil('2026-02-06T02:00:00Z');
      expect(await world.charge(id)).toMatchObject({ status: 'paid' });
      expect(await world.subscription(id)).toMatchObject({ status: 'active' });
    },
    async '`charges.due`, subscription paused'() {
      const id = await world.onboard('order-1', 'monthly');
      gateway.script(declined('INSUFFICIENT_BALANCE'));
      await world.work();
      await pauseSubscription(ctx, id, { actor: 'product' });
      await world.liveUntil('2026-02-03T02:00:00Z');
      expect(await world.charge(id)).toMatchObject({ status: 'due', next_attempt_at: null });
      await resumeSubscription(ctx, id, { actor: 'product' });
      await world.liveUntil('2026-02-04T02:00:00Z');
      expect(await world.charge(id)).toMatchObject({ status: 'paid' });
    },
    async '`charges.attempting`'() {
      const id = await attempted(unknown());
      expect(await world.charge(id)).toMatchObject({ status: 'attempting' });
      await world.liveUntil('2026-02-01T02:00:00Z');
      expect(await world.charge(id)).toMatchObject({ status: 'held' });
    },
    async '`charges.held`'() {
      const id = await attempted(unknown());
      await world.liveUntil('2026-02-01T02:00:00Z');
      expect(told('charge held for a person')).toHaveLength(1);
      gateway.finds(`due_${id}_0_1`, {
        kind: 'found',
        outcome: { kind: 'succeeded', paymentRequestId: 'p', paymentId: 'y' },
      });
      const [sent] = gateway.sent;
      if (sent === undefined) throw new Error('Nothing was sent.');
      await world.receives(paymentEvent(sent, { kind: 'succeeded', paymentRequestId: 'p', paymentId: 'y' }));
      await world.work();
      expect(await world.charge(id)).toMatchObject({ status: 'paid' });
    },
    async '`attempts.in flight`'() {
      const id = await attempted(unknown());
      await world.above(
        `update attempts set outcome = null, outcome_at = null, next_check_at = null, lease_until = now() - interval '1 second'`,
      );
      await world.work();
      expect(await world.charge(id)).toMatchObject({ attempts: [{ outcome: 'unknown' }] });
    },
    async '`attempts.pending`'() {
      const id = await attempted({ kind: 'pending', paymentRequestId: 'pr-1', paymentId: null });
      await world.liveUntil('2026-02-05T02:00:00Z');
      expect(await world.charge(id)).toMatchObject({ status: 'held', hold_reason: 'unknown_outcome' });
    },
    async '`attempts.unknown`'() {
      const id = await attempted(unknown());
      await world.liveUntil('2026-02-01T02:00:00Z');
      expect(await world.charge(id)).toMatchObject({ status: 'held', hold_reason: 'unknown_outcome' });
      expect(gateway.asked.length).toBeLessThan(30);
    },
    async '`attempts.unknown`, rows gone'() {
      await attempted(unknown());
      await world.above('delete from tokens');
      await world.liveUntil('2026-03-31T02:00:00Z');
      const lines_ = told('attempt cannot be worked with: rows that it belongs to are gone');
      expect(lines_.length).toBeGreaterThan(1);
      expect(lines_.length).toBeLessThanOrEqual(16);
      expect(lines_.at(-1)).toMatchObject({ facts: { way_out: expect.stringContaining('nothing asks') } });
    },
    async '`attempts.declined`, action open'() {
      const id = await attempted(declined('REQUIRES_ACTION'));
      await world.ask(sql`update charges set next_attempt_at = ${start}::timestamptz, waits_until = null`);
      await world.liveUntil('2026-02-05T18:00:00Z');
      expect(await world.charge(id)).toMatchObject({ status: 'held', hold_reason: 'unknown_outcome' });
      expect(told('attempt could not be closed')).toHaveLength(1);
      expect(gateway.closed.length).toBeLessThan(140);
    },
    async '`subscriptions.pending`'() {
      const id = await world.create('order-1');
      gateway.expires((await world.subscription(id)).onboarding?.session_id ?? '');
      await world.liveUntil('2026-02-03T02:00:00Z');
      expect(told('subscription waits without a link')).toHaveLength(1);
      expect(await world.subscription(id)).toMatchObject({ status: 'pending', onboarding: { status: 'expired' } });
    },
    async '`subscriptions.trialing`, `subscriptions.active`, `subscriptions.past_due`'() {
      const [broken, whole] = [await world.onboard('broken', 'weekly'), await world.onboard('whole', 'weekly')];
      await world.ask(sql`update subscriptions set time_zone = 'Mars/Base' where id = ${broken}::uuid`);
      await world.work();
      expect(told('subscription cannot be worked with').length).toBeGreaterThan(0);
      expect(await world.charge(whole)).toMatchObject({ status: 'paid' });
      await world.ask(sql`update subscriptions set time_zone = 'Asia/Jakarta'`);
      await world.work();
      expect(await world.charge(broken)).toMatchObject({ status: 'paid' });
    },
    async '`subscriptions.paused`'() {
      const id = await world.onboard('order-1', 'weekly');
      await world.work();
      await pauseSubscription(ctx, id, { actor: 'product' });
      await world.liveUntil('2026-02-20T02:00:00Z');
      expect(await world.subscription(id)).toMatchObject({ status: 'paused' });
      await resumeSubscription(ctx, id, { actor: 'product' });
      await world.work();
      expect(await world.subscription(id)).toMatchObject({ status: 'active' });
    },
    async '`subscriptions.paused`, until a day'() {
      const id = await world.onboard('order-1', 'weekly');
      await world.work();
      await pauseSubscription(ctx, id, { actor: 'product', until: Temporal.PlainDate.from('2026-02-10') });
      await world.liveUntil('2026-02-10T01:59:00Z');
      expect(await world.subscription(id)).toMatchObject({ status: 'paused' });
      await world.liveUntil('2026-02-10T02:00:00Z');
      expect(await world.subscription(id)).toMatchObject({ status: 'active' });
      expect(await world.told(id)).toContain('subscription.resumed');
    },
    async '`tokens.active`, charged and ending'() {
      const id = await world.onboard('order-1', 'monthly', {}, { expiryMonth: '03', expiryYear: '2026' });
      const poisoned = await world.onboard('order-2', 'monthly', {}, { expiryMonth: '03', expiryYear: '2026' });
      await world.ask(sql`update subscriptions set charge_at = '99:99' where id = ${poisoned}::uuid`);
      await world.liveUntil('2026-04-01T02:00:00Z');
      expect((await world.told(id)).filter((kind) => kind === 'method.expiring')).toHaveLength(3);
      const looks = told('the end of a method cannot be told');
      expect(looks.length).toBeGreaterThan(0);
      expect(looks.length).toBeLessThanOrEqual(61);
    },
    async '`onboardings.active`'() {
      const id = await world.create('order-1');
      const session: typeof gateway.session = async () => ({ kind: 'silent', detail: 'no answer' });
      await world.liveUntil('2026-03-01T02:00:00Z', answering(ctx, { session }));
      expect(await world.subscription(id)).toMatchObject({
        onboarding: { status: 'expired', why: expect.any(String) },
      });
      expect(told('session is in doubt')).toHaveLength(1);
      expect(told('session ended without a method')).toHaveLength(1);
    },
    async '`inbox.received`'() {
      const id = await world.create('order-1');
      const name = (await world.subscription(id)).onboarding?.session_id ?? '';
      await world.receives(sessionEvent(name, 'COMPLETED', null));
      const readNotice: Context['gateway']['readNotice'] = () => {
        throw new Error('No key of DUEDAY_TOKEN_KEYS opens this webhook.');
      };
      await world.liveUntil('2026-03-15T02:00:00Z', answering(ctx, { readNotice }));
      expect(await inbox()).toMatchObject([{ status: 'mismatched' }]);
      expect(told('webhook could not be processed')).toHaveLength(1);
      expect(told('webhook does not match')).toHaveLength(1);
    },
    async '`charging` stopped or disarmed'() {
      const id = await world.onboard('order-1');
      await stopCharging(ctx.db, '', world.now(), 'a test');
      await world.liveUntil('2026-02-01T02:00:00Z');
      expect(gateway.sent).toEqual([]);
      expect(await world.charge(id)).toMatchObject({ status: 'due' });
    },
    async '`attempts.unknown`, of a session'() {
      const { id, token } = await linked();
      gateway.offerSays({ kind: 'silent', detail: 'no answer' });
      gateway.booksSay(...Array.from({ length: 100 }, () => refusal));
      await payThrough(ctx, token);
      await world.liveUntil('2026-02-01T03:01:00Z');
      expect(await world.charge(id)).toMatchObject({ status: 'held', hold_reason: 'unknown_outcome' });
      expect(told('charge held for a person')).toHaveLength(1);
    },
    async '`onboardings.active`, to pay in'() {
      const { id, token } = await linked();
      const led = await payThrough(ctx, token);
      gateway.expires(led.kind === 'open' ? led.session.sessionId : '');
      await world.liveUntil('2026-01-31T02:31:00Z');
      expect(await world.ask(sql`select status from onboardings where attempt_id is not null`)).toEqual([
        { status: 'expired' },
      ]);
      await world.liveUntil('2026-02-01T02:00:00Z');
      expect(await world.charge(id)).toMatchObject({
        status: 'paid',
        attempts: [{}, { via: 'session' }, { via: 'token' }],
      });
    },
  };
}
