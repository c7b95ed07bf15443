import type { Schedule } from '../calendar/cycle.ts';
import type { IntervalUnit } from '../calendar/interval.ts';
import type { TakenCoupon } from '../catalog/coupon.ts';
import type { Currency } from '../money/money.ts';

/** Why terms were written down. */
export const termsOrigins = ['created', 'changed', 'repriced', 'imported', 'shifted'] as const;
export type TermsOrigin = (typeof termsOrigins)[number];

/** When the cycles of a subscription fall due; the names are those of its row. */
export type Rhythm = {
  readonly anchor: Temporal.PlainDate;
  /** The cycle that begins on the anchor. */
  readonly anchorCycle: number;
  readonly intervalCount: number;
  readonly intervalUnit: IntervalUnit;
  readonly timeZone: string;
  readonly chargeAt: string;
};

/** What is bought, and for how much. */
export type Purchase = {
  readonly plan: string;
  readonly catalogVersion: number;
  readonly unitAmount: bigint;
  readonly quantity: number;
  readonly amount: bigint;
  readonly currency: Currency;
  /** What is taken off; left out, or null: what was taken off before goes on. */
  readonly coupon?: TakenCoupon | null;
};

/** What was agreed, from one cycle on: the terms of a cycle are those of the newest agreement that reaches it. */
export type Terms = Rhythm &
  Purchase & {
    readonly number: number;
    /** The first cycle that these terms hold for. */
    readonly fromCycle: number;
    /** The last cycle that is bought; null: there is no such end. */
    readonly lastCycle: number | null;
  };

type Numbered = Pick<Terms, 'number' | 'fromCycle'>;

/**
 * The terms that hold, in the order of their cycles: of those that begin with the same cycle the one that was agreed last. A
 * cycle's terms are the last of these that begin with it or before it.
 */
export function holdingTerms<T extends Numbered>(agreed: readonly T[]): readonly T[] {
  const sorted = agreed.toSorted((a, b) => a.fromCycle - b.fromCycle || a.number - b.number);
  return sorted.filter(({ fromCycle }, index) => sorted[index + 1]?.fromCycle !== fromCycle);
}

/** The terms of a cycle; null: none of these reaches it. */
export function termsOf<T extends Numbered>(agreed: readonly T[], cycle: number): T | null {
  return holdingTerms(agreed).findLast(({ fromCycle }) => fromCycle <= cycle) ?? null;
}

/** The first cycle after this one that other terms were agreed for; null: none were. */
export function nextTermsAfter(agreed: readonly Numbered[], cycle: number): number | null {
  const later = agreed.map(({ fromCycle }) => fromCycle).filter((from) => from > cycle);
  return later.length === 0 ? null : Math.min(...later);
}

/** Where cycles lie under a rhythm, and under the terms that were agreed for later. */
export function scheduleUnder(rhythm: Rhythm, later: readonly (Rhythm & Numbered)[]): Schedule {
  const [next, ...rest] = holdingTerms(later);
  return {
    anchor: rhythm.anchor,
    anchorCycle: rhythm.anchorCycle,
    interval: { count: rhythm.intervalCount, unit: rhythm.intervalUnit },
    timeZone: rhythm.timeZone,
    chargeAt: rhythm.chargeAt,
    then: next === undefined ? null : { from: next.fromCycle, schedule: scheduleUnder(next, rest) },
  };
}
