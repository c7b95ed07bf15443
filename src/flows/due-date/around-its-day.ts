import type { Context } from '../../context.ts';
import type { Ahead } from '../../domain/calendar/coming-cycles.ts';
import { cycleAt, localDate } from '../../domain/calendar/cycle.ts';
import type { Discount, Sums } from '../../domain/money/sums.ts';
import { type NewTerms, newTerms } from '../../domain/subscriptions/new-terms.ts';
import { periodDiscount } from '../../domain/subscriptions/period-discount.ts';
import type { ProratedLine } from '../../domain/subscriptions/proration.ts';
import { scheduleOf } from '../../domain/subscriptions/schedule.ts';
import type { ChangeSubject } from '../../domain/subscriptions/terms-change.ts';
import type { SubscriptionRow } from '../../infra/tables/schema/change-columns.ts';
import { inForceOf } from '../change/agreed-later.ts';
import { appliedTerms } from '../change/applied-terms.ts';
import { proratedChange } from '../change/prorated-change.ts';
import type { Subject } from '../change/record.ts';
import { termsText } from '../change/terms-in-force.ts';
import { asItem, type Bringing, type ComingCharge, chargesWithRest, comingCharges } from './coming-charges.ts';
import { wantedBy } from './terms/applied-on-its-day.ts';
import { followedTerms } from './terms/followed-terms.ts';

/** A change of a day in the middle of a period, with what it costs and gives back of that period. */
type OnItsDay = {
  readonly what: ChangeSubject;
  readonly change: NewTerms;
  readonly lines: readonly ProratedLine[];
  readonly sums: Sums;
};

/** The next charges of a subscription as they will be opened, also where a change is planned for a day before one of them. */
export async function chargesToCome(
  ctx: Context,
  customer: Subject['customer'],
  bringing: Bringing,
  ahead: Ahead,
  now: Temporal.Instant,
): Promise<readonly ComingCharge[]> {
  const { subscription, planned } = bringing;
  const row = bringing.terms.find(({ number }) => number === planned?.termsNumber);
  if (planned === null || planned.appliesAt === null || row === undefined)
    return await comingCharges(ctx, bringing, ahead, now);
  // By then the periods before it have what the catalog in force sets for them.
  const followed = await followedTerms(ctx, subscription, bringing.terms);
  const later = [
    ...bringing.terms.filter(({ number }) => number !== planned.termsNumber),
    ...followed.filter(({ fromCycle }) => fromCycle < row.fromCycle),
  ];
  const on = localDate(planned.appliesAt, subscription.timeZone);
  const change = newTerms(inForceOf(subscription, later), wantedBy(row), on, now);
  const toCome = await discountToCome(ctx, bringing, change, now);
  const onItsDay = { what: planned.what, change, ...(await proratedChange(ctx, subscription, change, toCome)) };
  return await aroundItsDay(ctx, customer, onItsDay, bringing, ahead, now);
}

/** What will be taken off the period that a change divides, where that period is still to be opened; null: nothing, or it is open. */
export async function discountToCome(
  ctx: Context,
  bringing: Bringing,
  { divides }: NewTerms,
  now: Temporal.Instant,
): Promise<Discount | null> {
  const { coupon, nextCycle } = bringing.subscription;
  if (coupon === null || divides === null || divides.number < nextCycle) return null;
  const most = divides.number - nextCycle + 1;
  const coming = await comingCharges(ctx, bringing, { most, until: null }, now);
  const one = coming.find(({ cycle }) => cycle.number === divides.number);
  return one === undefined ? null : periodDiscount(one.made, coupon);
}

/** A change of a later day brings its lines to the first charge after that day; what comes before is charged without them. */
export async function aroundItsDay(
  ctx: Context,
  customer: Subject['customer'],
  { what, change, lines, sums }: OnItsDay,
  after: Bringing,
  { most, until }: Ahead,
  now: Temporal.Instant,
): Promise<readonly ComingCharge[]> {
  const { subscription, terms } = after;
  const { fromCycle } = change.terms;
  const earlier = fromCycle - subscription.nextCycle;
  const nothing = { charges: [], waiting: after.items };
  const { charges: before, waiting } =
    earlier === 0 ? nothing : await chargesWithRest(ctx, after, { most: Math.min(most, earlier), until }, now);
  if (before.length === most) return before;
  const left = before.reduce((credit, { made }) => credit + made.granted - made.creditUsed, subscription.credit);
  const facts = {
    number: subscription.changes,
    what,
    before: termsText(change.before),
    after: termsText(change.terms),
  };
  const onItsDay = { ...facts, terms: change.terms, lines, sums, actor: 'schedule', why: null };
  const { subscription: changed, addedItems } = appliedTerms(ctx, { customer, subscription }, onItsDay, now);
  const later: SubscriptionRow = {
    ...subscription,
    ...changed,
    credit: left + sums.givenBack,
    waitingItems: waiting.length + addedItems.length,
    nextCycle: fromCycle,
    nextCycleAt: cycleAt(scheduleOf(subscription, terms), fromCycle).dueAt,
  };
  const isOther = later.coupon?.code !== subscription.coupon?.code;
  const discounted = isOther ? 0 : after.discounted + before.filter(({ made }) => made.coupon !== null).length;
  const bringing = { ...after, discounted, subscription: later, items: [...waiting, ...addedItems.map(asItem)] };
  return [...before, ...(await comingCharges(ctx, bringing, { most: most - before.length, until }, now))];
}
