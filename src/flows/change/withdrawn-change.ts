import type { Context } from '../../context.ts';
import { cycleAt } from '../../domain/calendar/cycle.ts';
import type { Replaced } from '../../domain/subscriptions/planned.ts';
import { scheduleOf } from '../../domain/subscriptions/schedule.ts';
import { nextTermsAfter } from '../../domain/subscriptions/terms.ts';
import type { Agreed } from '../../infra/tables/change/agreed-rows.ts';
import type { SubscriptionRow, SubscriptionState } from '../../infra/tables/schema/change-columns.ts';
import type { ChangeRow, TermsRow } from '../../infra/tables/schema/terms-columns.ts';
import { agreedLater } from './agreed-later.ts';

/** A planned change with its terms, as it is withdrawn. */
export function withdrawnChange(planned: ChangeRow, why: string, now: Temporal.Instant) {
  const { bucket, subscriptionId, termsNumber } = planned;
  return {
    changes: [{ ...planned, state: 'withdrawn' as const, appliesAt: null, closedAt: now, why }],
    withdrawnTerms: termsNumber === null ? [] : [{ bucket, subscriptionId, number: termsNumber, withdrawnAt: now }],
  };
}

/** When the next cycle falls due, and which terms were agreed for later, without what was planned. */
export function withoutPlanned(
  subscription: SubscriptionRow,
  later: readonly TermsRow[],
  now: Temporal.Instant,
): Pick<SubscriptionState, 'nextCycleAt' | 'nextTermsFrom'> {
  const { nextCycle, nextCycleAt } = subscription;
  const { dueAt } = cycleAt(scheduleOf(subscription, later), nextCycle);
  const next = Temporal.Instant.compare(dueAt, now) < 0 ? now : dueAt;
  return {
    nextCycleAt: nextCycleAt === null ? null : next,
    nextTermsFrom: nextTermsAfter(later, nextCycle - 1),
  };
}

/** What becomes of the change that is planned when its subscription is canceled; nothing where none is. */
export async function plannedEnds(
  ctx: Context,
  subscription: SubscriptionRow,
  why: string,
  now: Temporal.Instant,
): Promise<{
  readonly subscription: Partial<SubscriptionState>;
  readonly parts: { readonly agreed?: Agreed; readonly replaces?: Replaced };
}> {
  const { later, planned } = await agreedLater(ctx, subscription);
  if (planned === null) return { subscription: {}, parts: {} };
  return {
    subscription: withoutPlanned(subscription, later, now),
    parts: { agreed: withdrawnChange(planned, why, now), replaces: replacedChange(planned) },
  };
}

/** A planned change that another puts an end to, as its answer names it. */
export function replacedChange({ appliesAt, reason }: ChangeRow): Replaced {
  return { what: 'change', at: appliesAt, reason };
}
