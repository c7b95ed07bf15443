import type { Context } from '../../context.ts';
import { cycleStart, localDate } from '../../domain/calendar/cycle.ts';
import type { Plan } from '../../domain/catalog/plan.ts';
import { coveringAll, type Mandate, mandateFor, type SavedFor } from '../../domain/methods/mandate.ts';
import { placeOf, scheduleOf } from '../../domain/subscriptions/schedule.ts';
import { afterShift } from '../../domain/subscriptions/shift.ts';
import { scheduleUnder, type Terms } from '../../domain/subscriptions/terms.ts';
import type { SubscriptionRow } from '../../infra/tables/schema/change-columns.ts';
import { awaitingOf, laterOf } from '../../infra/tables/subscriptions/terms.ts';
import { unpaidCycles } from '../change/unpaid-cycles.ts';

/** What a method is to be good for that is saved now: what is agreed, and what was agreed for later. */
export type ToSave = {
  readonly mandate: Mandate;
  /** The plan of a change that is planned, its terms, and the day on which they begin; null: none is. */
  readonly next: { readonly plan: Plan; readonly terms: Terms; readonly startsOn: Temporal.PlainDate } | null;
};

/**
 * The mandate that covers all of it: as often as the plan that charges most often, and until the last of all charges, however far a
 * pause or an unpaid cycle has moved it. So a change that was refused for the sake of the method can be made with the new one.
 */
export async function mandateToAsk(
  ctx: Context,
  subscription: SubscriptionRow,
  { plan, saveFor }: { readonly plan: Plan; readonly saveFor: SavedFor | undefined },
  now: Temporal.Instant,
): Promise<ToSave> {
  const today = localDate(now, subscription.timeZone);
  const { mandateYears } = ctx.catalog.current.defaults;
  const asked = (of: Plan, from: Temporal.PlainDate) => mandateFor(of, from, mandateYears, saveFor);
  const own = asked(plan, today);
  if (subscription.anchor === null) return { mandate: own, next: null };
  const { terms = [], planned = null } = (await laterOf(ctx.db, [subscription])).get(subscription.id) ?? {};
  const next = await nextOf(ctx, terms.find(({ number }) => number === planned?.termsNumber) ?? null);
  const awaited = subscription.changes === 0 ? null : await awaitingOf(ctx.db, subscription);
  const waiting = awaited?.after == null ? null : await planOf(ctx, awaited.after.plan, awaited.after.catalog_version);
  const end = await endOf(ctx, subscription, terms, plan);
  const mandate = coveringAll([
    end === null ? own : { ...own, recurringExpiry: end },
    own,
    ...(next === null ? [] : [asked(untried(next.plan), next.startsOn)]),
    ...(waiting === null ? [] : [asked(untried(waiting), today)]),
  ]);
  return { mandate, next };
}

/** Nobody begins with a trial, or pays a set-up fee, with a change. */
function untried(plan: Plan): Plan {
  return { ...plan, trial: null, setupFee: null };
}

async function nextOf(ctx: Context, terms: Terms | null): Promise<ToSave['next']> {
  const plan = terms === null ? null : await planOf(ctx, terms.plan, terms.catalogVersion);
  if (terms === null || plan === null) return null;
  return { plan, terms, startsOn: cycleStart(scheduleUnder(terms, []), terms.fromCycle) };
}

async function planOf({ catalog }: Context, plan: string, version: number): Promise<Plan | null> {
  return catalog.current.plans.get(plan) ?? (await catalog.version(version)).plans.get(plan) ?? null;
}

/** The last day on which a charge of the terms in force may be tried; null: they have no end. */
async function endOf(
  ctx: Context,
  seen: SubscriptionRow,
  agreed: readonly Terms[],
  { dunning }: Plan,
): Promise<Temporal.PlainDate | null> {
  const { subscription, terms } = afterShift(seen, agreed);
  const unpaid = (await unpaidCycles(ctx, [subscription])).get(subscription.id) ?? 0;
  const { over } = placeOf({ ...subscription, cancelsAtPeriodEnd: false }, terms, unpaid);
  return over === null ? null : cycleStart(scheduleOf(subscription, terms), over).add({ days: dunning.windowDays });
}
