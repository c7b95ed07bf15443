import { localDate } from '../../domain/calendar/cycle.ts';
import { type Currency, majorNumber } from '../../domain/money/money.ts';

export type By = 'day' | 'month';

/** What falls due on a day, or in the month that begins on it, in one currency; amounts of different currencies are never added up. */
export type ForecastRow = {
  readonly day: string;
  readonly currency: Currency;
  readonly expected: number;
  readonly weighted: number;
  readonly charges: number;
};

/** A charge that is to come, with how much of such ones comes in. */
export type Expected = {
  readonly dueAt: Temporal.Instant;
  readonly amount: bigint;
  readonly currency: Currency;
  readonly millionths: number;
};

type Sum = { expected: bigint; weighted: bigint; charges: number };

const MILLION = 1_000_000n;

/** Adds up what is to come. It keeps sums alone, so it grows with the days and not with the charges. */
export class ForecastRows {
  readonly #zone: string;
  readonly #by: By;
  readonly #days = new Map<bigint, string>();
  readonly #sums = new Map<string, Sum>();
  charges = 0;

  /** `zone`: whose calendar says which day it is. */
  constructor(zone: string, by: By) {
    this.#zone = zone;
    this.#by = by;
  }

  add({ dueAt, amount, currency, millionths }: Expected): void {
    const day = this.#days.getOrInsertComputed(dueAt.epochNanoseconds, () => this.#dayOf(dueAt));
    const sum = this.#sums.getOrInsertComputed(`${day} ${currency}`, () => ({
      expected: 0n,
      weighted: 0n,
      charges: 0,
    }));
    sum.expected += amount;
    sum.weighted += amount * BigInt(millionths);
    sum.charges += 1;
    this.charges += 1;
  }

  rows(): readonly ForecastRow[] {
    const keys = [...this.#sums.keys()].toSorted();
    return keys.flatMap((key) => {
      const sum = this.#sums.get(key);
      const [day = '', currency = ''] = key.split(' ');
      return sum === undefined ? [] : [rowOf(day, currency as Currency, sum)];
    });
  }

  #dayOf(dueAt: Temporal.Instant): string {
    const day = localDate(dueAt, this.#zone);
    return (this.#by === 'day' ? day : day.with({ day: 1 })).toString();
  }
}

/** What comes in of it, half up in the whole. */
function rowOf(day: string, currency: Currency, { expected, weighted, charges }: Sum): ForecastRow {
  const comesIn = (weighted + MILLION / 2n) / MILLION;
  return {
    day,
    currency,
    expected: majorNumber({ minor: expected, currency }),
    weighted: majorNumber({ minor: comesIn, currency }),
    charges,
  };
}
