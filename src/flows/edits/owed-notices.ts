import type { Context } from '../../context.ts';
import { bucketOf } from '../../domain/charges/attempt.ts';
import { withoutNotice } from '../../infra/tables/subscriptions/consents.ts';
import { type SubscriptionDossier, subscriptionDossier } from '../../infra/tables/subscriptions/subscriptions.ts';
import { withCatalogInForce } from '../catalog/follow-catalog.ts';
import { bringingOf } from '../due-date/coming-charges.ts';
import { type AskedPrice, followPlan } from '../due-date/terms/followed-terms.ts';
import { readCursor, writeCursor } from '../views/cursor.ts';
import { major } from '../views/subscription-view.ts';

/** Whom a higher price waits for: their customers are to be told, and the old price is charged until they were. */
export async function listOwedNotices(given: Context, cursor: string | null, limit: number) {
  const ctx = await withCatalogInForce(given);
  const { current } = ctx.catalog;
  const after = readCursor(cursor, ['id'] as const)?.id ?? null;
  const plans = [...current.plans.values()].filter(({ noticeDays }) => noticeDays !== null).map(({ id }) => id);
  const ids = plans.length === 0 ? [] : await withoutNotice(ctx.db, plans, current.version, after, limit + 1);
  const looked = ids.slice(0, limit);
  const owed = await Promise.all(looked.map((id) => owedBy(ctx, id)));
  const last = looked.at(-1);
  return {
    data: owed.filter((one) => one !== null),
    next_cursor: ids.length > limit && last !== undefined ? writeCursor({ id: last }) : null,
  };
}

async function owedBy(ctx: Context, id: string) {
  const dossier = await subscriptionDossier(ctx.db, bucketOf(id), id);
  if (dossier === null) return null;
  const { terms } = await bringingOf(ctx, dossier.subscription);
  const { asked } = await followPlan(ctx, dossier.subscription, terms);
  return asked === null || asked.told !== null ? null : owedView(dossier, asked);
}

function owedView({ subscription, customer }: SubscriptionDossier, { plan, version, agreed }: AskedPrice) {
  const { id, referenceId, currency } = subscription;
  return {
    kind: 'price_change' as const,
    subject: String(version),
    subscription: id,
    reference_id: referenceId,
    customer: customer.referenceId,
    plan: plan.id,
    before_days: plan.noticeDays ?? 0,
    consent: plan.silence === 'agrees' ? ('notice' as const) : ('opt_in' as const),
    amount_before: major(agreed.amount, currency),
    amount_after: major(plan.price.minor * BigInt(agreed.quantity), currency),
    currency,
  };
}
