import type { Context } from '../../context.ts';
import { bucketOf } from '../../domain/charges/attempt.ts';
import { may, statesFor, type Transition } from '../../domain/subscriptions/subscription.ts';
import type { Change } from '../../infra/tables/change/changes.ts';
import { type SubscriptionDossier, subscriptionDossier } from '../../infra/tables/subscriptions/subscriptions.ts';
import { isApplied, LOST, tooOften, untilApplied } from '../change/until-applied.ts';
import { isOverdue, openOverdue } from '../due-date/open-charges.ts';

export type Changed =
  | { readonly kind: 'changed'; readonly dossier: SubscriptionDossier }
  | { readonly kind: 'not_found' }
  | { readonly kind: 'refused'; readonly detail: string };

const UNOPENED =
  'A cycle of the subscription has fallen due and cannot be opened now (see the log): it would lack its row. Try again.';

/**
 * Changes one subscription: reads it, lets `decide` say what becomes of it, and writes that on the condition that
 * nothing else happened meanwhile. `decide` answers null when there is nothing to do.
 */
export async function changeSubscription(
  ctx: Context,
  id: string,
  transition: Transition,
  decide: (dossier: SubscriptionDossier, now: Temporal.Instant) => Promise<Change | null>,
): Promise<Changed> {
  return await untilApplied(
    async () => {
      const now = await ctx.clock.now();
      const dossier = await subscriptionDossier(ctx.db, bucketOf(id), id);
      if (dossier === null) return { kind: 'not_found' };
      if (await openOverdue(ctx, [dossier], now)) return LOST;
      if (isOverdue(dossier.subscription, now)) return { kind: 'refused', detail: UNOPENED };
      const status = dossier.subscription.status;
      if (!may(transition, status)) {
        return {
          kind: 'refused',
          detail: `The subscription is ${status}; this needs one of: ${statesFor(transition).join(', ')}.`,
        };
      }
      const change = await decide(dossier, now);
      if (change === null) return { kind: 'changed', dossier };
      return (await isApplied(ctx, change)) ? await changed(ctx, id) : LOST;
    },
    tooOften(`Subscription ${id}`),
  );
}

async function changed(ctx: Context, id: string): Promise<Changed> {
  const dossier = await subscriptionDossier(ctx.db, bucketOf(id), id);
  ctx.wake();
  return dossier === null ? { kind: 'not_found' } : { kind: 'changed', dossier };
}
