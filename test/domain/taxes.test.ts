import { describe, expect, test } from 'vitest';
import { parseFraction, parsePercent, shareOf, spread, type WrittenRatio } from '../../src/domain/money/ratios.ts';
import { closes, type DayTax, nearestThatClose, type Tax, taxOf, taxOn } from '../../src/domain/money/taxes.ts';

const day = Temporal.PlainDate.from;
const written = (ratio: ReturnType<typeof parsePercent>): WrittenRatio => {
  if ('fault' in ratio) throw new Error(ratio.fault);
  return ratio;
};
const twelve = written(parsePercent('12%'));
/** Indonesia's since 2025: 12 % of 11/12 of the price. */
const ppn: DayTax = { name: 'PPN', included: true, rate: twelve, of: written(parseFraction('11/12')) };

describe('PPN inside of a price', () => {
  test.each<[bigint, bigint, bigint, bigint]>([
    [150_000n, 135_135n, 123_874n, 14_865n],
    [49_000n, 44_144n, 40_465n, 4_856n],
    [24_999n, 22_522n, 20_645n, 2_477n],
    [25_001n, 22_523n, 20_646n, 2_478n],
    [0n, 0n, 0n, 0n],
    [-49_000n, -44_144n, -40_465n, -4_856n],
  ])('%s is %s with %s of 11/12 and a tax of %s', (price, base, part, amount) => {
    expect(taxOf(ppn, price)).toEqual({ name: 'PPN', rate: '12%', of: '11/12', included: true, base, part, amount });
    expect(closes(ppn, price)).toBe(true);
  });

  test('25,000 stands, although base and tax are each rounded up, and the nearest prices that close are named', () => {
    expect(closes(ppn, 25_000n)).toBe(false);
    expect(taxOf(ppn, 25_000n)).toMatchObject({ base: 22_522n, part: 20_646n, amount: 2_478n });
    expect(nearestThatClose(ppn, 25_000n)).toEqual({ below: 24_999n, above: 25_001n });
  });

  test('does not close for about a tenth of all prices, and never far from one that does', () => {
    const open = Array.from({ length: 10_000 }, (_, index) => BigInt(index + 1)).filter((price) => !closes(ppn, price));
    expect(open.length).toBeGreaterThan(800);
    expect(open.length).toBeLessThan(1_200);
    for (const price of open) {
      const { below, above } = nearestThatClose(ppn, price);
      expect(Number((above ?? 0n) - price)).toBeLessThan(5);
      expect(below === null || Number(price - below) < 5).toBe(true);
    }
  });
});

test('a tax that is added leaves the price as its base', () => {
  const vat: DayTax = { name: 'VAT', included: false, rate: written(parsePercent('7.5%')), of: null };
  expect(taxOf(vat, 1_001n)).toEqual({
    name: 'VAT',
    rate: '7.5%',
    of: null,
    included: false,
    base: 1_001n,
    part: null,
    amount: 75n,
  });
  expect(closes(vat, 1_001n)).toBe(true);
});

test('a rate holds from its day on: 31 December and 1 January differ', () => {
  const [old, now] = ['11%', '12%'].map((text) => written(parsePercent(text))) as [WrittenRatio, WrittenRatio];
  const tax: Tax = {
    name: 'VAT',
    included: true,
    rates: [
      { from: day('2022-04-01'), rate: old, of: null },
      { from: day('2027-01-01'), rate: now, of: null },
    ],
  };
  expect(taxOn(tax, day('2022-03-31'))).toBeNull();
  expect(taxOn(tax, day('2022-04-01'))?.rate.text).toBe('11%');
  expect(taxOn(tax, day('2026-12-31'))?.rate.text).toBe('11%');
  expect(taxOn(tax, day('2027-01-01'))?.rate.text).toBe('12%');
});

describe('a share', () => {
  test.each(['12%', '7.5%', '0.0001%', '100%'])('may be %s', (text) =>
    expect(parsePercent(text)).toHaveProperty('text', text),
  );
  test.each(['12', '0%', '101%', '-1%', '12 %', '1e1%', '', '12.00001%'])('is not %s', (text) =>
    expect(parsePercent(text)).toHaveProperty('fault'),
  );
  test.each(['13/12', '0/12', '11/0', '11:12', '11', '1/12345678'])('nor of something %s', (text) =>
    expect(parseFraction(text)).toHaveProperty('fault'),
  );

  test('is rounded half up, and of what is given back as of what is asked for', () => {
    const half = { numerator: 1n, denominator: 2n };
    expect([1n, 2n, 3n, -1n, -3n].map((amount) => shareOf(amount, half))).toEqual([1n, 1n, 2n, -1n, -2n]);
  });
});

describe('a sum that is spread', () => {
  test.each<[bigint, bigint[], bigint[]]>([
    [10n, [1n, 1n, 1n], [4n, 3n, 3n]],
    [10n, [0n, 3n, 1n], [0n, 8n, 2n]],
    [1n, [2n, 3n], [0n, 1n]],
    [7n, [5n, 5n, 5n, 5n], [2n, 2n, 2n, 1n]],
    [0n, [1n, 2n], [0n, 0n]],
    [5n, [], []],
    [5n, [0n, 0n], [0n, 0n]],
  ])('%s by %s is %s: the largest remainders have one more, the first of equal ones', (sum, weights, parts) => {
    expect(spread(sum, weights)).toEqual(parts);
  });
});
