import type { Context } from '../../../context.ts';
import { canonicalJson } from '../../../domain/books/canonical-json.ts';
import type { Entry } from '../../../domain/books/ledger.ts';
import type { Catalog, Plan } from '../../../domain/catalog/plan.ts';
import {
  firstToFollow,
  followingOf,
  holdingFrom,
  isAsSold,
  isDearer,
  isSoldAlike,
  noticeOver,
  soldTerms,
} from '../../../domain/subscriptions/followed-terms.ts';
import { placeOf, scheduleOf } from '../../../domain/subscriptions/schedule.ts';
import { type Purchase, type Rhythm, type Terms, termsOf } from '../../../domain/subscriptions/terms.ts';
import type { SubscriptionRow } from '../../../infra/tables/schema/change-columns.ts';
import type { NewTermsRow } from '../../../infra/tables/schema/terms-columns.ts';
import { priceNotices } from '../../../infra/tables/subscriptions/consents.ts';
import type { Owned } from '../../../infra/tables/subscriptions/subscriptions.ts';
import { newTermsRows, termsInRow } from '../../change/created-terms.ts';
import { record } from '../../change/record.ts';
import { termsText } from '../../change/terms-in-force.ts';
import { afterOpening } from './terms-reached.ts';

/** Of nearly all, most of the time. */
const NOTHING_FOLLOWS: readonly Terms[] = [];

/** At a glance: whether the catalog in force may set terms for the cycles to come. */
export function mayFollow({ catalog }: Context, subscription: SubscriptionRow, later: readonly Terms[]): boolean {
  const { current } = catalog;
  if (later.some((agreed) => differs(current, agreed))) return true;
  if (subscription.catalogVersion === current.version) return false;
  return differs(current, { ...subscription, unitAmount: subscription.amount / BigInt(subscription.quantity) });
}

type Sellable = Pick<Purchase, 'plan' | 'catalogVersion' | 'unitAmount' | 'currency'> &
  Pick<Rhythm, 'intervalCount' | 'intervalUnit'>;

function differs({ plans, version }: Catalog, agreed: Sellable): boolean {
  if (agreed.catalogVersion === version) return false;
  const plan = plans.get(agreed.plan);
  return plan?.priceChange === 'next_cycle' && !isAsSold(agreed, plan);
}

/**
 * What the catalog in force sets for the cycles to come of a subscription that follows its plan, as terms that nobody has written down
 * yet: what is shown of a charge to come and what is charged are both read from these.
 */
export async function followedTerms(
  ctx: Context,
  subscription: SubscriptionRow,
  later: readonly Terms[],
): Promise<readonly Terms[]> {
  if (subscription.anchor === null || !mayFollow(ctx, subscription, later)) return NOTHING_FOLLOWS;
  const { current, since } = ctx.catalog;
  const [schedule, place] = [scheduleOf(subscription, later), placeOf(subscription, later)];
  const from = firstToFollow(schedule, place, since);
  const followed: Terms[] = [];
  const holding = holdingFrom(termsInRow(subscription), later, from);
  for (const [index, agreed] of holding.entries()) {
    const now = current.plans.get(agreed.plan);
    if (now === undefined || !differs(current, agreed)) continue;
    const then = (await ctx.catalog.version(agreed.catalogVersion)).plans.get(agreed.plan);
    if (followingOf(agreed, subscription.country, { then, now }) !== 'follows') continue;
    const noticed = await noticedUntil(ctx, subscription, agreed, now);
    if (noticed === 'owed') continue;
    const fromCycle = Math.max(agreed.fromCycle, noticed === null ? 0 : firstToFollow(schedule, place, noticed));
    if ((holding[index + 1]?.fromCycle ?? Number.POSITIVE_INFINITY) <= fromCycle) continue;
    const sold = soldTerms(
      { ...agreed, fromCycle },
      now,
      current.version,
      scheduleOf(subscription, [...later, ...followed]),
    );
    // The newest of all that hold from its cycle on.
    followed.push({ ...sold, number: highest(subscription, later) + followed.length + 1 });
  }
  return followed;
}

/** Until when the old price is charged because its customer has to be told of a higher one; null: nothing has to be told. */
async function noticedUntil(
  ctx: Context,
  subscription: SubscriptionRow,
  agreed: Terms,
  plan: Plan,
): Promise<Temporal.Instant | 'owed' | null> {
  const { noticeDays } = plan;
  if (noticeDays === null || !isDearer(agreed, plan)) return null;
  const sentAt = ctx.catalog.noticed ?? (await toldOf(ctx, subscription, plan));
  return sentAt === null ? 'owed' : noticeOver(sentAt, noticeDays, subscription.timeZone);
}

/** When its customer was told of this price first, under whichever version that sells the plan for it; null: never. */
async function toldOf(ctx: Context, subscription: SubscriptionRow, plan: Plan): Promise<Temporal.Instant | null> {
  for (const { subject, sentAt } of await priceNotices(ctx.db, subscription)) {
    const told = (await ctx.catalog.version(Number(subject))).plans.get(plan.id);
    if (told !== undefined && isSoldAlike(told, plan)) return sentAt;
  }
  return null;
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
  const terms = agreed.terms.at(-1)?.number ?? opened.terms;
  return { ...afterOpening(opened, [...later, ...followed]), terms };
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
      const why = `its plan costs ${terms.unitAmount === before.unitAmount ? 'the same at another interval' : 'another price'} in catalog version ${terms.catalogVersion}, whose price_change is next_cycle`;
      const facts = { amount: terms.amount, detail, why, actor: 'schedule' };
      return record(ctx.newId(subscription.bucket), now, 'subscription.changed', dossier, facts);
    }),
  };
}
