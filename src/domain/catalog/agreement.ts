import { type Interval, intervalText } from '../calendar/interval.ts';
import { type Money, moneyText } from '../money/money.ts';
import type { TakenCoupon } from './coupon.ts';

/** What a customer agrees to when they save a method. */
export type Agreement = {
  readonly name: string;
  readonly price: Money;
  /** Paid once; null: nothing is. */
  readonly setupFee: Money | null;
  /** Null: none, or nothing is said of it. */
  readonly tax: { readonly name: string; readonly included: boolean } | null;
  readonly interval: Interval;
  /** Number of cycles; null: until somebody cancels. */
  readonly endsAfter: number | null;
  /** What is free at the start; null: nothing. */
  readonly trial: Interval | null;
  /** The day of the first charge, where the product asked for one; it wins over the trial. */
  readonly startsOn: Temporal.PlainDate | null;
  /** What is taken off; null: nothing. */
  readonly coupon: Pick<TakenCoupon, 'percent' | 'amount' | 'cycles'> | null;
};

/** What the customer reads on Xendit's page: "Pro: IDR 150,000 a month, until you cancel". */
export function agreementText(agreement: Agreement): string {
  const { name, price, interval, endsAfter, trial, startsOn, setupFee, tax, coupon } = agreement;
  const isFeeNow = setupFee !== null && trial !== null;
  const now = isFeeNow ? `${moneyText(setupFee)} now, ` : '';
  const start =
    startsOn !== null ? `from ${startsOn.toString()}, ` : trial !== null ? `${intervalText(trial)} free, then ` : '';
  const plus = tax === null || tax.included ? '' : ` plus ${tax.name}`;
  const fee = setupFee === null || isFeeNow ? '' : `, and ${moneyText(setupFee)} the first time`;
  const end = endsAfter === null ? 'until you cancel' : endsAfter === 1 ? 'once' : `${endsAfter} times in all`;
  const often = `${moneyText(price)} ${oftenText(interval)}${plus}`;
  return `${name}: ${now}${start}${often}${fee}${discountText(coupon, price)}, ${end}`;
}

function discountText(coupon: Agreement['coupon'], { currency }: Money): string {
  if (coupon === null) return '';
  const off =
    coupon.percent === null ? moneyText({ minor: BigInt(coupon.amount ?? 0), currency }) : `${coupon.percent}%`;
  const times =
    coupon.cycles === null ? '' : coupon.cycles === 1 ? ' the first time' : ` the first ${coupon.cycles} times`;
  return `, less ${off}${times}`;
}

function oftenText({ count, unit }: Interval): string {
  return count === 1 ? `a ${unit}` : `every ${count} ${unit}s`;
}
