import { addInterval, type Interval, longestDays, shortestDays } from '../calendar/interval.ts';
import type { DunningPolicy, Plan } from '../catalog/plan.ts';

/** What a method is saved for: its plan's cycles, or whatever its customer has agreed to be charged for. */
export const savedFors = ['RECURRING', 'MERCHANT_UNSCHEDULED'] as const;
export type SavedFor = (typeof savedFors)[number];

/** What a payment token was saved for; Xendit gets the same words in the session and in every charge. */
export type Mandate = {
  readonly cardOnFileType: SavedFor;
  /** Smallest number of days between two charges. */
  readonly recurringFrequency: number;
  /** Last day on which a charge may be made. */
  readonly recurringExpiry: Temporal.PlainDate;
};

/** What Xendit repeats of a mandate in an answer; null: this part is not repeated. */
export type MandateEcho = {
  readonly cardOnFileType: string | null;
  readonly recurringFrequency: number | null;
  readonly recurringExpiry: string | null;
};

/**
 * What an answer repeats otherwise than it was asked for: the echo is the only proof that a card's mandate was taken. Null:
 * the same, or what is not repeated beside the type.
 */
export function mandateFault(asked: Mandate, echo: MandateEcho): string | null {
  const { cardOnFileType, recurringFrequency, recurringExpiry } = echo;
  if (cardOnFileType === null) return `no card_on_file_type instead of ${asked.cardOnFileType}`;
  if (cardOnFileType !== asked.cardOnFileType)
    return `card_on_file_type ${cardOnFileType} instead of ${asked.cardOnFileType}`;
  if (recurringFrequency !== null && recurringFrequency !== asked.recurringFrequency)
    return `recurring_frequency ${recurringFrequency} instead of ${asked.recurringFrequency}`;
  const expiry = asked.recurringExpiry.toString();
  // Xendit writes the date, or the instant at which it begins.
  if (recurringExpiry !== null && recurringExpiry.slice(0, expiry.length) !== expiry)
    return `recurring_expiry ${recurringExpiry} instead of ${expiry}`;
  return null;
}

/**
 * The mandate to ask a customer for on the day `from`, so that every charge and retry of the plan stays inside it.
 * `mandateYears`: how far it reaches when the plan has no end. What is not scheduled has no days between.
 */
export function mandateFor(
  plan: Plan,
  from: Temporal.PlainDate,
  mandateYears: number,
  savedFor: SavedFor = 'RECURRING',
): Mandate {
  return {
    cardOnFileType: savedFor,
    recurringFrequency: savedFor === 'RECURRING' ? Math.min(smallestGap(plan.interval, plan.dunning), feeGap(plan)) : 1,
    recurringExpiry: expiryOf(plan, from, mandateYears),
  };
}

/** The mandate that allows all that each of these does, of which there is one at least; they are of one type. */
export function coveringAll(mandates: readonly Mandate[]): Mandate {
  return mandates.reduce((one, other) => ({
    cardOnFileType: one.cardOnFileType,
    recurringFrequency: Math.min(one.recurringFrequency, other.recurringFrequency),
    recurringExpiry:
      Temporal.PlainDate.compare(one.recurringExpiry, other.recurringExpiry) < 0
        ? other.recurringExpiry
        : one.recurringExpiry,
  }));
}

/** Whether a charge may still be made on that local date; the expiry day itself is covered. */
export function coversDate(mandate: Mandate, date: Temporal.PlainDate): boolean {
  return Temporal.PlainDate.compare(date, mandate.recurringExpiry) <= 0;
}

/** The first day on which the mandate lets us charge again, after the last attempt that reached the issuer. */
export function earliestNext(mandate: Mandate, lastReached: Temporal.PlainDate): Temporal.PlainDate {
  return lastReached.add({ days: mandate.recurringFrequency });
}

/** Whether a charge may be made on that day, `lastReached` being that of the last attempt that reached the issuer. */
export function allowsOn(mandate: Mandate, lastReached: Temporal.PlainDate | null, date: Temporal.PlainDate): boolean {
  if (!coversDate(mandate, date)) return false;
  return lastReached === null || Temporal.PlainDate.compare(date, earliestNext(mandate, lastReached)) >= 0;
}

/** Where unpaid cycles are followed by others nobody knows which will be the last: it then reaches as far as that of a plan without an end. */
function expiryOf(plan: Plan, from: Temporal.PlainDate, mandateYears: number): Temporal.PlainDate {
  const [end, open] = [planEnd(plan, from), from.add({ years: mandateYears })];
  if (end === null) return open;
  return plan.unpaidCycles === 'not' && Temporal.PlainDate.compare(end, open) < 0 ? open : end;
}

/** The day after which nothing is charged: the trial, all cycles, and the retries of the last; null: open-ended. */
export function planEnd(plan: Plan, from: Temporal.PlainDate): Temporal.PlainDate | null {
  if (plan.endsAfter === null) return null;
  const anchor = plan.trial === null ? from : addInterval(from, plan.trial, 1);
  return addInterval(anchor, plan.interval, plan.endsAfter).add({ days: plan.dunning.windowDays });
}

/**
 * The fewest days that may lie between two charges of the plan, retries included, at least 1. Xendit and EMV 3DS read
 * `recurring_frequency` as a minimum (docs/xendit.md 8), so too small is safe and too large gets good charges declined.
 */
function smallestGap(interval: Interval, policy: DunningPolicy): number {
  const days = chargeDays(policy);
  const longestStretch = days.at(-1) ?? 0;
  let gap = Math.min(...days.slice(1).map((day, i) => day - (days[i] ?? 0)), shortestDays(interval));
  // A retry may also lie near a charge of a later cycle, on either side of it, while dunning outlasts the interval.
  for (let later = 1; gap > 1; later++) {
    const ahead = { count: interval.count * later, unit: interval.unit };
    if (shortestDays(ahead) - longestStretch >= gap) break;
    for (const day of days) {
      for (const laterDay of days) gap = Math.min(gap, distance(day - laterDay, ahead));
    }
  }
  return Math.max(1, gap);
}

/** The fewest days between a set-up fee that is asked for before a trial, retries included, and cycle 0 after it. */
function feeGap({ setupFee, trial, dunning }: Plan): number {
  if (setupFee === null || trial === null) return Number.POSITIVE_INFINITY;
  const days = chargeDays(dunning);
  const gaps = days.flatMap((fee) => days.map((later) => distance(fee - later, trial)));
  return Math.max(1, Math.min(...gaps));
}

/** The days on which one charge may be tried, from its first attempt: 0, 1, 4, ... up to the window. */
function chargeDays(policy: DunningPolicy): readonly number[] {
  const days = [0];
  for (const step of policy.retryAfterDays) {
    const day = (days.at(-1) ?? 0) + step;
    if (day > policy.windowDays) break;
    days.push(day);
  }
  return days;
}

/** How near `days` comes to any length that the interval can have; a hit on the same day counts as 0. */
function distance(days: number, interval: Interval): number {
  return Math.max(0, shortestDays(interval) - days, days - longestDays(interval));
}
