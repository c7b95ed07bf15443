/** A period by its first and last day, both included. */
export type Days = { readonly start: Temporal.PlainDate; readonly end: Temporal.PlainDate };

/** The part of a payment for days that are not used: so many of all days of its period. */
export type Unused = { readonly amount: bigint; readonly days: number; readonly ofDays: number };

/**
 * What of a payment is for the days from `first` on: by the day, of all days of its period, rounded half up. The day on which
 * something ends counts as unused.
 */
export function unusedShare(paid: bigint, { start, end }: Days, first: Temporal.PlainDate): Unused {
  const ofDays = daysIn(start, end);
  const days = Math.min(ofDays, Math.max(0, daysIn(first, end)));
  const amount = (2n * paid * BigInt(days) + BigInt(ofDays)) / (2n * BigInt(ofDays));
  return { amount, days, ofDays };
}

function daysIn(start: Temporal.PlainDate, end: Temporal.PlainDate): number {
  return start.until(end).days + 1;
}
