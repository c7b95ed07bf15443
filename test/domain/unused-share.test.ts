import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { unusedShare } from '../../src/domain/money/unused-share.ts';

const date = (text: string) => Temporal.PlainDate.from(text);
const february = { start: date('2026-02-01'), end: date('2026-02-28') };

describe('the share of a payment for the days that are not used', () => {
  it.each([
    ['2026-02-01', 28, 150_000n],
    ['2026-02-15', 14, 75_000n],
    ['2026-02-28', 1, 5_357n],
    ['2026-03-01', 0, 0n],
    ['2026-04-01', 0, 0n],
    ['2026-01-01', 28, 150_000n],
  ])('from %s on it is that of %i days: the day itself counts as unused', (first, days, amount) => {
    expect(unusedShare(150_000n, february, date(first))).toEqual({ amount, days, ofDays: 28 });
  });

  it('is rounded half up, in whole minor units', () => {
    const two = { start: date('2026-02-01'), end: date('2026-02-02') };
    expect(unusedShare(3n, two, date('2026-02-02')).amount).toBe(2n);
    const three = { start: date('2026-02-01'), end: date('2026-02-03') };
    expect(unusedShare(100n, three, date('2026-02-03')).amount).toBe(33n);
    expect(unusedShare(100n, three, date('2026-02-02')).amount).toBe(67n);
  });
});

test('what is used and what is unused come to the payment, but for one half that is rounded up', () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: 0n, max: 10n ** 15n }),
      fc.integer({ min: 1, max: 3_660 }),
      fc.nat(4_000),
      (paid, length, on) => {
        const start = date('2026-01-31');
        const days = { start, end: start.add({ days: length - 1 }) };
        const { amount, days: left } = unusedShare(paid, days, start.add({ days: on }));
        const used = Number(paid) * ((length - left) / length);
        expect(amount >= 0n && amount <= paid).toBe(true);
        expect(Math.abs(Number(paid - amount) - used)).toBeLessThanOrEqual(0.5 + used * 1e-12);
      },
    ),
  );
});
