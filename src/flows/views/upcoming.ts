import type { Context } from '../../context.ts';
import { bucketOf } from '../../domain/charges/attempt.ts';
import type { Currency } from '../../domain/money/money.ts';
import { subscriptionDossier } from '../../infra/tables/subscriptions/subscriptions.ts';
import { withCatalogInForce } from '../catalog/follow-catalog.ts';
import { chargesToCome } from '../due-date/around-its-day.ts';
import { bringingOf, type ComingCharge } from '../due-date/coming-charges.ts';
import { partsView } from './lines-view.ts';
import { major } from './subscription-view.ts';

export type UpcomingView = ReturnType<typeof upcomingView>;

/**
 * The next charges of a subscription, with dates and what each would be made of were nothing to happen meanwhile: at most `count`, fewer
 * when it ends before. Null when nobody has it.
 */
export async function listUpcoming(given: Context, id: string, count: number) {
  const ctx = await withCatalogInForce(given);
  const dossier = await subscriptionDossier(ctx.db, bucketOf(id), id);
  if (dossier === null) return null;
  const { subscription, customer } = dossier;
  const bringing = await bringingOf(ctx, subscription);
  const coming = await chargesToCome(ctx, customer, bringing, { most: count, until: null }, await ctx.clock.now());
  return coming.map((charge) => upcomingView(charge, subscription.currency));
}

/** A charge that is to come, with its dates, its amount, and what it would be made of. */
export function upcomingView({ cycle, made, planName }: ComingCharge, currency: Currency) {
  return {
    cycle: cycle.number,
    period: { start: cycle.startsOn.toString(), end: cycle.endsOn.toString() },
    due_at: cycle.dueAt.toString(),
    amount: major(made.amount, currency),
    currency,
    ...partsView({ ...made, currency, periodStart: cycle.startsOn, periodEnd: cycle.endsOn }, planName),
  };
}
