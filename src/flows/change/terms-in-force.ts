import { boughtBy } from '../../domain/subscriptions/schedule.ts';
import type { Terms } from '../../domain/subscriptions/terms.ts';
import type { SubscriptionRow } from '../../infra/tables/schema/change-columns.ts';

/** A subscription with these terms in force: its row is their copy. */
export function underTerms<T extends SubscriptionRow>(subscription: T, terms: Terms): T {
  const { anchor, anchorCycle, intervalCount, intervalUnit, timeZone, chargeAt } = terms;
  const { plan, catalogVersion, quantity, amount, currency } = terms;
  const rhythm = { anchor, anchorCycle, intervalCount, intervalUnit, timeZone, chargeAt };
  const purchase = { plan, catalogVersion, quantity, amount, currency };
  return { ...subscription, ...rhythm, ...purchase, endsAfter: boughtBy(terms) };
}
