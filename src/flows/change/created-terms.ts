import type { Terms, TermsOrigin } from '../../domain/subscriptions/terms.ts';
import type { SubscriptionRow } from '../../infra/tables/schema/change-columns.ts';
import type { NewTermsRow } from '../../infra/tables/schema/terms-columns.ts';
import { inForceOf } from './agreed-later.ts';

/** What was in force before the first terms of all, which only the subscription's row had; nothing where there are terms already. */
export function createdTerms(
  subscription: SubscriptionRow,
  actor: string,
  now: Temporal.Instant,
): readonly NewTermsRow[] {
  const { bucket, id, terms } = subscription;
  if (terms > 0) return [];
  const { coupon = null, ...inRow } = termsInRow(subscription);
  return [{ ...inRow, coupon, bucket, subscriptionId: id, origin: 'created', actor, agreedAt: now }];
}

/** New terms as rows, with what was in force until then before the first ones of all. */
export function newTermsRows(
  subscription: SubscriptionRow,
  agreed: readonly Omit<Terms, 'number'>[],
  origin: TermsOrigin,
  actor: string,
  now: Temporal.Instant,
): readonly NewTermsRow[] {
  const { bucket, id, terms: highest } = subscription;
  const first = createdTerms(subscription, actor, now);
  const of = { bucket, subscriptionId: id, origin, actor, agreedAt: now };
  const rows = agreed.map(({ coupon = null, ...terms }, index) => {
    return { ...terms, coupon, ...of, number: highest + first.length + index + 1 };
  });
  return [...first, ...rows];
}

/** What the row of a subscription has of its terms, as those that were agreed first. */
export function termsInRow(subscription: SubscriptionRow): Terms {
  const { endsAfter, anchorCycle } = subscription;
  const lastCycle = endsAfter === null ? null : endsAfter - 1;
  return { ...inForceOf(subscription, []), number: 1, fromCycle: anchorCycle, lastCycle };
}
