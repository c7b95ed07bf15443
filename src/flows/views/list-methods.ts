import type { Context } from '../../context.ts';
import { localDate } from '../../domain/calendar/cycle.ts';
import { bucketOf } from '../../domain/charges/attempt.ts';
import { methodEnd } from '../../domain/methods/method-end.ts';
import { NOT_SAVED } from '../../domain/methods/token-moves.ts';
import type { SubscriptionRow } from '../../infra/tables/schema/change-columns.ts';
import type { TokenRow } from '../../infra/tables/schema/method-columns.ts';
import { subscriptionDossier } from '../../infra/tables/subscriptions/subscriptions.ts';
import { methodsOf } from '../methods/ranking.ts';
import { methodView } from './method-view.ts';

/** The methods of a subscription, the one that is charged first; null when nobody has the subscription. */
export async function listMethods(ctx: Context, id: string) {
  const dossier = await subscriptionDossier(ctx.db, bucketOf(id), id);
  if (dossier === null) return null;
  const methods = (await methodsOf(ctx, dossier.subscription)).filter(({ endedReason }) => endedReason !== NOT_SAVED);
  return methods.map((method, index) => ({
    ...methodView(method, index),
    expiry_month: method.expiryMonth,
    expiry_year: method.expiryYear,
    recurring_expiry: method.recurringExpiry.toString(),
    ...endView(method, dossier.subscription),
  }));
}

/** Until when it may be counted on, and what ends it then. */
export function endView(method: TokenRow, { country, timeZone }: SubscriptionRow) {
  const savedOn = localDate(method.savedAt, timeZone);
  const end = methodEnd({ ...method, country: method.country ?? country, savedOn });
  return { ends_on: end.on.toString(), ends_by: end.by };
}
