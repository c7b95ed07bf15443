import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { cyclesDue, cyclesToCome } from '../../src/domain/calendar/coming-cycles.ts';
import { cycleAt, type Place, type Schedule } from '../../src/domain/calendar/cycle.ts';
import { placeOf, scheduleOf } from '../../src/domain/subscriptions/schedule.ts';

const schedule: Schedule = {
  anchor: Temporal.PlainDate.from('2026-01-31'),
  interval: { count: 1, unit: 'month' },
  timeZone: 'Asia/Jakarta',
  chargeAt: '09:00',
  anchorCycle: 0,
  then: null,
};
const dueAt = (number: number) => cycleAt(schedule, number).dueAt;
const at = (next: number, over: number | null = null): Place => ({ next, nextAt: dueAt(next), over });
const numbers = (cycles: readonly { readonly number: number }[]) => cycles.map(({ number }) => number);

describe('the cycles that have fallen due', () => {
  it('are all until now, and the one after them is next', () => {
    const { due, next } = cyclesDue(schedule, at(1), dueAt(3), 100);
    expect(numbers(due)).toEqual([1, 2, 3]);
    expect(next).toEqual(dueAt(4));
  });

  it('begin with the instant that was set for the first of them', () => {
    const late = dueAt(0).add({ hours: 3 });
    const [first] = cyclesDue(schedule, { next: 0, nextAt: late, over: null }, late, 100).due;
    expect(first).toEqual({ ...cycleAt(schedule, 0), dueAt: late });
  });

  it('end when the last period that was bought is over, and not before', () => {
    expect(cyclesDue(schedule, at(1, 3), dueAt(2), 100)).toMatchObject({ due: [{}, {}], next: dueAt(3) });
    expect(cyclesDue(schedule, at(3, 3), dueAt(3).subtract({ seconds: 1 }), 100)).toEqual({ due: [], next: dueAt(3) });
    expect(cyclesDue(schedule, at(3, 3), dueAt(3), 100)).toEqual({ due: [], next: null });
  });

  it('are at most so many at once', () => {
    const { due, next } = cyclesDue(schedule, at(0), dueAt(50), 2);
    expect(numbers(due)).toEqual([0, 1]);
    expect(next).toEqual(dueAt(2));
  });

  it('are none where none is to come', () => {
    expect(cyclesDue(schedule, { next: 4, nextAt: null, over: null }, dueAt(9), 100)).toEqual({ due: [], next: null });
  });
});

describe('the cycles to come', () => {
  it.each([
    [at(2), 3, [2, 3, 4]],
    [at(2, 4), 3, [2, 3]],
    [at(2, 2), 3, []],
    [{ next: 2, nextAt: null, over: null }, 3, []],
  ] as const)('%j, at most %i: %j', (place, most, expected) => {
    expect(numbers(cyclesToCome(schedule, place, { most, until: null }))).toEqual(expected);
  });
});

test('what is shown as to come is what is opened, whenever that is looked at', () => {
  const places = fc.record({
    next: fc.integer({ min: 0, max: 40 }),
    lateBy: fc.integer({ min: 0, max: 600 }),
    over: fc.option(fc.integer({ min: 0, max: 60 })),
  });
  fc.assert(
    fc.property(places, fc.integer({ min: 0, max: 2_000 }), ({ next, lateBy, over }, days) => {
      const place = { next, nextAt: dueAt(next).add({ minutes: lateBy }), over };
      const now = place.nextAt.add({ hours: 24 * days });
      const { due } = cyclesDue(schedule, place, now, 1_000);
      expect(cyclesToCome(schedule, place, { most: due.length, until: null })).toEqual(due);
    }),
  );
});

describe('a subscription', () => {
  const row = { nextCycle: 2, nextCycleAt: dueAt(2), endsAfter: 12, cancelsAtPeriodEnd: false };

  it('buys as many cycles as its plan says, and none after the one that runs once it is to be canceled', () => {
    expect(placeOf(row)).toEqual({ next: 2, nextAt: dueAt(2), over: 12 });
    expect(placeOf({ ...row, cancelsAtPeriodEnd: true }).over).toBe(2);
  });

  it('that was never active has no schedule', () => {
    const unit = 'month' as const;
    const rhythm = { anchorCycle: 0, intervalCount: 1, intervalUnit: unit, timeZone: 'UTC', chargeAt: '09:00' };
    const never = { id: 's-1', anchor: null, ...rhythm };
    expect(() => scheduleOf(never)).toThrow('Subscription s-1 has a cycle but no anchor.');
  });
});
