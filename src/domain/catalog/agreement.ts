import { type Interval, intervalText } from '../calendar/interval.ts';
import { type Money, moneyText } from '../money/money.ts';

/** What a customer agrees to when they save a method. */
export type Agreement = {
  readonly name: string;
  readonly price: Money;
  readonly interval: Interval;
  /** Number of cycles; null: until somebody cancels. */
  readonly endsAfter: number | null;
  /** What is free at the start; null: nothing. */
  readonly trial: Interval | null;
  /** The day of the first charge, where the product asked for one; it wins over the trial. */
  readonly startsOn: Temporal.PlainDate | null;
};

/** What the customer reads on Xendit's page: "Pro: IDR 150,000 a month, until you cancel". */
export function agreementText({ name, price, interval, endsAfter, trial, startsOn }: Agreement): string {
  const start =
    startsOn !== null ? `from ${startsOn.toString()}, ` : trial !== null ? `${intervalText(trial)} free, then ` : '';
  const end = endsAfter === null ? 'until you cancel' : endsAfter === 1 ? 'once' : `${endsAfter} times in all`;
  return `${name}: ${start}${moneyText(price)} ${oftenText(interval)}, ${end}`;
}

function oftenText({ count, unit }: Interval): string {
  return count === 1 ? `a ${unit}` : `every ${count} ${unit}s`;
}
