import type { Context } from '../../context.ts';
import type { Charge, ChargeStatus } from '../../domain/charge.ts';
import { type Policy, windowEnd } from '../../domain/circumstances.ts';
import type { Currency } from '../../domain/money.ts';
import type { Catalog } from '../../domain/plan.ts';
import type { ChargeRow, SubscriptionRow } from '../../infra/postgres/change-columns.ts';

/** The rules of the catalog version that a charge came from. */
export async function policyOf(
  ctx: Context,
  charge: ChargeRow,
): Promise<{ readonly policy: Policy; readonly catalog: Catalog }> {
  const catalog = await ctx.catalog.version(charge.catalogVersion);
  const plan = catalog.plans.get(charge.plan);
  if (plan === undefined)
    throw new Error(
      `Plan ${charge.plan} is not in catalog version ${charge.catalogVersion}, although charge ${charge.id} came from it.`,
    );
  return { catalog, policy: { ...plan.dunning, declines: catalog.defaults.declines, catalogVersion: catalog.version } };
}

/** A charge as the rules know it. */
export function chargeOf(row: ChargeRow): Charge {
  return {
    cycle: row.cycle,
    amount: { minor: row.amount, currency: row.currency as Currency },
    status: row.status as ChargeStatus,
    collected: row.collected,
    dueAt: row.dueAt,
    openedAt: row.createdAt,
    firstAttemptAt: row.firstAttemptAt,
    ladderStep: row.ladderStep,
    technicalRetries: row.technicalRetries,
    throttles: row.throttles,
    windowFrom: row.windowFrom,
    missed: row.missed,
    catalogVersion: row.catalogVersion,
  };
}

/** When the dunning window of a charge ends. */
export async function windowEndOf(ctx: Context, { charge, subscription }: Windowed): Promise<Temporal.Instant> {
  const { policy } = await policyOf(ctx, charge);
  return windowEnd({ charge: chargeOf(charge), policy, timeZone: subscription.timeZone });
}

type Windowed = { readonly charge: ChargeRow; readonly subscription: Pick<SubscriptionRow, 'timeZone'> };

/** A person has a charge tried: where its window is over, another one begins, since nothing is tried outside of one. */
export async function reopenedWindow(
  ctx: Context,
  book: Windowed,
  now: Temporal.Instant,
): Promise<{ readonly windowFrom?: Temporal.Instant }> {
  const end = await windowEndOf(ctx, book);
  return Temporal.Instant.compare(now, end) > 0 ? { windowFrom: now } : {};
}
