import { expect } from 'vitest';
import { releaseDisputed } from '../../src/flows/disputes/release-disputed.ts';
import { queue } from '../../src/flows/queue/queue.ts';
import { DISPUTE, disputingIn } from '../support/disputing.ts';
import type { World } from '../support/world.ts';
import { type Lives, waiting } from './waiting.ts';

/** Payments that customers dispute, and whoever is charged no more since. */
export function livesOfDisputes(world: World): Lives {
  const { ctx } = world;
  const { told } = waiting(world);
  const { paid, raises, tells, becomes, all } = disputingIn(world);

  return {
    async '`disputes.action_required`'() {
      await raises((await paid()).paymentId);
      await tells();
      await world.liveUntil('2026-02-06T02:00:00Z');
      expect(told('dispute has to be answered soon')).toHaveLength(1);
      becomes('lost', { reason: 'EXCEEDED_DEADLINE' });
      await world.liveUntil('2026-02-08T02:00:00Z');
      expect(await all()).toMatchObject([{ state: 'lost' }]);
    },
    async '`disputes.under_review`'() {
      await raises((await paid()).paymentId, { state: 'under_review' });
      await tells();
      await world.liveUntil('2026-02-20T02:00:00Z');
      expect(await all()).toMatchObject([{ state: 'under_review' }]);
      becomes('won');
      await world.liveUntil('2026-02-21T02:00:00Z');
      expect(await all()).toMatchObject([{ state: 'won' }]);
    },
    async '`subscriptions`, stopped by a dispute'() {
      const { subscription, paymentId } = await paid();
      await raises(paymentId, { state: 'lost' });
      await tells();
      await world.liveUntil('2026-04-01T02:00:00Z');
      expect(await world.charge(subscription, 1)).toMatchObject({ status: 'held', hold_reason: 'disputed' });
      const { matters } = await queue(ctx, world.now());
      expect(matters).toContainEqual(expect.objectContaining({ kind: 'disputed', path: `/disputes/${DISPUTE}` }));
      const by = { actor: 'ana', reason: 'the customer takes it back' };
      expect(await releaseDisputed(ctx, DISPUTE, by)).toMatchObject({ kind: 'decided' });
      await world.work();
      expect(await world.charge(subscription, 1)).toMatchObject({ status: 'paid' });
    },
  };
}
