import { describe, expect, test } from 'vitest';
import type { TakenCoupon } from '../../src/domain/catalog/coupon.ts';
import { CARRIED } from '../../src/domain/charges/parts.ts';
import type { StoredLine } from '../../src/domain/money/lines.ts';
import { lessDiscount, periodDiscount } from '../../src/domain/subscriptions/period-discount.ts';

const line = (kind: StoredLine['kind'], amount: number, text = 'a line'): StoredLine => {
  return { kind, text, quantity: 1, unit_amount: amount, amount };
};
const plan = line('plan', 150_000);
const half: TakenCoupon = { code: 'HALF', percent: 50, amount: null, cycles: 1 };
const flat: TakenCoupon = { code: 'FLAT', percent: null, amount: '100000', cycles: null };
const charged = (coupon: string | null, discount: bigint, ...lines: StoredLine[]) => ({ coupon, discount, lines });

/** What a price of 150,000 comes to with what was taken off the plan of that charge. */
function priced(charge: ReturnType<typeof charged>, coupon: TakenCoupon | null): bigint {
  return lessDiscount(150_000n, periodDiscount(charge, coupon));
}

describe('what was taken off the plan of a period', () => {
  test.each<[string, bigint, ReturnType<typeof charged>, TakenCoupon | null]>([
    [
      'nothing of a charge without a coupon, whatever its subscription has now',
      150_000n,
      charged(null, 0n, plan),
      half,
    ],
    ['the share that was promised', 75_000n, charged('HALF', 75_000n, plan), half],
    ['the amount that was promised', 50_000n, charged('FLAT', 100_000n, plan), flat],
    [
      'of an amount the part that fell on the plan, beside a set-up fee and an item',
      90_000n,
      charged('FLAT', 100_000n, plan, line('setup', 50_000), line('item', 50_000)),
      flat,
    ],
    [
      'all of it beside lines that it is not taken off: days of a change, and what was carried',
      50_000n,
      charged('FLAT', 100_000n, plan, line('plan', 70_000), line('credit', -20_000), line('item', 3_000, CARRIED)),
      flat,
    ],
    ['never more than the price', 0n, charged('FLAT', 150_000n, plan), { ...flat, amount: '999999' }],
    [
      'by the coupon that the period was charged with, where another has taken its place since',
      75_000n,
      charged('HALF', 75_000n, plan),
      { ...flat, before: half },
    ],
    [
      'as much as the charge says, of a coupon that nobody knows any more',
      80_000n,
      charged('GONE', 70_000n, plan),
      flat,
    ],
  ])('%s', (_what, price, charge, coupon) => {
    expect(priced(charge, coupon)).toBe(price);
  });
});
