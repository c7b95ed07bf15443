import type { Context } from '../../../context.ts';
import type { Plan } from '../../../domain/catalog/plan.ts';
import { isSoldAlike } from '../../../domain/subscriptions/followed-terms.ts';
import type { SubscriptionRow } from '../../../infra/tables/schema/change-columns.ts';
import type { ConsentRow, NoticeRow } from '../../../infra/tables/schema/consent-columns.ts';
import { priceConsents, priceNotices } from '../../../infra/tables/subscriptions/consents.ts';

/** That a customer was told of a price, and what the plan said that they were told by. */
export type ToldPrice = { readonly notice: NoticeRow; readonly plan: Plan };

type Owned = Pick<SubscriptionRow, 'bucket' | 'id'>;

/** When its customer was told of this price first, under whichever version that sells the plan for it; null: never. */
export async function toldOfPrice(ctx: Context, subscription: Owned, plan: Plan): Promise<ToldPrice | null> {
  for (const notice of await priceNotices(ctx.db, subscription)) {
    const told = await soldAlike(ctx, notice.subject, plan);
    if (told !== null) return { notice, plan: told };
  }
  return null;
}

/** What stands last in the books of their consent to exactly this price; null: nothing. */
export async function answerToPrice(ctx: Context, subscription: Owned, plan: Plan): Promise<ConsentRow | null> {
  for (const consent of (await priceConsents(ctx.db, subscription)).toReversed())
    if (consent.subject !== null && (await soldAlike(ctx, consent.subject, plan)) !== null) return consent;
  return null;
}

/** The plan of the version that was named, where it costs the same there. */
async function soldAlike({ catalog }: Context, version: string, plan: Plan): Promise<Plan | null> {
  const sold = (await catalog.version(Number(version))).plans.get(plan.id);
  return sold !== undefined && isSoldAlike(sold, plan) ? sold : null;
}
