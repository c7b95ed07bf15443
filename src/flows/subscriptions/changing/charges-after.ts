import type { Context } from '../../../context.ts';
import { cycleAt } from '../../../domain/calendar/cycle.ts';
import { scheduleOf } from '../../../domain/subscriptions/schedule.ts';
import type { SubscriptionRow } from '../../../infra/tables/schema/change-columns.ts';
import type { ItemRow } from '../../../infra/tables/schema/item-columns.ts';
import type { TermsRow } from '../../../infra/tables/schema/terms-columns.ts';
import type { SubscriptionDossier } from '../../../infra/tables/subscriptions/subscriptions.ts';
import { appliedTerms } from '../../change/applied-terms.ts';
import { termsText } from '../../change/terms-in-force.ts';
import { asItem, type Bringing, type ComingCharge, comingCharges } from '../../due-date/coming-charges.ts';
import type { ChangeBody } from './asked-change.ts';
import type { WorkedOut } from './worked-out.ts';
import { writtenChange } from './written-change.ts';

type Asked = { readonly bringing: Bringing; readonly most: number; readonly body: ChangeBody; readonly actor: string };

/** The next charges of a subscription once a change of it is made, and paid where it is paid first: the very rows that it would write, read as charges read them. */
export async function chargesAfter(
  ctx: Context,
  seen: SubscriptionDossier,
  workedOut: WorkedOut,
  { bringing, most, body, actor }: Asked,
  now: Temporal.Instant,
): Promise<readonly ComingCharge[]> {
  const { dossier, worked } = asPaid(seen, workedOut);
  const {
    agreed,
    subscription: changed,
    addedItems = [],
  } = writtenChange(ctx, dossier, worked, { body, actor, reason: null }, now);
  const subscription: SubscriptionRow = { ...dossier.subscription, ...changed };
  const rows = (agreed?.terms ?? []).slice(-1).map((row): TermsRow => ({ ...row, withdrawnAt: null }));
  const terms = [...worked.later, ...rows];
  const items = [...bringing.items, ...addedItems.map(asItem)];
  // No coupon is taken twice: of one that comes with the change nothing was taken off yet.
  const isOther = subscription.coupon?.code !== bringing.subscription.coupon?.code;
  const after = { ...bringing, subscription, terms, items, discounted: isOther ? 0 : bringing.discounted };
  const isOnItsDay = typeof worked.change.applies !== 'string';
  return isOnItsDay
    ? await aroundItsDay(ctx, dossier, worked, after, most, now)
    : await comingCharges(ctx, after, most, now);
}

/** What is paid before the change applies is on none of the charges after it. */
function asPaid(dossier: SubscriptionDossier, worked: WorkedOut) {
  const { paidFirst, credit: free } = worked;
  const credit = free - (paidFirst?.sums.creditUsed ?? 0n);
  return {
    dossier: { ...dossier, subscription: { ...dossier.subscription, credit } },
    worked: paidFirst === null ? worked : { ...worked, paidFirst: null, lines: [] },
  };
}

/** A change of a later day brings its lines to the first charge after that day; what comes before is charged without them. */
async function aroundItsDay(
  ctx: Context,
  dossier: SubscriptionDossier,
  { what, change, lines, sums }: WorkedOut,
  after: Bringing,
  most: number,
  now: Temporal.Instant,
): Promise<readonly ComingCharge[]> {
  const { subscription, terms } = after;
  const { fromCycle } = change.terms;
  const earlier = fromCycle - subscription.nextCycle;
  const before = earlier === 0 ? [] : await comingCharges(ctx, after, Math.min(most, earlier), now);
  if (before.length === most) return before;
  const left = before.reduce((credit, { made }) => credit + made.granted - made.creditUsed, subscription.credit);
  const facts = {
    number: subscription.changes,
    what,
    before: termsText(change.before),
    after: termsText(change.terms),
  };
  const onItsDay = { ...facts, terms: change.terms, lines, sums, actor: 'schedule', why: null };
  const { subscription: changed, addedItems } = appliedTerms(ctx, { ...dossier, subscription }, onItsDay, now);
  const waiting: readonly ItemRow[] = earlier === 0 ? after.items : [];
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
  return [...before, ...(await comingCharges(ctx, bringing, most - before.length, now))];
}
