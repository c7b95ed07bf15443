import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import type { Discount } from '../../src/domain/money/sums.ts';
import { type InForce, linesOf, newTerms, type Wanted } from '../../src/domain/subscriptions/new-terms.ts';
import { lessDiscount } from '../../src/domain/subscriptions/period-discount.ts';

const date = (text: string) => Temporal.PlainDate.from(text);
const noon = (text: string) => date(text).toZonedDateTime({ timeZone: 'Asia/Jakarta', plainTime: '12:00' }).toInstant();
const NAMES = { before: 'Pro', after: 'Max' };
const nothing: Wanted = { purchase: null, plan: null, timeZone: null, chargeAt: null, anchor: null };

/** Cycle 0 of 1 to 30 September runs. */
const september: InForce = {
  anchor: date('2027-09-01'),
  anchorCycle: 0,
  intervalCount: 1,
  intervalUnit: 'month',
  timeZone: 'Asia/Jakarta',
  chargeAt: '09:00',
  plan: 'pro',
  catalogVersion: 1,
  unitAmount: 150_000n,
  quantity: 1,
  amount: 150_000n,
  currency: 'IDR',
  nextCycle: 1,
  nextCycleAt: Temporal.Instant.from('2027-10-01T02:00:00Z'),
  endsAfter: null,
  later: [],
};

const buying = (plan: string, amount: bigint): Wanted => ({
  ...nothing,
  purchase: { plan, catalogVersion: 1, unitAmount: amount, quantity: 1, amount, currency: 'IDR' },
  plan: { intervalCount: 1, intervalUnit: 'month', endsAfter: null },
});

/** The lines of a change made at noon of that day, and the subscription after it. */
function changed(
  before: InForce,
  wanted: Wanted,
  on: string,
  when: 'now' | 'period_end' = 'now',
  isPaidFor = true,
  discount: Discount | null = null,
) {
  const change = newTerms(before, wanted, when, noon(on));
  const lines = linesOf(change, NAMES, { isPaidFor, discount });
  const sum = lines.reduce((all, { amount }) => all + amount, 0n);
  const { plan, unitAmount, amount } = change.terms;
  const after: InForce = { ...before, plan, unitAmount, amount, later: [{ ...change.terms, number: 1 }] };
  return { lines, sum, after, change };
}

describe('what a change costs and gives back', () => {
  it('is counted by the day, of the days of the whole period, and the day of the change is of the new plan', () => {
    const { lines } = changed(september, buying('max', 250_000n), '2027-09-11');
    expect(lines.map(({ kind, text, amount }) => ({ kind, text, amount }))).toEqual([
      { kind: 'credit', text: 'Pro, unused 20 of 30 days', amount: -100_000n },
      { kind: 'plan', text: 'Max, 20 of 30 days', amount: 166_667n },
    ]);
    const period = { start: date('2027-09-11'), end: date('2027-09-30') };
    expect(lines.map((line) => line.period)).toEqual([period, period]);
  });

  it('rounds each line half up: 1 of 30 days of 150,015 is 5,000.5 and is 5,001', () => {
    const { lines } = changed(
      { ...september, unitAmount: 150_015n, amount: 150_015n },
      buying('max', 30n),
      '2027-09-30',
    );
    expect(lines.map(({ amount }) => amount)).toEqual([-5_001n, 1n]);
  });

  // A second upgrade was credited with the share of the first one's partial charge: gumroad#6077.
  it('gives back the unused days at the full price of the plan in force, after an upgrade too', () => {
    const first = changed(september, buying('max', 300_000n), '2027-09-11');
    const second = changed(first.after, buying('team', 600_000n), '2027-09-21');
    expect(second.lines.map(({ amount }) => amount)).toEqual([-100_000n, 200_000n]);
  });

  it('is nothing with the next period, and nothing where only when it is charged changes', () => {
    expect(changed(september, buying('max', 250_000n), '2027-09-11', 'period_end').lines).toEqual([]);
    const later = changed(september, { ...nothing, timeZone: 'Asia/Makassar', chargeAt: '18:00' }, '2027-09-11');
    expect(later.lines).toEqual([]);
  });

  it('is nothing in all when it goes up and down again on one day', () => {
    const up = changed(september, buying('max', 333_333n), '2027-09-14');
    const down = changed(up.after, buying('pro', 150_000n), '2027-09-14');
    expect(up.sum + down.sum).toBe(0n);
  });

  it('gives nothing back of a period that nobody is asked to pay', () => {
    const { lines } = changed(september, buying('max', 250_000n), '2027-09-11', 'now', false);
    expect(lines.map(({ kind }) => kind)).toEqual(['plan']);
  });

  it('is the days that a moved anchor adds to the period that runs, or takes from it', () => {
    const moved = (anchor: string) => changed(september, { ...nothing, anchor: date(anchor) }, '2027-09-11');
    expect(moved('2027-10-07').lines).toMatchObject([
      { kind: 'plan', amount: 30_000n, period: { start: date('2027-10-01'), end: date('2027-10-06') } },
    ]);
    expect(moved('2027-09-25').lines).toMatchObject([
      { kind: 'credit', amount: -30_000n, period: { start: date('2027-09-25'), end: date('2027-09-30') } },
    ]);
  });

  it('is all unused days when the next period begins on the day of the change, and that one is charged at once', () => {
    const { lines, change } = changed(
      september,
      { ...buying('max', 250_000n), anchor: date('2027-09-11') },
      '2027-09-11',
    );
    expect(lines.map(({ amount }) => amount)).toEqual([-100_000n]);
    expect(change.nextCycleAt).toEqual(noon('2027-09-11'));
  });

  // A new amount moved the day of the next charge: opencollective#7455.
  it('never moves the day of the next charge: 31 January, and a new price before 28 February, are 31 March', () => {
    const january = { ...september, anchor: date('2027-01-31'), nextCycleAt: noon('2027-02-28') };
    const { change } = changed(january, buying('max', 250_000n), '2027-02-10');
    expect(change.nextStartsOn).toEqual(date('2027-02-28'));
    expect(change.terms).toMatchObject({ anchor: date('2027-01-31'), anchorCycle: 0, fromCycle: 1 });
  });

  const half: Discount = { text: 'HALF, 50% off', percent: { numerator: 1n, denominator: 2n } };
  const flat: Discount = { text: 'FLAT', amount: 60_000n };

  it('gives back what was paid with a coupon, and asks for the days of the new plan with the same', () => {
    const { lines } = changed(september, buying('max', 300_000n), '2027-09-11', 'now', true, half);
    expect(lines.map(({ text, amount }) => ({ text, amount }))).toEqual([
      { text: 'Pro (HALF, 50% off), unused 20 of 30 days', amount: -50_000n },
      { text: 'Max (HALF, 50% off), 20 of 30 days', amount: 100_000n },
    ]);
    const down = changed(september, buying('max', 30_000n), '2027-09-11', 'now', true, flat);
    expect(down.lines.map(({ amount }) => amount)).toEqual([-60_000n]);
  });

  test('nobody gets more back in a period than they paid in it, whatever they change and with whichever coupon', () => {
    const steps = fc.array(
      fc.record({ day: fc.integer({ min: 0, max: 29 }), amount: fc.bigInt({ min: 1n, max: 900_000n }) }),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(steps, fc.constantFrom(half, flat), (drawn, discount) => {
        let book = september;
        let paid = lessDiscount(september.amount, discount);
        let rounded = 0n;
        for (const { day, amount } of drawn.toSorted((a, b) => a.day - b.day)) {
          const on = september.anchor.add({ days: day }).toString();
          const { sum, lines, after } = changed(book, buying(`p-${amount}`, amount), on, 'now', true, discount);
          [book, paid, rounded] = [after, paid + sum, rounded + BigInt(lines.length)];
          expect(paid >= -rounded).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('each day is paid once, at the price of its plan, whatever was changed before on whichever days', () => {
    const steps = fc.array(
      fc.record({ day: fc.integer({ min: 0, max: 29 }), amount: fc.bigInt({ min: 1n, max: 10_000_000n }) }),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(steps, (drawn) => {
        let [book, sum, rounded] = [september, september.amount, 0];
        const prices = Array.from({ length: 30 }, () => september.amount);
        for (const { day, amount } of drawn.toSorted((a, b) => a.day - b.day)) {
          const on = september.anchor.add({ days: day }).toString();
          const { sum: more, lines, after } = changed(book, buying(`p-${amount}`, amount), on);
          prices.fill(amount, day);
          [book, sum, rounded] = [after, sum + more, rounded + lines.length];
        }
        const exact = prices.reduce((all, price) => all + price, 0n);
        const off = sum * 30n - exact;
        expect((off < 0n ? -off : off) * 2n <= 30n * BigInt(rounded)).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });
});
