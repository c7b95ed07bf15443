import type { NewTerms } from '../../../domain/subscriptions/new-terms.ts';
import { nextTermsAfter } from '../../../domain/subscriptions/terms.ts';
import type { SubscriptionRow } from '../../../infra/tables/schema/change-columns.ts';
import type { NewTermsRow, TermsRow } from '../../../infra/tables/schema/terms-columns.ts';

/** From which cycle on the row of the subscription is no copy of its terms: where the new ones are planned, or have another rhythm. */
export function nextTermsFrom(
  subscription: SubscriptionRow,
  { terms, applies }: NewTerms,
  later: readonly TermsRow[],
  rows: readonly NewTermsRow[],
): number | null {
  const { anchor, anchorCycle, intervalCount, intervalUnit } = subscription;
  const isMoved =
    anchor === null ||
    !terms.anchor.equals(anchor) ||
    terms.anchorCycle !== anchorCycle ||
    terms.intervalCount !== intervalCount ||
    terms.intervalUnit !== intervalUnit;
  const isAhead = applies !== 'now' || isMoved || later.length > 0;
  return isAhead ? nextTermsAfter([...later, ...rows.slice(-1)], -1) : null;
}
