import { type Interval, intervalText } from '../../calendar/interval.ts';
import type { Plan } from '../../catalog/plan.ts';
import { type Following, followingOf, isSoldAlike } from '../followed-terms.ts';
import type { Purchase, Rhythm } from '../terms.ts';
import { methodFault } from '../terms-fault.ts';

/** Live subscriptions that an edit of the catalog treats alike. */
export type LiveGroup = Pick<Purchase, 'plan' | 'catalogVersion' | 'unitAmount' | 'quantity' | 'currency'> &
  Pick<Rhythm, 'intervalCount' | 'intervalUnit'> & {
    readonly country: string;
    /** Where their method was saved, and how many days lie between its charges at least; null: none is saved. */
    readonly channelCode: string | null;
    readonly frequency: number | null;
    /** These terms hold for the next cycle; false: they were agreed for a later one. */
    readonly isNext: boolean;
    /** A cycle is charged after the one whose price they agreed to. */
    readonly goesOn: boolean;
  };

/** A plan in the version that terms came from, in the one in force, and after the edit; undefined: that one has none of this name. */
export type SoldBy = {
  readonly then: Plan | undefined;
  readonly now: Plan | undefined;
  readonly next: Plan | undefined;
};

export type Price = { readonly unitAmount: bigint; readonly interval: Interval };

export type Effect = {
  readonly kind: 'untouched' | 'touched' | 'kept' | 'refused';
  /** Null: nothing is to be said. */
  readonly why: string | null;
  readonly before: Price;
  readonly after: Price;
};

/** What an edit does to subscriptions that subscribe already. */
export function effectOn(group: LiveGroup, sold: SoldBy, today: Temporal.PlainDate): Effect {
  const { then, now, next } = sold;
  const following = followingOf(group, group.country, { then, now: next });
  const before = priceUnder(group, followingOf(group, group.country, { then, now }), now);
  const after = priceUnder(group, following, next);
  const lost = lostBy(group, following, sold);
  if (lost !== null) return { kind: 'refused', why: lost, before, after: before };
  if (isSamePrice(before, after) && addedTax(now) === addedTax(next)) {
    const why = now === undefined || next === undefined || isSoldAlike(now, next) ? null : keptFor(following);
    return { kind: why === null ? 'untouched' : 'kept', why, before, after };
  }
  if (!group.goesOn) return { kind: 'kept', why: 'it ends before another charge', before, after: before };
  const fault = faultOf(group, before, after, next, today);
  return { kind: fault === null ? 'touched' : 'refused', why: fault, before, after };
}

function priceUnder(group: LiveGroup, following: Following, plan: Plan | undefined): Price {
  if (following === 'follows' && plan !== undefined) return { unitAmount: plan.price.minor, interval: plan.interval };
  return { unitAmount: group.unitAmount, interval: { count: group.intervalCount, unit: group.intervalUnit } };
}

/** What would leave them without a plan that they can be charged by; null: nothing, or they were without one before. */
function lostBy({ plan, currency, country }: LiveGroup, following: Following, { now, next }: SoldBy): string | null {
  if (now === undefined || now.price.currency !== currency || now.country !== country) return null;
  switch (following) {
    case 'removed':
      return `the plan ${plan} is removed`;
    case 'currency':
      return `they pay ${currency}, and the plan would cost ${next?.price.currency ?? 'another currency'}`;
    case 'country':
      return `they are of ${country}, and the plan would be of ${next?.country ?? country}`;
    default:
      return null;
  }
}

function keptFor(following: Following): string | null {
  if (following === 'new_only') return 'price_change: new_only';
  return following === 'own_terms' ? 'their price is their own' : null;
}

/** Why their method could not be charged so, as far as all of them have the same; null: it could. */
function faultOf(
  { plan: id, channelCode, frequency, country, quantity, currency }: LiveGroup,
  before: Price,
  after: Price,
  plan: Plan | undefined,
  today: Temporal.PlainDate,
): string | null {
  if (channelCode === null || frequency === null || plan === undefined) return null;
  const mandate = { cardOnFileType: 'RECURRING', recurringFrequency: frequency, recurringExpiry: LAST_DAY } as const;
  const until = { on: LAST_DAY, by: 'mandate' } as const;
  const amount = after.unitAmount * BigInt(quantity);
  return methodFault(
    { channelCode, country, mandate, until },
    {
      before: { ...rhythm(before, today), plan: id },
      after: { ...rhythm(after, today), plan: id, amount, currency },
      plan,
      startsOn: today,
      lastOn: null,
    },
  );
}

/** Until when a method may be charged was agreed with its customer, and no edit moves it. */
const LAST_DAY = Temporal.PlainDate.from('9999-12-31');

function rhythm({ interval }: Price, today: Temporal.PlainDate): Rhythm {
  const { count, unit } = interval;
  return {
    anchor: today,
    anchorCycle: 0,
    intervalCount: count,
    intervalUnit: unit,
    timeZone: 'UTC',
    chargeAt: '00:00',
  };
}

function isSamePrice(a: Price, b: Price): boolean {
  return a.unitAmount === b.unitAmount && intervalText(a.interval) === intervalText(b.interval);
}

/** A tax that comes on top of the price changes what is charged, whoever subscribes already. */
function addedTax(plan: Plan | undefined): string {
  const tax = plan?.tax ?? null;
  if (tax === null || tax.included) return '';
  return tax.rates.map(({ from, rate, of }) => `${from.toString()} ${rate.text} ${of?.text ?? ''}`).join(', ');
}
