/** On which days of a country a retry is made; dates in ISO, slots as days of the month. */
export type RetryDays = {
  /** No retry falls on one of these. */
  readonly quiet: readonly string[];
  /** When money comes in: a retry for want of funds waits for one of these inside its window. */
  readonly paydays: readonly number[];
};

/** Every day is as good as any other. */
export const anyDay: RetryDays = { quiet: [], paydays: [] };

type ByCountry<T> = Readonly<Partial<Record<string, readonly T[]>>>;

/** The days of a country, as the catalog has them. */
export function retryDaysOf(
  { quietDays, paydaySlots }: { readonly quietDays: ByCountry<string>; readonly paydaySlots: ByCountry<number> },
  country: string | undefined,
): RetryDays {
  const [quiet, paydays] = country === undefined ? [] : [quietDays[country], paydaySlots[country]];
  return quiet === undefined && paydays === undefined ? anyDay : { quiet: quiet ?? [], paydays: paydays ?? [] };
}

export function isQuiet(day: Temporal.PlainDate, { quiet }: RetryDays): boolean {
  return quiet.length > 0 && quiet.includes(day.toString());
}

/** The day itself, or the first after it that is not quiet. */
export function notQuiet(day: Temporal.PlainDate, days: RetryDays): Temporal.PlainDate {
  let free = day;
  while (isQuiet(free, days)) free = free.add({ days: 1 });
  return free;
}

/** The first payday slot from a day on, until a last day; a slot that is quiet is the next day that is not. Null: none lies there. */
export function paydayWithin(
  first: Temporal.PlainDate,
  last: Temporal.PlainDate,
  days: RetryDays,
): Temporal.PlainDate | null {
  if (days.paydays.length === 0) return null;
  const within: Temporal.PlainDate[] = [];
  // The slot of a month before may be put off into the days that are looked at.
  let month = first.toPlainYearMonth().subtract({ months: 1 });
  for (; Temporal.PlainDate.compare(month.toPlainDate({ day: 1 }), last) <= 0; month = month.add({ months: 1 })) {
    const slots = days.paydays.map((day) => notQuiet(month.toPlainDate({ day }), days));
    within.push(...slots.filter((slot) => isBetween(slot, first, last)));
  }
  return within.toSorted(Temporal.PlainDate.compare)[0] ?? null;
}

function isBetween(day: Temporal.PlainDate, first: Temporal.PlainDate, last: Temporal.PlainDate): boolean {
  return Temporal.PlainDate.compare(day, first) >= 0 && Temporal.PlainDate.compare(day, last) <= 0;
}
