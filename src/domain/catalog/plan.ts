import type { Interval } from '../calendar/interval.ts';
import type { GiveUp } from '../declines/decision.ts';
import type { DeclineClass } from '../declines/decline-class.ts';
import type { NetworkLimit } from '../declines/network-limits.ts';
import type { Money } from '../money/money.ts';
import type { Amounts, SpendingLimits } from '../money/spending-limits.ts';
import type { Tax } from '../money/taxes.ts';
import type { Coupon } from './coupon.ts';

/** What to do with cycles found later than `missedAfter` past their due instant (docs/design.md section 6). */
export type MissedCycles = 'all' | 'latest' | 'none' | 'ask';

export type DunningPolicy = {
  readonly name: string;
  /** Days from the attempt before, one entry a retry. Empty: no retries. */
  readonly retryAfterDays: readonly number[];
  /** Days from the first attempt after which nothing is tried any more. */
  readonly windowDays: number;
  readonly then: GiveUp;
};

/** Where what a change costs is asked for: on the next charge, or first, on a page where its customer pays, or over the method that they saved. */
export const changeWays = ['next_cycle', 'pay_link', 'unscheduled'] as const;
export type ChangeWay = (typeof changeWays)[number];

/** When cycle 0 is charged: to the method that was saved, or in the session in which it is saved. */
export const firstChargeWays = ['after_saving', 'in_session'] as const;
export type FirstChargeWay = (typeof firstChargeWays)[number];

/** Agreement; or, where the plan asks for consent, that they keep the old price, or that their subscription ends before the higher one. */
export type Silence = 'agrees' | 'old_price' | 'cancel';

export type ReturnUrls = { readonly success: string; readonly cancel: string };

/** What is said of cards beside their mandate. An account that Xendit refuses for one of these leaves it out. */
export type CardTerms = {
  /** Whether a charge says that it follows the payment which the customer authenticated. */
  readonly transactionSequence: boolean;
  readonly returnUrls: boolean;
  readonly channelCode: boolean;
  /** null: not said. */
  readonly skipThreeDs: boolean | null;
  /** What the customer reads on the card statement; null: what Xendit writes there. */
  readonly statementDescriptor: string | null;
  readonly midLabel: string | null;
};

/** How long past due lets in where no plan says. */
export const GRACE_DAYS = 3;

export type Plan = {
  readonly id: string;
  readonly name: string;
  readonly price: Money;
  /** Paid once; null: there is none. */
  readonly setupFee: Money | null;
  /** What each charge says of taxes; null: nothing. */
  readonly tax: Tax | null;
  readonly interval: Interval;
  readonly trial: Interval | null;
  /** A customer, and a card, has one trial of this plan and no other. */
  readonly trialOnce: boolean;
  /** Number of cycles after which the subscription ends; null: open-ended. */
  readonly endsAfter: number | null;
  /** Whether a cycle that was void or given up is one of that number; `not`: another one follows in its place. */
  readonly unpaidCycles: 'count' | 'not';
  readonly dunning: DunningPolicy;
  readonly missedCycles: MissedCycles;
  /** How long past due still lets its customer in. */
  readonly graceDays: number;
  readonly priceChange: 'next_cycle' | 'new_only';
  /** Days between the notice of a higher price and the first charge at it; null: no notice is asked for. */
  readonly noticeDays: number | null;
  /** What it means that a customer says nothing of a higher price that they were told. */
  readonly silence: Silence;
  readonly changes: ChangeWay;
  readonly firstCharge: FirstChargeWay;
  /** Whether a subscription of which a payment is disputed is charged no more until a person decides. */
  readonly onDispute: 'stop' | 'go_on';
  /** ISO 3166-1 alpha-2 country of the sessions and payment requests. */
  readonly country: string;
  /** IANA zone of subscriptions that name none. */
  readonly timeZone: string;
  /** Local time of day at which cycles fall due, "HH:MM". */
  readonly chargeAt: string;
  readonly returnUrls: ReturnUrls | null;
  /** The channels that customers may save; null: whatever Xendit offers. */
  readonly paymentChannels: readonly string[] | null;
  readonly cards: CardTerms;
};

/** The rules that hold for every plan of a catalog version. */
export type Defaults = {
  readonly timeZone: string;
  readonly missedAfterHours: number;
  /** How far ahead the mandate of an open-ended plan reaches. */
  readonly mandateYears: number;
  /** How long a link for saving a method is good; null: as long as Xendit has it. */
  readonly linkMinutes: number | null;
  /** Overrides of the decline table: failure code to class. */
  readonly declines: Readonly<Record<string, DeclineClass>>;
  readonly networkLimits: readonly NetworkLimit[];
  readonly limits: SpendingLimits;
  /** Refunds of a charge beyond this need a second person; a currency that is not named needs none. */
  readonly fourEyes: Amounts;
  /** The page of a customer in the business's own system, with {reference} in it; null: there is none. */
  readonly customerUrl: string | null;
  readonly cards: CardTerms;
  /** The channels that customers may save, by country. */
  readonly paymentChannels: Readonly<Record<string, readonly string[]>>;
  /** Days on which no retry is made, by country; dates in ISO. */
  readonly quietDays: Readonly<Record<string, readonly string[]>>;
  /** Days of the month on which money comes in, by country. */
  readonly paydaySlots: Readonly<Record<string, readonly number[]>>;
};

/** One immutable catalog version, parsed. */
export type Catalog = {
  /** 0 until it has been stored. */
  readonly version: number;
  /** SHA-256 of the source text, hex. */
  readonly digest: string;
  readonly source: string;
  readonly defaults: Defaults;
  readonly plans: ReadonlyMap<string, Plan>;
  readonly coupons: ReadonlyMap<string, Coupon>;
};

/** What a catalog says of the cards of a plan; of a plan that it no longer has, what it says of all. */
export function cardTermsOf({ plans, defaults }: Catalog, plan: string): CardTerms {
  return plans.get(plan)?.cards ?? defaults.cards;
}

/** The channels that a catalog offers the customers of a plan in that country; null: whatever Xendit can save. */
export function channelsOf({ plans, defaults }: Catalog, plan: string, country: string): readonly string[] | null {
  const known = plans.get(plan);
  return known?.country === country ? known.paymentChannels : (defaults.paymentChannels[country] ?? null);
}
