import type { Context } from '../../../context.ts';
import { canonicalJson } from '../../../domain/books/canonical-json.ts';
import type { Entry } from '../../../domain/books/ledger.ts';
import type { Catalog, Plan, Silence } from '../../../domain/catalog/plan.ts';
import {
  firstToFollow,
  followingOf,
  holdingFrom,
  isAsSold,
  isDearer,
  isSameInterval,
  soldTerms,
} from '../../../domain/subscriptions/followed-terms.ts';
import { type PriceStanding, priceStanding, rulesTold } from '../../../domain/subscriptions/price-notice.ts';
import type { Repricing } from '../../../domain/subscriptions/repricing/repricing.ts';
import { placeOf, scheduleOf } from '../../../domain/subscriptions/schedule.ts';
import { type Purchase, type Rhythm, type Terms, termsOf } from '../../../domain/subscriptions/terms.ts';
import type { SubscriptionRow } from '../../../infra/tables/schema/change-columns.ts';
import type { ConsentRow, NoticeRow } from '../../../infra/tables/schema/consent-columns.ts';
import type { NewTermsRow } from '../../../infra/tables/schema/terms-columns.ts';
import type { Owned } from '../../../infra/tables/subscriptions/subscriptions.ts';
import { type SoldPlan, soldTo } from '../../catalog/sold-to.ts';
import { newTermsRows, termsInRow } from '../../change/created-terms.ts';
import { record } from '../../change/record.ts';
import { termsText } from '../../change/terms-in-force.ts';
import { answerToPrice, toldOfPrice } from './price-evidence.ts';
import { afterOpening } from './terms-reached.ts';

/** At a glance: whether the catalog in force may set terms for the cycles to come. */
export function mayFollow({ catalog }: Context, subscription: SubscriptionRow, later: readonly Terms[]): boolean {
  const { current } = catalog;
  if (subscription.repricing !== null || later.some((agreed) => differs(current, agreed))) return true;
  if (subscription.catalogVersion === current.version) return false;
  return differs(current, { ...subscription, unitAmount: subscription.amount / BigInt(subscription.quantity) });
}

type Sellable = Pick<Purchase, 'plan' | 'catalogVersion' | 'unitAmount' | 'currency'> &
  Pick<Rhythm, 'intervalCount' | 'intervalUnit'>;

function differs({ plans, version }: Catalog, agreed: Sellable): boolean {
  const plan = plans.get(agreed.plan);
  return plan !== undefined && isSoldOtherwise({ plan, version }, agreed);
}

function isSoldOtherwise({ plan, version }: SoldPlan, agreed: Sellable): boolean {
  return agreed.catalogVersion !== version && plan.priceChange === 'next_cycle' && !isAsSold(agreed, plan);
}

/** A higher price that its customer is still to be told, or was told and has not agreed to. */
export type AskedPrice = {
  /** As it is sold to this subscription, and the catalog version of its price. */
  readonly plan: Plan;
  readonly version: number;
  readonly agreed: Terms;
  /** What they were told, and by which rules; null: nothing yet. */
  readonly told: { readonly notice: NoticeRow; readonly silence: Silence } | null;
  readonly answer: ConsentRow | null;
  /** The first cycle that falls due once the days of their notice are over: by then they have answered, or were silent; null: not told yet, or it is of other terms. */
  readonly decidedBy: number | null;
};

/** What the catalog in force sets for the cycles to come, and what it cannot set before a customer was told, or agreed. */
export type Followed = { readonly terms: readonly Terms[]; readonly asked: AskedPrice | null };

/** Of nearly all, most of the time. */
export const NOTHING_FOLLOWS: Followed = { terms: [], asked: null };

/**
 * What the catalog in force sets for the cycles to come of a subscription that follows its plan, as terms that nobody has written down
 * yet: what is shown of a charge to come and what is charged are both read from these.
 */
export async function followPlan(
  ctx: Context,
  subscription: SubscriptionRow,
  later: readonly Terms[],
): Promise<Followed> {
  if (subscription.anchor === null || !mayFollow(ctx, subscription, later)) return NOTHING_FOLLOWS;
  const { since } = ctx.catalog;
  const [schedule, place] = [scheduleOf(subscription, later), placeOf(subscription, later)];
  const from = firstToFollow(schedule, place, since);
  const followed: Terms[] = [];
  let asked: AskedPrice | null = null;
  const holding = holdingFrom(termsInRow(subscription), later, from);
  for (const [index, agreed] of holding.entries()) {
    const sold = await soldTo(ctx, subscription.repricing, agreed.plan);
    if (sold === null || !isSoldOtherwise(sold, agreed)) continue;
    const now = sold.plan;
    const until = holding[index + 1]?.fromCycle ?? null;
    // What was agreed for later begins with a cycle on a day, and would lie on another one: the calendar before it stays.
    if (until !== null && !isSameInterval(agreed, now)) continue;
    const then = (await ctx.catalog.version(agreed.catalogVersion)).plans.get(agreed.plan);
    if (followingOf(agreed, subscription.country, { then, now }) !== 'follows') continue;
    const price = await standingOf(ctx, subscription, agreed, now);
    const after = price === null ? null : price.after;
    const fromCycle = Math.max(agreed.fromCycle, after === null ? 0 : firstToFollow(schedule, place, after));
    const isReached = until === null || fromCycle < until;
    if (price !== null && price.kind !== 'holds') {
      const decidedBy = isReached && after !== null ? fromCycle : null;
      asked ??= { plan: now, version: sold.version, agreed, told: price.told, answer: price.answer, decidedBy };
      continue;
    }
    if (!isReached) continue;
    const before = scheduleOf(subscription, [...later, ...followed]);
    const terms = soldTerms({ ...agreed, fromCycle }, now, sold.version, before);
    // The newest of all that hold from its cycle on.
    followed.push({ ...terms, number: highest(subscription, later) + followed.length + 1 });
  }
  return { terms: followed, asked };
}

/** The terms alone that the catalog in force sets for the cycles to come. */
export async function followedTerms(
  ctx: Context,
  subscription: SubscriptionRow,
  later: readonly Terms[],
): Promise<readonly Terms[]> {
  return (await followPlan(ctx, subscription, later)).terms;
}

type Standing = Pick<AskedPrice, 'told' | 'answer'> & {
  readonly kind: 'owed' | PriceStanding['kind'];
  readonly after: Temporal.Instant | null;
};

/** How far it has come that its customer pays a higher price; null: nothing has to be told. */
async function standingOf(
  ctx: Context,
  subscription: SubscriptionRow,
  agreed: Terms,
  plan: Plan,
): Promise<Standing | null> {
  const { noticeDays } = plan;
  const { timeZone } = subscription;
  if (noticeDays === null || !isDearer(agreed, plan)) return null;
  const { noticed } = ctx.catalog;
  if (noticed !== undefined) {
    const told = { sentAt: noticed, recordedAt: noticed };
    const { after } = priceStanding(told, null, { noticeDays, silence: 'agrees' }, timeZone);
    return { kind: 'holds', after, told: null, answer: null };
  }
  const told = await toldOfPrice(ctx, subscription, plan);
  if (told === null) return { kind: 'owed', after: null, told: null, answer: null };
  const rules = rulesTold(told.plan, { ...plan, noticeDays });
  const answer = rules.silence === 'agrees' ? null : await answerToPrice(ctx, subscription, plan);
  const standing = priceStanding(told.notice, answer, rules, timeZone);
  return { ...standing, told: { notice: told.notice, silence: rules.silence }, answer };
}

function highest({ terms }: SubscriptionRow, later: readonly Terms[]): number {
  return Math.max(1, terms, ...later.map(({ number }) => number));
}

/** What is written of followed terms with the first cycle that is opened under them: from then on they are what was agreed. */
type Reached = {
  readonly followed: readonly Terms[];
  readonly agreed: { readonly terms: readonly NewTermsRow[] };
  readonly entries: readonly Entry[];
};

/** The subscription once cycles were opened under terms that follow its plan: those are in force. */
export function afterFollowing(
  opened: SubscriptionRow,
  later: readonly Terms[],
  { followed, agreed }: Reached,
): SubscriptionRow {
  const after = afterOpening(opened, [...later, ...followed]);
  const terms = agreed.terms.at(-1)?.number ?? opened.terms;
  return { ...after, terms, repricing: stillComing(after, later, followed) };
}

/** The repricing of a subscription whose terms are in force now: until all that was agreed of its plan is at its price, or at a newer one. */
function stillComing(
  { repricing, nextCycle }: SubscriptionRow,
  later: readonly Terms[],
  followed: readonly Terms[],
): Repricing | null {
  if (repricing === null || followed.at(-1)?.catalogVersion !== repricing.version) return null;
  const isAhead = ({ fromCycle, plan, catalogVersion }: Terms) =>
    fromCycle >= nextCycle && plan === repricing.plan && catalogVersion !== repricing.version;
  return later.some(isAhead) ? repricing : null;
}

/** Those that the cycles before `next` have reached; null: none. */
export function reachedFollowed(
  ctx: Context,
  dossier: Owned,
  { later, followed }: { readonly later: readonly Terms[]; readonly followed: readonly Terms[] },
  next: number,
  now: Temporal.Instant,
): Reached | null {
  const { subscription } = dossier;
  const reached = followed.filter(({ fromCycle }) => fromCycle < next);
  if (reached.length === 0) return null;
  return {
    followed: reached,
    agreed: { terms: newTermsRows(subscription, reached, 'repriced', 'schedule', now) },
    entries: reached.map((terms) => {
      const before = termsOf(later, terms.fromCycle) ?? termsInRow(subscription);
      const detail = canonicalJson({ what: 'price', before: termsText(before), after: termsText(terms) });
      const facts = { amount: terms.amount, detail, why: whyOf(subscription, before, terms), actor: 'schedule' };
      return record(ctx.newId(subscription.bucket), now, 'subscription.changed', dossier, facts);
    }),
  };
}

function whyOf({ repricing }: SubscriptionRow, before: Terms, { plan, unitAmount, catalogVersion }: Terms): string {
  if (repricing?.plan === plan && repricing.version === catalogVersion)
    return `repricing ${repricing.number} moved it to the price of catalog version ${catalogVersion}`;
  const what = unitAmount === before.unitAmount ? 'the same at another interval' : 'another price';
  return `its plan costs ${what} in catalog version ${catalogVersion}, whose price_change is next_cycle`;
}
