import { describe, expect, test } from 'vitest';
import { canonicalJson } from '../../src/domain/books/canonical-json.ts';
import { lineOf, linesText, storedLine } from '../../src/domain/money/lines.ts';
import { addUp, type BareLine, type ToAddUp } from '../../src/domain/money/sums.ts';
import type { DayTax } from '../../src/domain/money/taxes.ts';
import { chance } from '../support/chance.ts';
import { faultOfSums, sumsToDraw } from '../support/drawn-sums.ts';

const ratio = (numerator: number, denominator: number) => ({
  numerator: BigInt(numerator),
  denominator: BigInt(denominator),
  text: denominator === 100 ? `${numerator}%` : `${numerator}/${denominator}`,
});
const ppn: DayTax = { name: 'PPN', included: true, rate: ratio(12, 100), of: ratio(11, 12) };
const vat: DayTax = { name: 'VAT', included: false, rate: ratio(7, 100), of: null };
const line = (unitAmount: bigint, more: Partial<BareLine> = {}): BareLine => ({
  kind: 'plan',
  text: 'Pro',
  quantity: more.quantity ?? 1,
  unitAmount,
  amount: unitAmount * BigInt(more.quantity ?? 1),
  period: null,
  discounted: unitAmount > 0n,
  ...more,
});
const least = { amount: 5_000n, why: 'CARDS takes 5,000 IDR at least', follows: true };
const sums = (asked: Partial<ToAddUp>) =>
  addUp({ lines: [line(150_000n)], discount: null, tax: null, credit: 0n, least: null, ...asked });

test('a charge of its plan comes to the price', () => {
  expect(sums({})).toMatchObject({
    subtotal: 150_000n,
    amount: 150_000n,
    taxIncluded: 0n,
    taxAdded: 0n,
    creditUsed: 0n,
  });
});

test('quantity, set-up fee and items add up; the discount comes off before the tax, and the credit after it', () => {
  const made = sums({
    lines: [line(50_000n, { quantity: 3 }), line(50_000n, { kind: 'setup' }), line(10_000n, { kind: 'item' })],
    discount: { text: 'HEMAT20', percent: ratio(20, 100) },
    tax: vat,
    credit: 30_000n,
  });
  expect(made).toMatchObject({
    subtotal: 210_000n,
    discount: 42_000n,
    taxAdded: 11_760n,
    taxIncluded: 0n,
    creditUsed: 30_000n,
    amount: 149_760n,
  });
  expect(made.lines.map(({ kind, amount, tax }) => [kind, amount, tax?.base ?? null, tax?.amount ?? null])).toEqual([
    ['plan', 150_000n, 120_000n, 8_400n],
    ['setup', 50_000n, 40_000n, 2_800n],
    ['item', 10_000n, 8_000n, 560n],
    ['discount', -42_000n, null, null],
    ['credit', -30_000n, null, null],
  ]);
});

test('an amount off is spread over the lines by largest remainder, and never more than they come to', () => {
  const lines = [line(100n), line(100n), line(100n)];
  const off = sums({ lines, discount: { text: 'MINUS', amount: 100n }, tax: vat });
  expect(off.lines.slice(0, 3).map(({ tax }) => tax?.base)).toEqual([66n, 67n, 67n]);
  expect(sums({ lines, discount: { text: 'MINUS', amount: 1_000n } })).toMatchObject({ discount: 300n, amount: 0n });
});

test('what gives back, and what was discounted before, is not discounted', () => {
  const lines = [line(100_000n), line(-20_000n), line(5_000n, { kind: 'item', discounted: false })];
  expect(sums({ lines, discount: { text: 'HALF', percent: ratio(50, 100) } })).toMatchObject({
    subtotal: 85_000n,
    discount: 50_000n,
    amount: 35_000n,
  });
});

describe('credit', () => {
  test('is used first, and no more of it than is owed', () => {
    expect(sums({ credit: 20_000n })).toMatchObject({ creditUsed: 20_000n, amount: 130_000n });
    expect(sums({ credit: 200_000n })).toMatchObject({ creditUsed: 150_000n, amount: 0n });
  });

  test('is what lines give back beyond what they ask for', () => {
    const made = sums({ lines: [line(10_000n), line(-25_000n)], tax: ppn });
    expect(made).toMatchObject({ amount: 0n, givenBack: 15_000n, subtotal: 0n, taxIncluded: 0n, creditUsed: 0n });
    expect(made.lines.at(-1)).toMatchObject({ kind: 'credit', amount: 15_000n });
  });
});

describe('a sum below the least that its channel takes', () => {
  test('is carried with its why, before its tax, which the next charge has', () => {
    const made = sums({ lines: [line(3_000n)], tax: ppn, least });
    expect(made).toMatchObject({ subtotal: 0n, taxIncluded: 0n, amount: 0n });
    expect(made.carried).toEqual({ amount: 3_000n, why: 'CARDS takes 5,000 IDR at least' });
    expect(made.lines.at(-1)).toMatchObject({ amount: -3_000n, text: `carried to the next charge: ${least.why}` });
  });

  test('is what the credit leaves, since credit is used first', () => {
    const made = sums({ tax: ppn, credit: 148_000n, least });
    expect(made).toMatchObject({ subtotal: 148_000n, creditUsed: 148_000n, taxIncluded: 14_667n, amount: 0n });
    expect(made.carried?.amount).toBe(2_000n);
  });

  test('is carried without the tax that is added to it', () => {
    const made = sums({ lines: [line(3_000n)], tax: vat, least });
    expect(made).toMatchObject({ subtotal: 0n, taxAdded: 0n, amount: 0n, carried: { amount: 3_000n } });
  });

  test('is not asked for where no charge follows', () => {
    const made = sums({ lines: [line(3_000n)], least: { ...least, follows: false } });
    expect(made).toMatchObject({ amount: 0n, carried: null });
    expect(made.lines.at(-1)?.text).toBe(`not asked for: ${least.why}, and no charge follows`);
  });

  test('is nothing where it is 0, and where it is the least', () => {
    expect(sums({ credit: 150_000n, least })).toMatchObject({ amount: 0n, carried: null });
    expect(sums({ credit: 145_000n, least })).toMatchObject({ amount: 5_000n, carried: null });
    expect(sums({ credit: 145_001n, least })).toMatchObject({ amount: 0n, carried: { amount: 4_999n } });
  });
});

test('a line is read from the books as it was written', () => {
  const period = { start: Temporal.PlainDate.from('2026-12-01'), end: Temporal.PlainDate.from('2026-12-31') };
  for (const made of sums({ lines: [line(150_000n, { period })], tax: ppn, credit: 10n }).lines)
    expect(lineOf(JSON.parse(JSON.stringify(storedLine(made))))).toEqual(made);
});

test('lines are told in the one spelling that JSON has in the ledger', () => {
  const random = chance(13);
  const december = { start: Temporal.PlainDate.from('2026-12-01'), end: Temporal.PlainDate.from('2026-12-31') };
  for (let n = 0; n < 2_000; n += 1) {
    const period = n % 2 === 0 ? december : null;
    const lines = addUp(sumsToDraw(random)).lines.map((made) => storedLine({ ...made, period }));
    expect(linesText(lines)).toBe(canonicalJson({ lines }));
  }
});

test('twenty thousand charges that chance made add up', () => {
  const random = chance(12);
  for (let n = 0; n < 20_000; n += 1) {
    const asked = sumsToDraw(random);
    const fault = faultOfSums(asked, addUp(asked));
    if (fault !== null) expect.fail(`charge ${n}: ${fault}`);
  }
});
