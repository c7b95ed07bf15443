import type { Context } from '../../context.ts';
import type { Entry } from '../../domain/books/ledger.ts';
import type { Catalog } from '../../domain/catalog/plan.ts';
import { NOTHING_DUE } from '../../domain/charges/moves.ts';
import { fallenDue } from '../../domain/dunning/fallen-due.ts';
import { cyclesOpened } from '../../domain/subscriptions/moves.ts';
import { isPausePlanned, isShift, restOf } from '../../domain/subscriptions/pause.ts';
import { placeOf } from '../../domain/subscriptions/schedule.ts';
import { type Losses, mayBeSecond } from '../../domain/subscriptions/second-activation.ts';
import { isConnectionFault } from '../../infra/database/db.ts';
import { errorFacts } from '../../infra/logger.ts';
import type { Change } from '../../infra/tables/change/changes.ts';
import { couponCounts } from '../../infra/tables/charges/coupon-charges.ts';
import type { SubscriptionRow } from '../../infra/tables/schema/change-columns.ts';
import type { ItemRow } from '../../infra/tables/schema/item-columns.ts';
import { waitingItems } from '../../infra/tables/subscriptions/items.ts';
import { type Owned, subscriptionsToOpen } from '../../infra/tables/subscriptions/subscriptions.ts';
import { type Later, laterOf, NOTHING_LATER } from '../../infra/tables/subscriptions/terms.ts';
import { lookAtCharging } from '../catalog/follow-catalog.ts';
import { withVoided } from '../change/after-void.ts';
import { applyEach, decideEach } from '../change/apply-each.ts';
import { record } from '../change/record.ts';
import { unpaidCycles } from '../change/unpaid-cycles.ts';
import { withItemsEnded } from '../charges/lines/ended-items.ts';
import { queuesOf } from '../control/lanes.ts';
import { newCharges } from './new-charges.ts';
import { closing, pausing } from './period-over.ts';
import { afterFollowing, followPlan, mayFollow, NOTHING_FOLLOWS, reachedFollowed } from './terms/followed-terms.ts';
import { afterOpening, changedOnItsDay, firstAfterItsDay, reachedTerms } from './terms/terms-reached.ts';
import { FOR_EVER, silenceBefore, staying } from './terms/unanswered-price.ts';

/** Subscriptions opened in one statement. */
const BATCH = 256;
/** Batches opened at once when there are many. */
const LANES = 8;
/** Rounds in a row in which somebody else was faster: enough for any race, and an end to a bug. */
const MOST_IDLE_ROUNDS = 20;
/** A cycle is a day at least: this bounds what one subscription can owe at once after a long outage. */
const MOST_CYCLES = 1_000;

/** Opens a charge for every cycle that has fallen due: one a cycle, whoever else is at it (invariant 1). */
export async function openCharges(ctx: Context, now: Temporal.Instant): Promise<void> {
  if ((await openUntil(ctx, ctx.buckets, now, 1)) === 'done') return;
  // Many: side by side, each in buckets of its own.
  const shares = queuesOf(ctx, LANES);
  await Promise.all(shares.map((buckets) => openUntil(ctx, buckets, now, Number.POSITIVE_INFINITY)));
}

/** Opens batch by batch in these buckets, and stops after a full one when it has done `most` of them. */
async function openUntil(
  ctx: Context,
  buckets: readonly number[],
  now: Temporal.Instant,
  most: number,
): Promise<'done' | 'more'> {
  const broken = new Set<string>();
  for (let [idle, full] = [0, 0]; idle < MOST_IDLE_ROUNDS; ) {
    const found = await subscriptionsToOpen(ctx.db, buckets, now, BATCH + broken.size);
    const due = found.filter(({ subscription }) => !broken.has(subscription.id));
    if (due.length === 0) return 'done';
    const losses = await lookAtCharging(ctx);
    const opened = await openings(ctx, due, losses, now);
    ctx.failpoint?.('before-opening');
    const applied = await applyEach(ctx, opened.decided);
    ctx.failpoint?.('after-opening');
    for (const id of [...opened.broken, ...applied.broken, ...applied.held]) broken.add(id);
    // Nobody was ours: others are at work on the same ones, and are looked at again.
    idle = applied.done.size > 0 ? 0 : idle + 1;
    full += due.length < BATCH ? 0 : 1;
    if (full === most) return 'more';
  }
  return 'done';
}

/** What a subscription brings to its charges that does not stand in its row. */
type Brought = {
  readonly later: Later;
  readonly items: readonly ItemRow[];
  /** Charges that carry its coupon and are not given up. */
  readonly discounted: number;
  /** Cycles that count for nothing since nobody paid them; null: each cycle counts. */
  readonly unpaid: number | null;
};

/**
 * What is opened of each of these. What was agreed for later, and what waits for a charge, is read only of those that have it; after
 * them, so that whoever adds to it moves the fence.
 */
export async function openings(ctx: Context, dossiers: readonly Owned[], losses: Losses, now: Temporal.Instant) {
  const subscriptions = dossiers.map(({ subscription }) => subscription);
  const bringing = subscriptions.filter((subscription) => subscription.waitingItems > 0).map(({ id }) => id);
  const [later, items, discounted, unpaid] = await Promise.all([
    laterOf(ctx.db, subscriptions),
    waitingItems(ctx.db, bringing),
    couponCounts(ctx.db, subscriptions),
    unpaidCycles(ctx, subscriptions),
  ]);
  return await decideEach(ctx, dossiers, (dossier) => {
    const { id } = dossier.subscription;
    const brought = {
      later: later.get(id) ?? NOTHING_LATER,
      items: items.get(id) ?? [],
      discounted: discounted.get(id) ?? 0,
      unpaid: unpaid.get(id) ?? null,
    };
    return openFor(ctx, dossier, brought, losses, now);
  });
}

async function openFor(
  ctx: Context,
  dossier: Owned,
  { later, items, discounted, unpaid }: Brought,
  losses: Losses,
  now: Temporal.Instant,
): Promise<Change> {
  const day = later === NOTHING_LATER ? null : firstAfterItsDay(later, now);
  if (day !== null && dossier.subscription.nextCycle >= day) return await changedOnItsDay(ctx, dossier, now);
  if (beginsToStand(dossier.subscription, later, unpaid ?? 0)) return await stoodStill(ctx, dossier, now);
  const reached =
    later === NOTHING_LATER ? null : await reachedTerms(ctx, dossier, { ...later, unpaid: unpaid ?? 0 }, now);
  const { terms: agreed, subscription: standing } = reached ?? {
    terms: later.terms,
    subscription: dossier.subscription,
  };
  const { terms: followed, asked } = mayFollow(ctx, standing, agreed)
    ? await followPlan(ctx, standing, agreed)
    : NOTHING_FOLLOWS;
  const terms = followed.length === 0 ? agreed : [...agreed, ...followed];
  const { subscription, stays } =
    asked === null ? { subscription: standing, stays: FOR_EVER } : staying(standing, asked, terms, unpaid);
  const owned = { ...dossier, subscription };
  const most = Math.min(MOST_CYCLES, Math.min(day ?? FOR_EVER, stays) - subscription.nextCycle);
  const catalog = await catalogFor(ctx, subscription);
  const missedCycles = catalog.plans.get(subscription.plan)?.missedCycles ?? 'latest';
  const rest = restOf(subscription);
  const policy = { missedCycles, missedAfterHours: catalog.defaults.missedAfterHours, rest };
  const { openings, next, unpaid: unpaidNow } = fallenDue(subscription, { terms, unpaid, most }, policy, now);
  const askedAt = mayBeSecond(subscription, losses) ? subscription.createdAt : null;
  const source = { catalog, terms, items, discounted, unpaid: unpaidNow, askedAt };
  const { charges, entries, brings, taken } = await newCharges(ctx, owned, openings, source, now);
  const isPaid = charges.some(({ status }) => status === 'paid');
  const place = { nextCycle: subscription.nextCycle + openings.length, nextCycleAt: next, isPaid };
  const moved = { ...cyclesOpened(subscription, place, now), ...brings };
  const repriced = reachedFollowed(ctx, owned, { later: agreed, followed }, moved.nextCycle, now);
  const fallen = moved.nextCycle + Number(subscription !== standing);
  const silent = asked === null ? null : await silenceBefore(ctx, owned, asked, fallen, now);
  const opened =
    repriced !== null
      ? afterFollowing(moved, agreed, repriced)
      : reached !== null
        ? afterOpening(moved, agreed)
        : moved;
  const over =
    isPausePlanned(subscription) && openings.length > 0
      ? await pausing(ctx, dossier, opened, now)
      : next === null
        ? await closing(ctx, owned, opened, now)
        : null;
  const change = {
    seen: dossier.subscription,
    ...(reached?.couponTaken !== undefined && { couponTaken: reached.couponTaken }),
    ...((reached?.agreed ?? repriced ?? silent) != null && {
      agreed: { ...reached?.agreed, ...repriced?.agreed, ...silent?.agreed },
    }),
    // What is due of a subscription that is paused is left alone until it is resumed.
    openedCharges: rest === null ? charges : charges.map((charge) => ({ ...charge, nextAttemptAt: null })),
    ...taken,
    subscription: over?.subscription ?? opened,
    charges: over?.charges ?? [],
    entries: [
      ...(reached?.entries ?? []),
      ...(repriced?.entries ?? []),
      ...(silent?.entries ?? []),
      ...entries,
      ...recovered(ctx, dossier, opened, now),
      ...(over?.entries ?? []),
    ],
  };
  if (over === null) return change;
  const by = { at: now, actor: 'schedule' };
  const whole = over.charges.length === 0 ? change : await withVoided(ctx, dossier, change, over.charges, by);
  return await withItemsEnded(ctx, dossier, whole, by);
}

/** Its calendar stands still from the cycle on that has fallen due: a pause was planned for then, and that cycle comes after it. */
function beginsToStand(subscription: SubscriptionRow, { terms }: Later, unpaid: number): boolean {
  const { over, next } = placeOf(subscription, terms, unpaid);
  return isPausePlanned(subscription) && isShift(subscription.pause) && (over === null || next < over);
}

async function stoodStill(ctx: Context, dossier: Owned, now: Temporal.Instant): Promise<Change> {
  return { seen: dossier.subscription, ...(await pausing(ctx, dossier, dossier.subscription, now)) };
}

/** A charge that came to nothing is paid: what an older period left behind does not make its subscription past due any longer. */
function recovered(
  ctx: Context,
  dossier: Owned,
  { status, bucket }: SubscriptionRow,
  now: Temporal.Instant,
): readonly Entry[] {
  if (dossier.subscription.status !== 'past_due' || status === 'past_due') return [];
  const facts = { why: NOTHING_DUE, actor: 'schedule' };
  return [record(ctx.newId(bucket), now, `subscription.${status}`, dossier, facts)];
}

/**
 * The catalog in force decides how a new charge is dunned; a plan that was removed lives on in its old version. Where that one
 * cannot be read, the cycle is opened all the same: none lacks its row, and what follows is left to a person.
 */
async function catalogFor(ctx: Context, subscription: SubscriptionRow): Promise<Catalog> {
  if (ctx.catalog.current.plans.has(subscription.plan)) return ctx.catalog.current;
  try {
    return await ctx.catalog.version(subscription.catalogVersion);
  } catch (error) {
    if (isConnectionFault(error)) throw error;
    ctx.log.error('cycle opened without the rules of its plan', {
      subscription_id: subscription.id,
      ...errorFacts(error),
    });
    return { ...ctx.catalog.current, version: subscription.catalogVersion };
  }
}
