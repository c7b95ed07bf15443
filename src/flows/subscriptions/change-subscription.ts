import type { Context } from '../../context.ts';
import { bucketOf } from '../../domain/charges/attempt.ts';
import { type Replaced, replacedBy } from '../../domain/subscriptions/planned.ts';
import { may, statesFor, type Transition } from '../../domain/subscriptions/subscription.ts';
import type { Change } from '../../infra/tables/change/changes.ts';
import type { SubscriptionRow } from '../../infra/tables/schema/change-columns.ts';
import { type SubscriptionDossier, subscriptionDossier } from '../../infra/tables/subscriptions/subscriptions.ts';
import { stillAsSeen } from '../change/as-seen.ts';
import { isApplied, LOST, tooOften, untilApplied } from '../change/until-applied.ts';
import { isOverdue, openOverdue } from '../due-date/open-overdue.ts';
import type { Fault } from './terms.ts';

export type Changed =
  | {
      readonly kind: 'changed';
      readonly dossier: SubscriptionDossier;
      /** What was planned, and no longer is. */
      readonly replaced?: Replaced | null;
    }
  | { readonly kind: 'not_found' }
  | { readonly kind: 'refused'; readonly detail: string }
  | { readonly kind: 'invalid'; readonly faults: readonly Fault[] };

/** What becomes of a subscription; `replaces`: a change of its terms that was planned, and that this puts an end to. */
export type Decided = Change & { readonly replaces?: Replaced };

/** Why nothing is changed: its state does not allow it, or what is asked for cannot be. */
export type Refusal = { readonly refused: string } | { readonly faults: readonly Fault[] };

const UNOPENED =
  'A cycle of the subscription has fallen due and cannot be opened now (see the log): it would lack its row. Try again.';

/**
 * Changes one subscription: reads it, lets `decide` say what becomes of it, and writes that on the condition that
 * nothing else happened meanwhile. `decide` answers null when there is nothing to do.
 */
export async function changeSubscription(
  ctx: Context,
  id: string,
  move: Transition | ((subscription: SubscriptionRow) => Transition),
  decide: (dossier: SubscriptionDossier, now: Temporal.Instant) => Promise<Decided | Refusal | null>,
): Promise<Changed> {
  return await untilApplied(
    async () => {
      const now = await ctx.clock.now();
      const dossier = await subscriptionDossier(ctx.db, bucketOf(id), id);
      if (dossier === null) return { kind: 'not_found' };
      stillAsSeen(ctx, dossier.subscription);
      if (await openOverdue(ctx, [dossier], now)) return LOST;
      if (isOverdue(dossier.subscription, now)) return { kind: 'refused', detail: UNOPENED };
      const { status } = dossier.subscription;
      const transition = typeof move === 'string' ? move : move(dossier.subscription);
      if (!may(transition, status)) {
        return {
          kind: 'refused',
          detail: `The subscription is ${status}; this needs one of: ${statesFor(transition).join(', ')}.`,
        };
      }
      const decided = await decide(dossier, now);
      if (decided === null) return { kind: 'changed', dossier };
      if ('refused' in decided) return { kind: 'refused', detail: decided.refused };
      if ('faults' in decided) return { kind: 'invalid', faults: decided.faults };
      const replaced = replacedBy(dossier.subscription, decided.subscription ?? {}) ?? decided.replaces ?? null;
      return (await isApplied(ctx, decided)) ? await changed(ctx, id, replaced) : LOST;
    },
    tooOften(`Subscription ${id}`),
  );
}

async function changed(ctx: Context, id: string, replaced: Replaced | null): Promise<Changed> {
  const dossier = await subscriptionDossier(ctx.db, bucketOf(id), id);
  ctx.wake();
  return dossier === null ? { kind: 'not_found' } : { kind: 'changed', dossier, replaced };
}
