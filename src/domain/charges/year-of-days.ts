import type { ChargeStatus } from './charge.ts';

/** What a day is to a subscription: paid for, owed, or asked of nobody; null: it lies in no period. */
export type Ground = 'paid' | 'owed' | 'off';
/** What was tried on a day, or is to be: money came in, it was declined, or it is open. */
export type Dot = 'paid' | 'declined' | 'open';

export type Day = {
  readonly on: Temporal.PlainDate;
  readonly ground: Ground | null;
  readonly isDue: boolean;
  readonly dot: Dot | null;
};

/** A charge for a period, with days as its subscription's calendar has them. */
export type Period = {
  readonly start: Temporal.PlainDate;
  /** The last day, included. */
  readonly end: Temporal.PlainDate;
  readonly dueOn: Temporal.PlainDate;
  readonly status: ChargeStatus;
  readonly isForgiven: boolean;
  /** When its money came in, or it was closed; null: it is open. */
  readonly settledOn: Temporal.PlainDate | null;
};

export type Tried = { readonly on: Temporal.PlainDate; readonly dot: Dot };

/** The days of a year: a period is owed until its money came in, and paid for from then on. Of several tries on a day that with money counts. */
export function yearOfDays(
  year: number,
  periods: readonly Period[],
  dueDays: readonly Temporal.PlainDate[],
  tries: readonly Tried[],
): readonly Day[] {
  const grounds = new Map(periods.flatMap(groundsOf));
  const due = new Set([...periods.map(({ dueOn }) => dueOn), ...dueDays].map(String));
  const dots = new Map<string, Dot>();
  for (const { on, dot } of tries) if (outranks(dot, dots.get(String(on)))) dots.set(String(on), dot);
  const first = Temporal.PlainDate.from({ year, month: 1, day: 1 });
  return Array.from({ length: first.daysInYear }, (_, index) => {
    const on = first.add({ days: index });
    const day = String(on);
    return { on, ground: grounds.get(day) ?? null, isDue: due.has(day), dot: dots.get(day) ?? null };
  });
}

function groundsOf(period: Period): readonly (readonly [string, Ground])[] {
  const { start, end } = period;
  return Array.from({ length: start.until(end).days + 1 }, (_, index) => {
    const on = start.add({ days: index });
    return [String(on), groundOn(on, period)] as const;
  });
}

function groundOn(on: Temporal.PlainDate, { status, isForgiven, settledOn }: Period): Ground {
  switch (status) {
    case 'void':
      return isForgiven ? 'paid' : 'off';
    case 'due':
    case 'attempting':
    case 'held':
    case 'uncollectible':
      return 'owed';
    case 'paid':
    case 'refunded':
    case 'partially_refunded':
      return settledOn !== null && Temporal.PlainDate.compare(on, settledOn) < 0 ? 'owed' : 'paid';
  }
}

const RANKS: Readonly<Record<Dot, number>> = { open: 1, declined: 2, paid: 3 };

function outranks(dot: Dot, other: Dot | undefined): boolean {
  return other === undefined || RANKS[dot] > RANKS[other];
}
