/** What is bought of a subscription at one time, as far as its days cost something. */
export type Bought = {
  /** As customers know it: "Pro" or "3 x Pro". */
  readonly name: string;
  /** The full price of a period. */
  readonly amount: bigint;
  /** The days of a whole period. */
  readonly days: number;
};

/** Days of the running period that a change gives back (less than 0) or costs. */
export type ProratedLine = {
  readonly kind: 'credit' | 'plan';
  readonly text: string;
  readonly amount: bigint;
  readonly period: { readonly start: Temporal.PlainDate; readonly end: Temporal.PlainDate };
};

/** A period that runs when a change applies. */
export type RunningPeriod = {
  /** Its last day before the change, included. */
  readonly endsOn: Temporal.PlainDate;
  /** Whether its money came in or is still asked for: nobody gets back what nobody asked for. */
  readonly isPaidFor: boolean;
};

/** So many days of a price, rounded half up. */
function prorated({ amount, days }: Pick<Bought, 'amount' | 'days'>, share: number): bigint {
  const whole = 2n * BigInt(days);
  return (2n * amount * BigInt(share) + BigInt(days)) / whole;
}

/**
 * What a change costs and gives back, by the day: the unused days at the full price of what was in force, and the days until the
 * next period at the price of what is in force from then on. The day of the change belongs to the new terms. Nothing is asked
 * twice where only the length of the period changes: then its days more or less are all there is.
 */
export function prorationLines(
  { endsOn, isPaidFor }: RunningPeriod,
  { on, nextStartsOn }: { readonly on: Temporal.PlainDate; readonly nextStartsOn: Temporal.PlainDate },
  before: Bought,
  after: Bought,
  isSamePurchase: boolean,
): readonly ProratedLine[] {
  const unused = isSamePurchase ? later(on, nextStartsOn) : on;
  const added = isSamePurchase ? later(on, endsOn.add({ days: 1 })) : on;
  const lines = [
    ...(isPaidFor ? [lineOf('credit', before, unused, endsOn)] : []),
    lineOf('plan', after, added, nextStartsOn.subtract({ days: 1 })),
  ];
  return lines.filter((line) => line !== null && line.amount !== 0n) as readonly ProratedLine[];
}

function lineOf(
  kind: ProratedLine['kind'],
  bought: Bought,
  start: Temporal.PlainDate,
  end: Temporal.PlainDate,
): ProratedLine | null {
  const share = start.until(end).days + 1;
  if (share <= 0) return null;
  const amount = prorated(bought, share);
  const text = `${bought.name}, ${kind === 'credit' ? 'unused ' : ''}${share} of ${bought.days} days`;
  return { kind, text, amount: kind === 'credit' ? -amount : amount, period: { start, end } };
}

function later(a: Temporal.PlainDate, b: Temporal.PlainDate): Temporal.PlainDate {
  return Temporal.PlainDate.compare(a, b) > 0 ? a : b;
}
