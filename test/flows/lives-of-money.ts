import { sql } from 'drizzle-orm';
import { expect } from 'vitest';
import { checkCollected } from '../../src/flows/books/check-collected.ts';
import { newComparison } from '../../src/flows/books/comparison.ts';
import { recheckFindings } from '../../src/flows/books/recheck-findings.ts';
import { behindLink } from '../../src/flows/paying/pay-link.ts';
import { withdrawRefund } from '../../src/flows/refunds/decide-refund.ts';
import { workRefunds } from '../../src/flows/refunds/work-refunds.ts';
import { cancelSubscription } from '../../src/flows/subscriptions/canceling/cancel-subscription.ts';
import { openFindings } from '../../src/infra/tables/books/findings.ts';
import { refundingIn } from '../support/refunding.ts';
import type { World } from '../support/world.ts';
import { type Lives, start, waiting } from './waiting.ts';

/** Money that is compared, asked for by a link, or given back. */
export function livesOfMoney(world: World): Lives {
  const { ctx, gateway } = world;
  const { told, linked } = waiting(world);
  const refunding = refundingIn(world);

  return {
    async '`findings.open`'() {
      const id = await world.onboard('order-1');
      await world.ask(sql`insert into findings (bucket, kind, reference, subscription_id, why, found_at)
        select s.bucket, 'not_at_xendit', 'due_' || s.id || '_' || n || '_1', s.id, 'a test', ${start}::timestamptz + n * interval '1 second'
        from subscriptions s, generate_series(1, 250) n where s.id = ${id}::uuid`);
      for (let day = 0; day < 2; day += 1) await recheckFindings(ctx, newComparison());
      expect(await world.ask(sql`select count(*)::int as never from findings where asked_at is null`)).toEqual([
        { never: 0 },
      ]);
    },
    async '`sweep` that was refused or is silent'() {
      const id = await world.onboard('order-1');
      await world.work();
      await world.ask(sql`insert into ledger select (jsonb_populate_record(l, jsonb_build_object('seq', 1000 + n,
          'entry_id', gen_random_uuid(), 'reference_id', 'due_' || l.subscription_id || '_' || n || '_1'))).*
        from ledger l, generate_series(1, 450) n where l.subscription_id = ${id}::uuid and l.kind = 'charge.paid'`);
      const day = {
        from: Temporal.Instant.from('2026-01-30T00:00:00Z'),
        until: Temporal.Instant.from('2026-02-01T00:00:00Z'),
      };
      const faults = [];
      for (let n = 0; n < 3; n += 1) {
        const comparison = newComparison();
        comparison.collected.add(`due_${id}_0_1`);
        faults.push((await checkCollected(ctx, day, comparison))?.kind ?? null);
      }
      expect(faults).toEqual(['refused', 'refused', null]);
    },
    async '`pay_links`, not yet ended'() {
      const { id, token } = await linked('EXPIRED_CARD');
      world.moveTo('2026-03-02T02:00:00Z');
      expect(await behindLink(ctx, token)).toMatchObject({ kind: 'over', as: 'ended' });
      await world.work();
      expect(await world.charge(id)).toMatchObject({ status: 'uncollectible' });
    },
    async '`refunds.wanted`'() {
      const refund = await refunding.asks((await refunding.paid()).charge);
      await world.liveUntil('2026-03-31T02:00:00Z');
      expect(await refunding.all()).toMatchObject([{ state: 'wanted' }]);
      expect(gateway.refundsAsked).toEqual([]);
      expect(await withdrawRefund(ctx, refund.id, { actor: 'ana', reason: null })).toMatchObject({ kind: 'decided' });
    },
    async '`refunds.approved`'() {
      const { charge } = await refunding.paid();
      const busy = {
        kind: 'refused',
        status: 400,
        code: 'REFUND_IN_PROGRESS',
        message: '',
        retryAfterSeconds: null,
      } as const;
      for (let n = 0; n < 60; n += 1) gateway.refundSays(busy);
      await refunding.asks(charge, { amount: 1_000 });
      await world.liveUntil('2026-02-10T02:00:00Z');
      expect(await refunding.all()).toMatchObject([{ state: 'approved' }]);
      expect(gateway.refundsAsked.length).toBeLessThan(50);
      expect(told('refund waits for a person')).toHaveLength(1);
    },
    async '`refunds.sent`'() {
      const { charge } = await refunding.paid();
      await refunding.asks(charge, { amount: 1_000 });
      const dies = (passed: string) => {
        if (passed === 'after-refund-claim') throw new Error('dies');
      };
      await workRefunds({ ...ctx, failpoint: dies });
      expect(await refunding.all()).toMatchObject([{ state: 'sent' }]);
      await world.liveUntil('2026-01-31T02:02:00Z');
      expect(await refunding.all()).toMatchObject([{ state: 'unknown' }]);
    },
    async '`refunds.unknown`'() {
      const { charge } = await refunding.paid();
      gateway.refundSays({ kind: 'silent', detail: 'no answer' }, false);
      const refund = await refunding.asks(charge, { amount: 1_000 });
      await world.liveUntil('2026-03-10T02:00:00Z');
      expect(told('refund is lost from sight')).toHaveLength(1);
      expect(await openFindings(ctx.db, ctx.buckets, ['unknown_refund'], 10)).toHaveLength(1);
      expect(await withdrawRefund(ctx, refund.id, { actor: 'ana', reason: null })).toMatchObject({ kind: 'decided' });
      expect(await openFindings(ctx.db, ctx.buckets, ['unknown_refund'], 10)).toEqual([]);
    },
    async '`refunds.pending`'() {
      const { subscription, charge } = await refunding.paid();
      await cancelSubscription(ctx, subscription, { at: 'now', reason: null, actor: 'product' });
      await refunding.asks(charge, { amount: 1_000 });
      await world.liveUntil('2026-03-20T02:00:00Z');
      expect(await refunding.all()).toMatchObject([{ state: 'pending' }]);
      expect(told('refund is pending for a month')).toHaveLength(1);
    },
  };
}
