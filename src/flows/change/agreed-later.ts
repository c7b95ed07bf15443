import type { Context } from '../../context.ts';
import type { InForce } from '../../domain/subscriptions/new-terms.ts';
import type { Terms } from '../../domain/subscriptions/terms.ts';
import type { SubscriptionRow } from '../../infra/tables/schema/change-columns.ts';
import type { ChangeRow, TermsRow } from '../../infra/tables/schema/terms-columns.ts';
import { plannedOf, termsFrom } from '../../infra/tables/subscriptions/terms.ts';

/** The terms in force and what was agreed for later, but for a change that is planned: a new one replaces it. */
export async function agreedLater(
  ctx: Context,
  subscription: SubscriptionRow,
): Promise<{ readonly later: readonly TermsRow[]; readonly planned: ChangeRow | null }> {
  if (subscription.terms === 0) return { later: [], planned: null };
  const [rows, changes] = await Promise.all([
    termsFrom(ctx.db, subscription, subscription.nextCycle),
    plannedOf(ctx.db, [subscription.id]),
  ]);
  const planned = changes.get(subscription.id) ?? null;
  return { later: rows.filter(({ number }) => number !== planned?.termsNumber), planned };
}

/** The terms in force, as rules read them. */
export function inForceOf(subscription: SubscriptionRow, later: readonly Terms[]): InForce {
  const { id, anchor, amount, quantity } = subscription;
  if (anchor === null) throw new Error(`Subscription ${id} has terms to be changed but no anchor.`);
  return { ...subscription, anchor, unitAmount: amount / BigInt(quantity), later };
}
