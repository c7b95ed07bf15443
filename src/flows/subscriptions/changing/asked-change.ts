import type { Context } from '../../../context.ts';
import { cycleStart, localDate, timeZoneNamed } from '../../../domain/calendar/cycle.ts';
import { addInterval } from '../../../domain/calendar/interval.ts';
import type { Plan } from '../../../domain/catalog/plan.ts';
import type { FromWhen, InForce, Wanted } from '../../../domain/subscriptions/new-terms.ts';
import { type Purchase, scheduleUnder, termsOf } from '../../../domain/subscriptions/terms.ts';
import type { ChangeSubject } from '../../../domain/subscriptions/terms-change.ts';
import { type Fault, unknownPlan } from '../terms.ts';

/** What is asked to be different of a subscription; null: it stays. */
export type AskedChange = {
  readonly plan: string | null;
  readonly quantity: number | null;
  readonly timeZone: string | null;
  readonly chargeAt: string | null;
  readonly anchorDate: Temporal.PlainDate | null;
  /** The code of a coupon. */
  readonly coupon: string | null;
  readonly when: FromWhen;
  /** `reset`: the next period begins today. */
  readonly anchor: 'keep' | 'reset';
};

/** The request, with the names of its fields. */
export type ChangeBody = {
  readonly plan?: string | undefined;
  readonly quantity?: number | undefined;
  readonly coupon?: string | undefined;
  readonly time_zone?: string | undefined;
  readonly charge_at?: string | undefined;
  readonly anchor_date?: string | undefined;
  readonly when?: string | undefined;
  readonly anchor?: 'keep' | 'reset' | undefined;
};

/** What a request asks for: at once, where it does not say when. */
export function askedBy(body: ChangeBody): AskedChange {
  const { plan, quantity, coupon, time_zone, charge_at, anchor_date, when = 'now', anchor = 'keep' } = body;
  return {
    plan: plan ?? null,
    quantity: quantity ?? null,
    coupon: coupon ?? null,
    timeZone: time_zone === undefined ? null : (timeZoneNamed(time_zone) ?? time_zone),
    chargeAt: charge_at ?? null,
    anchorDate: anchor_date === undefined ? null : Temporal.PlainDate.from(anchor_date),
    when: when === 'now' || when === 'period_end' ? when : Temporal.PlainDate.from(when),
    anchor,
  };
}

export type ReadChange = { readonly what: ChangeSubject; readonly wanted: Wanted; readonly plan: Plan | null };

/** How far ahead a change may be planned. */
const MOST_YEARS = 2;

/** What a change asks for, in terms; or every field that keeps it from being made. */
export function readChange(
  ctx: Context,
  inForce: InForce & { readonly country: string },
  asked: AskedChange,
  now: Temporal.Instant,
): ReadChange | { readonly faults: readonly Fault[] } {
  const what = subjectOf(asked);
  const plan = asked.plan === null ? null : (ctx.catalog.current.plans.get(asked.plan) ?? null);
  const today = localDate(now, inForce.timeZone);
  const faults = [
    ...(what === null ? [{ field: 'body', message: NOTHING_ASKED }] : []),
    ...(asked.plan === null ? [] : planFaults(ctx, inForce, asked.plan, plan)),
    ...anchorFaults(inForce, asked, plan, today),
    ...whenFaults(asked.when, today),
  ];
  if (faults.length > 0 || what === null) return { faults };
  const wanted = {
    purchase: purchaseOf(ctx, inForce, asked, plan),
    plan: plan === null ? null : termsOfPlan(plan),
    timeZone: asked.timeZone,
    chargeAt: asked.chargeAt,
    anchor: asked.anchor === 'reset' ? today : asked.anchorDate,
  };
  return { what, wanted, plan };
}

const NOTHING_ASKED =
  'must name what is to change: plan, quantity, coupon, time_zone, charge_at or anchor_date, or anchor: reset';

function subjectOf({
  plan,
  quantity,
  coupon,
  timeZone,
  chargeAt,
  anchorDate,
  anchor,
}: AskedChange): ChangeSubject | null {
  if (plan !== null) return 'plan';
  if (quantity !== null) return 'quantity';
  if (coupon !== null) return 'coupon';
  if (timeZone !== null) return 'time_zone';
  if (chargeAt !== null) return 'charge_at';
  return anchorDate !== null || anchor === 'reset' ? 'anchor' : null;
}

function termsOfPlan({ interval, endsAfter }: Plan): NonNullable<Wanted['plan']> {
  return { intervalCount: interval.count, intervalUnit: interval.unit, endsAfter };
}

/** Another plan is bought at the price of the catalog in force; more or fewer of the same one at the price that was agreed. */
function purchaseOf(ctx: Context, inForce: InForce, asked: AskedChange, plan: Plan | null): Purchase | null {
  if (plan === null && asked.quantity === null) return null;
  const fromCycle = inForce.nextCycle;
  const agreed = termsOf(inForce.later, fromCycle) ?? inForce;
  const quantity = asked.quantity ?? agreed.quantity;
  const unitAmount = plan?.price.minor ?? agreed.unitAmount;
  return {
    plan: plan?.id ?? agreed.plan,
    catalogVersion: plan === null ? agreed.catalogVersion : ctx.catalog.current.version,
    unitAmount,
    quantity,
    amount: unitAmount * BigInt(quantity),
    currency: agreed.currency,
  };
}

function planFaults(
  ctx: Context,
  { currency, country }: InForce & { readonly country: string },
  asked: string,
  plan: Plan | null,
): readonly Fault[] {
  const fault = (message: string) => [{ field: 'plan', message }];
  if (plan === null) return fault(unknownPlan(ctx, asked));
  if (plan.price.currency !== currency)
    return fault(`Costs ${plan.price.currency}, and the subscription is paid in ${currency}.`);
  return plan.country === country ? [] : fault(`Is of ${plan.country}, and the subscription is of ${country}.`);
}

/** The next period begins on a day to come, which cannot be so far away that a period lasts twice as long. */
function anchorFaults(
  inForce: InForce,
  { anchorDate, anchor, when }: AskedChange,
  plan: Plan | null,
  today: Temporal.PlainDate,
): readonly Fault[] {
  const fault = (field: string, message: string) => [{ field, message }];
  if (anchor === 'reset' && when !== 'now')
    return fault('anchor', 'reset begins the next period today: leave out when, or say the day with anchor_date');
  if (anchorDate === null) return [];
  if (anchor === 'reset') return fault('anchor_date', 'goes without anchor: reset, which begins the next period today');
  if (when !== 'now') return fault('anchor_date', 'is the day on which the next period begins: leave out when');
  const next = cycleStart(scheduleUnder(inForce, inForce.later), inForce.nextCycle);
  const interval = plan?.interval ?? { count: inForce.intervalCount, unit: inForce.intervalUnit };
  const last = addInterval(next, interval, 1);
  if (Temporal.PlainDate.compare(anchorDate, today) <= 0)
    return fault('anchor_date', `Must be later than today (${today.toString()} in ${inForce.timeZone}).`);
  if (Temporal.PlainDate.compare(anchorDate, last) <= 0) return [];
  return fault('anchor_date', `Must be ${last.toString()} or earlier, an interval after the day that it is now.`);
}

function whenFaults(when: FromWhen, today: Temporal.PlainDate): readonly Fault[] {
  if (typeof when === 'string') return [];
  const last = today.add({ years: MOST_YEARS });
  const message =
    Temporal.PlainDate.compare(when, today) <= 0
      ? `Must be later than today (${today.toString()}), or now.`
      : `Must be ${last.toString()} or earlier.`;
  const isGood = Temporal.PlainDate.compare(when, today) > 0 && Temporal.PlainDate.compare(when, last) <= 0;
  return isGood ? [] : [{ field: 'when', message }];
}
