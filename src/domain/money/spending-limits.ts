import { type Currency, majorText } from './money.ts';

/** Whole minor units by currency; a currency that is not named has no limit. */
export type Amounts = Readonly<Partial<Record<Currency, bigint>>>;

/** The brake on a runaway: what is charged beyond it is held for a person, or stops charging as a whole. */
export type SpendingLimits = {
  readonly perCharge: Amounts;
  /** Of one customer, on one day of the defaults' zone. */
  readonly perCustomerPerDay: Amounts;
  /** Of all customers, on one day of the defaults' zone. */
  readonly perDay: Amounts;
};

export const noLimits: SpendingLimits = { perCharge: {}, perCustomerPerDay: {}, perDay: {} };

/** Whether anything must be counted at all. */
export function countsDays({ perCustomerPerDay, perDay }: SpendingLimits): boolean {
  return Object.keys(perCustomerPerDay).length + Object.keys(perDay).length > 0;
}

export type Spending = {
  readonly amount: bigint;
  readonly currency: Currency;
  /** What the customer was asked for today already. */
  readonly spentToday: bigint;
  /** A person let it pass, once. */
  readonly passes: boolean;
};

export type LimitReason = 'charge_limit' | 'customer_limit';

/** Why a charge is held for a person; null when it stays within the limits of a charge and of a customer's day. */
export function heldByLimit(
  limits: SpendingLimits,
  { amount, currency, spentToday, passes }: Spending,
): { readonly reason: LimitReason; readonly why: string } | null {
  const text = (minor: bigint) => `${majorText({ minor, currency })} ${currency}`;
  const perCharge = limits.perCharge[currency];
  const perDay = limits.perCustomerPerDay[currency];
  const wholeDay = limits.perDay[currency];
  if (passes) return null;
  if (perCharge !== undefined && amount > perCharge) {
    const why = `${text(amount)} is more than one charge may be (per_charge: ${text(perCharge)}): a person decides.`;
    return { reason: 'charge_limit', why };
  }
  if (wholeDay !== undefined && amount > wholeDay) {
    const why = `${text(amount)} is more than a whole day may be (per_day: ${text(wholeDay)}): a person decides.`;
    return { reason: 'charge_limit', why };
  }
  if (perDay === undefined || spentToday + amount <= perDay) return null;
  const why =
    `With ${text(spentToday)} today already, ${text(amount)} is more than a customer may be charged a day ` +
    `(per_customer_per_day: ${text(perDay)}): a person decides.`;
  return { reason: 'customer_limit', why };
}

/**
 * The limit of the day that a charge is counted against; none for one that a person let pass although no day has room for it:
 * it would stop everybody else's.
 */
export function dayLimitFor(
  limits: SpendingLimits,
  { amount, currency, passes }: Omit<Spending, 'spentToday'>,
): bigint | undefined {
  const limit = limits.perDay[currency];
  return limit !== undefined && passes && amount > limit ? undefined : limit;
}

/** What an outcome leaves in the day's count: all but what surely collected nothing. */
export function countsAsSpent(outcome: string | null): boolean {
  return outcome !== 'declined' && outcome !== 'refused';
}
