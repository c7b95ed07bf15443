import type { SubscriptionRow } from '../../infra/tables/schema/change-columns.ts';
import type { NewTermsRow } from '../../infra/tables/schema/terms-columns.ts';
import { inForceOf } from './agreed-later.ts';

/** What was in force before the first terms of all, which only the subscription's row had; nothing where there are terms already. */
export function createdTerms(
  subscription: SubscriptionRow,
  actor: string,
  now: Temporal.Instant,
): readonly NewTermsRow[] {
  const { bucket, id, terms, endsAfter, anchorCycle } = subscription;
  if (terms > 0) return [];
  return [
    {
      ...inForceOf(subscription, []),
      bucket,
      subscriptionId: id,
      number: 1,
      origin: 'created',
      fromCycle: anchorCycle,
      lastCycle: endsAfter === null ? null : endsAfter - 1,
      actor,
      agreedAt: now,
    },
  ];
}
