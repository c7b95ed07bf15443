import type { Context } from '../../context.ts';
import { bucketOf } from '../../domain/charges/attempt.ts';
import { subscriptionDossier } from '../../infra/tables/subscriptions/subscriptions.ts';
import { methodsOf } from '../methods/ranking.ts';

/** The methods of a subscription, the one that is charged first; null when nobody has the subscription. */
export async function listMethods(ctx: Context, id: string) {
  const dossier = await subscriptionDossier(ctx.db, bucketOf(id), id);
  if (dossier === null) return null;
  return (await methodsOf(ctx, dossier.subscription)).map((method, index) => ({
    id: method.id,
    rank: index + 1,
    channel_code: method.channelCode,
    label: method.label,
    status: method.status,
    expiry_month: method.expiryMonth,
    expiry_year: method.expiryYear,
    recurring_expiry: method.recurringExpiry.toString(),
  }));
}
