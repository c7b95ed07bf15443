import type { Context } from '../../context.ts';
import { bucketOf } from '../../domain/charges/attempt.ts';
import { subscriptionDossier } from '../../infra/tables/subscriptions/subscriptions.ts';
import { methodsOf } from '../methods/ranking.ts';
import { methodView } from './method-view.ts';

/** The methods of a subscription, the one that is charged first; null when nobody has the subscription. */
export async function listMethods(ctx: Context, id: string) {
  const dossier = await subscriptionDossier(ctx.db, bucketOf(id), id);
  if (dossier === null) return null;
  return (await methodsOf(ctx, dossier.subscription)).map((method, index) => ({
    ...methodView(method, index),
    expiry_month: method.expiryMonth,
    expiry_year: method.expiryYear,
    recurring_expiry: method.recurringExpiry.toString(),
  }));
}
