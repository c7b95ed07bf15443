import type { Context } from '../../context.ts';
import { localDate } from '../../domain/calendar/cycle.ts';
import type { Plan } from '../../domain/catalog/plan.ts';
import { type Mandate, mandateFor } from '../../domain/methods/mandate.ts';
import type { SubscriptionRow } from '../../infra/tables/schema/change-columns.ts';

type Named = Pick<SubscriptionRow, 'catalogVersion' | 'plan'>;

/** What a method is kept for that is saved in a session which was offered then: as the plan has it for every other. */
export async function mandateOn(
  ctx: Context,
  subscription: Named & Pick<SubscriptionRow, 'timeZone'>,
  sentAt: Temporal.Instant,
): Promise<Mandate> {
  const from = localDate(sentAt, subscription.timeZone);
  return mandateFor(await planNamed(ctx, subscription), from, ctx.catalog.current.defaults.mandateYears);
}

export async function planNamed(ctx: Context, named: Named): Promise<Plan> {
  const plan = (await ctx.catalog.version(named.catalogVersion)).plans.get(named.plan);
  if (plan === undefined) throw new Error(`Plan ${named.plan} is not in catalog version ${named.catalogVersion}.`);
  return plan;
}
