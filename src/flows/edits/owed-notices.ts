import type { Context } from '../../context.ts';
import { bucketOf } from '../../domain/charges/attempt.ts';
import { withoutNotice } from '../../infra/tables/subscriptions/owed-notices.ts';
import { type SubscriptionDossier, subscriptionDossier } from '../../infra/tables/subscriptions/subscriptions.ts';
import { withCatalogInForce } from '../catalog/follow-catalog.ts';
import { decideEach } from '../change/apply-each.ts';
import { bringingOf, comingCharges } from '../due-date/coming-charges.ts';
import { type AskedPrice, followPlan } from '../due-date/terms/followed-terms.ts';
import { readCursor, writeCursor } from '../views/cursor.ts';
import { major } from '../views/subscription-view.ts';
import { owingNotices } from './owing-notices.ts';

export type OwedNotices = Awaited<ReturnType<typeof listOwedNotices>>;

/** Whom a higher price waits for: their customers are to be told, and the old price is charged until they were. */
export async function listOwedNotices(given: Context, cursor: string | null, limit: number) {
  const ctx = await withCatalogInForce(given);
  const after = readCursor(cursor, ['id'] as const)?.id ?? null;
  const owing = await owingNotices(ctx);
  const ids = owing === null ? [] : await withoutNotice(ctx.db, owing, after, limit + 1);
  const looked = ids.slice(0, limit);
  const rows = looked.map((id) => ({ subscription: { id } }));
  const { decided: owed } = await decideEach(ctx, rows, async ({ subscription: { id } }) => await owedBy(ctx, id));
  const last = looked.at(-1);
  return {
    data: owed.filter((one) => one !== null).map(owedView),
    next_cursor: ids.length > limit && last !== undefined ? writeCursor({ id: last }) : null,
  };
}

/** A subscription whose customer is to be told of a higher price. */
export type Owed = { readonly dossier: SubscriptionDossier; readonly asked: AskedPrice };

/** Null: nothing is owed after all, since something else was agreed for later, or nothing more is charged. */
export async function owedBy(ctx: Context, id: string): Promise<Owed | null> {
  const dossier = await subscriptionDossier(ctx.db, bucketOf(id), id);
  if (dossier === null) return null;
  const bringing = await bringingOf(ctx, dossier.subscription);
  const { asked } = await followPlan(ctx, dossier.subscription, bringing.terms);
  if (asked === null || asked.told !== null) return null;
  const isCharged =
    dossier.subscription.status === 'paused' ||
    (await comingCharges(ctx, bringing, { most: 1, until: null }, await ctx.clock.now())).length > 0;
  return isCharged ? { dossier, asked } : null;
}

function owedView({ dossier: { subscription, customer }, asked: { plan, version, agreed } }: Owed) {
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
