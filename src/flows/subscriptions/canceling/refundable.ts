import { type Unused, unusedShare } from '../../../domain/money/unused-share.ts';
import type { ChargeRow, SubscriptionRow } from '../../../infra/tables/schema/change-columns.ts';
import type { TermsRow } from '../../../infra/tables/schema/terms-columns.ts';
import { firstUnused } from './first-unused.ts';

/** What may be given back of the newest charge that is paid: what is left of its payment, and the share of the days that are not used. */
export type Refundable = { readonly paid: bigint; readonly unused: Unused };

export function refundableOnCancel(
  subscription: SubscriptionRow,
  last: ChargeRow | null,
  terms: readonly TermsRow[],
  at: Temporal.Instant,
): Refundable {
  if (last === null) return { paid: 0n, unused: { amount: 0n, days: 0, ofDays: 0 } };
  // What came in too much goes back first, and is no part of it.
  const gone = last.refunded + last.chargedBack - last.overpaid;
  const paid = gone > 0n ? last.collected - gone : last.collected;
  const days = { start: last.periodStart, end: last.periodEnd };
  return { paid, unused: unusedShare(paid, days, firstUnused(subscription, last, terms, at)) };
}
