/** The charges of a day: how many fell due and were not given up, and how many of them were collected at the first try. */
export type CountedDay = { readonly day: string; readonly due: number; readonly firstTry: number };

/** Fewer other days do not tell what is usual. */
const LEAST_DAYS = 7;
/** So far from what is usual a day stands out. */
const DEVIATIONS = 3;

/**
 * The days on which far fewer charges than on the others were collected at the first try. A day is measured against all the others, by
 * how these differ from one another, and by what chance alone does to a day of few charges.
 */
export function outlierDays(days: readonly CountedDay[]): readonly string[] {
  const counted = days.filter(({ due }) => due > 0);
  if (counted.length <= LEAST_DAYS) return [];
  return counted.filter((day) => standsOut(day, counted)).map(({ day }) => day);
}

function standsOut(one: CountedDay, all: readonly CountedDay[]): boolean {
  const others = all.filter(({ day }) => day !== one.day);
  const due = others.reduce((sum, day) => sum + day.due, 0);
  const usual = others.reduce((sum, day) => sum + day.firstTry, 0) / due;
  const spread = others.reduce((sum, day) => sum + day.due * (rateOf(day) - usual) ** 2, 0) / due;
  const chance = (usual * (1 - usual)) / one.due;
  const away = usual - rateOf(one);
  // Where all others collected everything, nothing deviates: one charge that did not is no outlier.
  return away * one.due > 1 && away > DEVIATIONS * Math.sqrt(spread + chance);
}

function rateOf({ due, firstTry }: CountedDay): number {
  return firstTry / due;
}
