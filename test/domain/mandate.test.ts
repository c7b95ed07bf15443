import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addInterval, type Interval } from '../../src/domain/calendar/interval.ts';
import type { Plan } from '../../src/domain/catalog/plan.ts';
import { coversDate, earliestNext, type Mandate, mandateFault, mandateFor } from '../../src/domain/methods/mandate.ts';
import { money } from '../../src/domain/money/money.ts';
import { plainCards } from '../support/card-terms.ts';

const date = (text: string) => Temporal.PlainDate.from(text);
const from = date('2026-01-31');
const month: Interval = { count: 1, unit: 'month' };

function plan(more: Partial<Plan>, retryAfterDays: readonly number[] = [], windowDays = 28): Plan {
  const ending: Pick<Plan['dunning'], 'then'> = { then: 'cancel' };
  return {
    id: 'pro',
    name: 'Pro',
    price: money(150000, 'IDR'),
    setupFee: null,
    tax: null,
    interval: month,
    trial: null,
    trialOnce: false,
    unpaidCycles: 'count',
    firstCharge: 'after_saving',
    onDispute: 'stop',
    endsAfter: null,
    dunning: { name: 'standard', retryAfterDays, windowDays, ...ending },
    missedCycles: 'latest',
    graceDays: 3,
    priceChange: 'new_only',
    noticeDays: null,
    silence: 'agrees',
    changes: 'next_cycle',
    country: 'ID',
    timeZone: 'Asia/Jakarta',
    chargeAt: '09:00',
    returnUrls: null,
    paymentChannels: null,
    cards: plainCards,
    ...more,
  };
}

const frequency = (interval: Interval, ladder: readonly number[], window = 28) =>
  mandateFor(plan({ interval }, ladder, window), from, 10).recurringFrequency;

describe('the frequency is the smallest number of days that may lie between two charges', () => {
  test.each<[string, Interval, readonly number[], number, number]>([
    ['without retries it is the shortest cycle', month, [], 28, 28],
    ['a year has 365 days at least', { count: 1, unit: 'year' }, [], 28, 365],
    ['two weeks', { count: 2, unit: 'week' }, [], 28, 14],
    ['every day', { count: 1, unit: 'day' }, [], 1, 1],
    ['a ladder that begins with a day', month, [1, 3, 5, 7], 28, 1],
    ['the shortest step of the ladder, wherever it stands', month, [5, 3, 7], 28, 3],
    ['a retry two days before the shortest month is over', month, [13, 13], 28, 2],
    ['a retry that may fall on the day of the next cycle counts as 1', month, [14, 15], 40, 1],
    ['a retry after the longest month is past the next cycle by so many days', month, [16, 17], 40, 2],
    ['a step outside the window is never made', month, [7, 14, 1], 21, 7],
    ['a step on the last day of the window is made', month, [7, 14], 21, 7],
    ['a window of many short cycles', { count: 1, unit: 'week' }, [10, 10], 28, 1],
    ['retries of one cycle between the retries of the next', { count: 2, unit: 'week' }, [4, 8], 28, 2],
  ])('%s', (_, interval, ladder, window, days) => {
    expect(frequency(interval, ladder, window)).toBe(days);
  });

  test('no two tries of a plan ever lie nearer to each other, unless they fall on the same day', () => {
    const ladder = fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 4 });
    const interval: fc.Arbitrary<Interval> = fc.record({
      count: fc.integer({ min: 1, max: 4 }),
      unit: fc.constantFrom('day', 'week', 'month'),
    });
    const anchor = fc.integer({ min: 0, max: 1500 }).map((days) => date('2026-01-01').add({ days }));
    fc.assert(
      fc.property(anchor, interval, ladder, fc.integer({ min: 1, max: 60 }), (start, every, steps, window) => {
        const days = triesOf(start, every, steps, window);
        const gaps = days.slice(1).map((day, i) => day - (days[i] ?? 0));
        const { recurringFrequency } = mandateFor(plan({ interval: every }, steps, window), start, 10);
        expect(recurringFrequency).toBeGreaterThanOrEqual(1);
        for (const gap of gaps) expect(gap).toBeGreaterThanOrEqual(recurringFrequency);
      }),
      { numRuns: 500 },
    );
  });
});

/** The days, counted from the start, on which two years of cycles would be tried if nothing ever succeeded. */
function triesOf(start: Temporal.PlainDate, every: Interval, steps: readonly number[], window: number) {
  const days = new Set<number>();
  for (let n = 0; n < 24; n++) {
    const first = addInterval(start, every, n).since(start).days;
    const offsets = steps.map((_, i) => steps.slice(0, i + 1).reduce((sum, step) => sum + step, 0));
    for (const offset of [0, ...offsets.filter((day) => day <= window)]) days.add(first + offset);
  }
  return [...days].toSorted((a, b) => a - b);
}

describe('the mandate reaches as far as anything may be charged', () => {
  const expiry = (more: Partial<Plan>, years = 10) => mandateFor(plan(more), from, years).recurringExpiry.toString();

  test('an open-ended plan: the years that the catalog says', () => {
    expect(expiry({})).toBe('2036-01-31');
    expect(expiry({}, 1)).toBe('2027-01-31');
    expect(mandateFor(plan({}), date('2028-02-29'), 10).recurringExpiry.toString()).toBe('2038-02-28');
  });

  test('a plan that ends: its last cycle and the window of its retries, whatever the years', () => {
    expect(expiry({ endsAfter: 12 }, 1)).toBe('2027-02-28');
    expect(expiry({ endsAfter: 1 })).toBe('2026-03-28');
  });

  test('a trial moves the end, because it moves the first cycle', () => {
    expect(expiry({ endsAfter: 1, trial: { count: 14, unit: 'day' } })).toBe('2026-04-11');
  });

  test('it is saved as what it is used for', () => {
    expect(mandateFor(plan({}), from, 10).cardOnFileType).toBe('RECURRING');
  });
});

const mandate: Mandate = { cardOnFileType: 'RECURRING', recurringFrequency: 3, recurringExpiry: date('2027-01-31') };

describe('beyond the mandate nothing is charged', () => {
  test.each([
    ['2027-01-30', true],
    ['2027-01-31', true],
    ['2027-02-01', false],
  ])('%s: %s', (day, covered) => {
    expect(coversDate(mandate, date(day))).toBe(covered);
  });

  test('nor sooner than its frequency after the last attempt that reached the issuer', () => {
    expect(earliestNext(mandate, date('2026-02-27')).toString()).toBe('2026-03-02');
  });
});

describe('what Xendit repeats of a mandate (docs/xendit.md, Mandates)', () => {
  const echo = { cardOnFileType: 'RECURRING', recurringFrequency: 3, recurringExpiry: '2027-01-31' };

  test.each([
    ['the same', {}],
    ['its type alone, as the documented answer to a charge does', { recurringFrequency: null, recurringExpiry: null }],
    ['its expiry as an instant', { recurringExpiry: '2027-01-31T00:00:00Z' }],
  ])('%s is no fault', (_what, more) => {
    expect(mandateFault(mandate, { ...echo, ...more })).toBeNull();
  });

  test.each([
    [{ cardOnFileType: 'CUSTOMER_UNSCHEDULED' }, 'card_on_file_type CUSTOMER_UNSCHEDULED instead of RECURRING'],
    [{ cardOnFileType: null }, 'no card_on_file_type instead of RECURRING'],
    [{ recurringFrequency: 30 }, 'recurring_frequency 30 instead of 3'],
    [{ recurringExpiry: '2026-01-31' }, 'recurring_expiry 2026-01-31 instead of 2027-01-31'],
  ])('%o is told', (more, fault) => {
    expect(mandateFault(mandate, { ...echo, ...more })).toBe(fault);
  });
});

describe('a set-up fee that is asked for before a trial', () => {
  const setupFee = money(50000, 'IDR');
  const trial = (count: number): Interval => ({ count, unit: 'day' });

  test('may lie nearer to cycle 0 than two cycles do', () => {
    expect(mandateFor(plan({ setupFee, trial: trial(14) }), from, 10).recurringFrequency).toBe(14);
    expect(mandateFor(plan({ setupFee, trial: trial(14) }, [3, 3]), from, 10).recurringFrequency).toBe(3);
    expect(mandateFor(plan({ setupFee, trial: trial(10) }, [9]), from, 10).recurringFrequency).toBe(1);
    expect(mandateFor(plan({ setupFee, trial: trial(40) }), from, 10).recurringFrequency).toBe(28);
  });

  test('is part of cycle 0 without a trial', () => {
    expect(mandateFor(plan({ setupFee }), from, 10).recurringFrequency).toBe(28);
  });
});
