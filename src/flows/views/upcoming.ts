import type { Context } from '../../context.ts';
import type { Cycle } from '../../domain/calendar/cycle.ts';
import { bucketOf } from '../../domain/charges/attempt.ts';
import { couponCounts } from '../../infra/tables/charges/coupon-charges.ts';
import type { SubscriptionRow } from '../../infra/tables/schema/change-columns.ts';
import type { TermsRow } from '../../infra/tables/schema/terms-columns.ts';
import { waitingItems } from '../../infra/tables/subscriptions/items.ts';
import { subscriptionDossier } from '../../infra/tables/subscriptions/subscriptions.ts';
import { laterOf } from '../../infra/tables/subscriptions/terms.ts';
import { madeOfLines, type OpenedCycle } from '../due-date/made-of-lines.ts';
import { underTermsOf } from '../due-date/terms-reached.ts';
import { partsView } from './lines-view.ts';
import { chargedNext, major } from './subscription-view.ts';

export type UpcomingView = NonNullable<Awaited<ReturnType<typeof listUpcoming>>>[number];

/**
 * The next charges of a subscription, with dates and what each would be made of were nothing to happen meanwhile: at most `count`, fewer
 * when it ends before. Null when nobody has it.
 */
export async function listUpcoming(ctx: Context, id: string, count: number) {
  const dossier = await subscriptionDossier(ctx.db, bucketOf(id), id);
  if (dossier === null) return null;
  const { subscription } = dossier;
  const [later, items, counts, now] = await Promise.all([
    laterOf(ctx.db, [subscription]),
    waitingItems(ctx.db, [id]),
    couponCounts(ctx.db, [subscription]),
    ctx.clock.now(),
  ]);
  const terms = later.get(id)?.terms ?? [];
  const cycles = await Promise.all(
    chargedNext(subscription, terms, count).map((cycle) => comingCycle(ctx, subscription, terms, cycle)),
  );
  const brought = { items: items.get(id) ?? [], discounted: counts.get(id) ?? 0 };
  const { made } = await madeOfLines(ctx, subscription, cycles, brought, now);
  return cycles.flatMap(({ opening: { cycle }, subscription: agreed, plan }, index) => {
    const parts = made[index];
    if (parts === undefined) return [];
    const { currency } = agreed;
    const days = { periodStart: cycle.startsOn, periodEnd: cycle.endsOn };
    return [
      {
        cycle: cycle.number,
        period: { start: cycle.startsOn.toString(), end: cycle.endsOn.toString() },
        due_at: cycle.dueAt.toString(),
        amount: major(parts.amount, currency),
        currency,
        ...partsView({ ...parts, ...days, currency }, plan?.name ?? agreed.plan),
      },
    ];
  });
}

/** As it would be opened: by the catalog in force, or else the version that the subscription comes from. */
async function comingCycle(
  ctx: Context,
  subscription: SubscriptionRow,
  terms: readonly TermsRow[],
  cycle: Cycle,
): Promise<OpenedCycle> {
  const agreed = underTermsOf(subscription, terms, cycle.number);
  const plan =
    ctx.catalog.current.plans.get(agreed.plan) ??
    (await ctx.catalog.version(agreed.catalogVersion)).plans.get(agreed.plan);
  const opening = { cycle, becomes: 'due', missed: false, why: 'the cycle falls due' } as const;
  return { opening, subscription: agreed, plan, askedAt: null };
}
