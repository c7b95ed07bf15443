import type { Context } from '../../context.ts';
import type { Plan } from '../../domain/catalog/plan.ts';
import { addUp, type Discount, type Sums, type ToAddUp } from '../../domain/money/sums.ts';
import { taxOn } from '../../domain/money/taxes.ts';
import { linesOf, type NewTerms } from '../../domain/subscriptions/new-terms.ts';
import { periodDiscount } from '../../domain/subscriptions/period-discount.ts';
import type { ProratedLine } from '../../domain/subscriptions/proration.ts';
import type { Terms } from '../../domain/subscriptions/terms.ts';
import type { SubscriptionRow } from '../../infra/tables/schema/change-columns.ts';
import { chargeOfCycle } from '../../infra/tables/subscriptions/cycles.ts';
import { bareLine } from './applied-terms.ts';

/** What a change costs and gives back of the period that it divides; `toCome`: what will be taken off that period, where it is not opened yet. */
export async function proratedChange(
  ctx: Context,
  subscription: SubscriptionRow,
  change: NewTerms,
  toCome: Discount | null = null,
): Promise<{ readonly lines: readonly ProratedLine[]; readonly sums: Sums }> {
  const paid = await paidFor(ctx, subscription, change, toCome);
  const lines = linesOf(change, namesOf(ctx, change), paid);
  return { lines, sums: sumsOf(ctx, change, lines) };
}

/** Whether the divided period was paid, or is still asked for: of one that is void or given up nobody paid anything. And what was taken off it. */
async function paidFor(
  ctx: Context,
  subscription: SubscriptionRow,
  { divides }: NewTerms,
  toCome: Discount | null,
): Promise<{ readonly isPaidFor: boolean; readonly discount: Discount | null }> {
  if (divides === null) return { isPaidFor: false, discount: null };
  const charge =
    divides.number < subscription.nextCycle ? await chargeOfCycle(ctx.db, subscription, divides.number) : null;
  const isPaidFor = charge === null || !['void', 'uncollectible', 'refunded'].includes(charge.status);
  return { isPaidFor, discount: charge === null ? toCome : periodDiscount(charge, subscription.coupon) };
}

/** The sums of what a change costs, as the next charge would have them. */
function sumsOf(ctx: Context, change: NewTerms, lines: readonly ProratedLine[]): Sums {
  return addUp({ ...askedOn(ctx, change, lines, change.nextStartsOn), credit: 0n, least: null });
}

/** What a charge of that day asks for a change. */
export function askedOn(
  ctx: Context,
  { terms }: NewTerms,
  lines: readonly ProratedLine[],
  day: Temporal.PlainDate,
): Pick<ToAddUp, 'lines' | 'discount' | 'tax'> {
  const tax = ctx.catalog.current.plans.get(terms.plan)?.tax ?? null;
  return { lines: lines.map(bareLine), discount: null, tax: tax === null ? null : taxOn(tax, day) };
}

function namesOf(ctx: Context, { before, terms }: NewTerms): { readonly before: string; readonly after: string } {
  return { before: nameOf(ctx.catalog.current.plans, before), after: nameOf(ctx.catalog.current.plans, terms) };
}

function nameOf(plans: ReadonlyMap<string, Plan>, { plan, quantity }: Pick<Terms, 'plan' | 'quantity'>): string {
  const name = plans.get(plan)?.name ?? plan;
  return quantity === 1 ? name : `${quantity} x ${name}`;
}
