import type { AsSeen, Context } from '../../../context.ts';
import { isPausePlanned, standsStill } from '../../../domain/subscriptions/pause.ts';
import { may, type SubscriptionStatus, type Transition } from '../../../domain/subscriptions/subscription.ts';
import { openChargesOf } from '../../../infra/tables/charges/charges.ts';
import { type SubscriptionDossier, subscriptionDossiers } from '../../../infra/tables/subscriptions/subscriptions.ts';
import { major } from '../subscription-view.ts';

/** A subscription as somebody has it before their eyes who decides about it. */
export type SubscriptionSubject = {
  readonly id: string;
  readonly reference: string;
  readonly state: SubscriptionStatus;
  readonly zone: string;
  readonly currency: string;
  /** What a cycle costs. */
  readonly amount: number;
  readonly seen: AsSeen;
  /** When its next cycle begins; null: none does, or nobody knows. */
  readonly nextCycleAt: Temporal.Instant | null;
  readonly resumesAt: Temporal.Instant | null;
  readonly isToBeCanceled: boolean;
  readonly isToBePaused: boolean;
  readonly standsStill: boolean;
  /** What is due of it and not paid. */
  readonly due: { readonly charges: number; readonly amount: number };
  /** Whether its state allows each of these. */
  readonly may: (transition: Transition) => boolean;
};

/** These subscriptions, as they stand now; one that nobody has is missing. */
export async function subscriptionSubjects(
  ctx: Context,
  ids: readonly string[],
): Promise<readonly SubscriptionSubject[]> {
  return await Promise.all((await subscriptionDossiers(ctx.db, ids)).map((one) => subjectOf(ctx, one)));
}

async function subjectOf(ctx: Context, { subscription }: SubscriptionDossier): Promise<SubscriptionSubject> {
  const { id, referenceId, status, timeZone, currency, amount, nextCycleAt, resumesAt } = subscription;
  const due = (await openChargesOf(ctx.db, id)).filter((one) => one.status === 'due');
  return {
    id,
    reference: referenceId,
    state: status,
    zone: timeZone,
    currency,
    amount: major(amount, currency),
    seen: { subscription: id, seq: subscription.ledgerSeq },
    nextCycleAt,
    resumesAt,
    isToBeCanceled: subscription.cancelsAtPeriodEnd,
    isToBePaused: isPausePlanned(subscription),
    standsStill: standsStill(subscription),
    due: { charges: due.length, amount: due.reduce((sum, one) => sum + major(one.amount, currency), 0) },
    may: (transition) => may(transition, status),
  };
}
