import type { Context } from '../../context.ts';
import type { Plan } from '../../domain/catalog/plan.ts';
import { movesByItself, type Repricing, repricedPlan } from '../../domain/subscriptions/repricing/repricing.ts';

/** A plan as it is sold to somebody, and the catalog version that its price is of. */
export type SoldPlan = { readonly plan: Plan; readonly version: number };

/** A plan as it is sold to whoever is repriced to it: by the rules in force, at the price of its version. Null: that one does not have it. */
export async function repricedTo(
  { catalog }: Pick<Context, 'catalog'>,
  { plan: id, version }: Pick<Repricing, 'plan' | 'version'>,
): Promise<SoldPlan | null> {
  const priced = (await catalog.version(version)).plans.get(id);
  return priced === undefined ? null : { plan: repricedPlan(catalog.current.plans.get(id) ?? priced, priced), version };
}

/**
 * A plan as it is sold to a subscription for the cycles to come: as the catalog in force has it, or at the price that a repricing moves it
 * to. A catalog in force that moves everybody by itself is newer than the repricing. Null: it is not sold any more.
 */
export async function soldTo(
  ctx: Pick<Context, 'catalog'>,
  repricing: Repricing | null,
  id: string,
): Promise<SoldPlan | null> {
  const { current } = ctx.catalog;
  const inForce = current.plans.get(id);
  const repriced = repricing?.plan === id ? await repricedTo(ctx, repricing) : null;
  if (repriced !== null && !movesByItself(inForce, repriced.plan)) return repriced;
  return inForce === undefined ? null : { plan: inForce, version: current.version };
}
