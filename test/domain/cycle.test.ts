import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Activation,
  currentCycle,
  cycleAt,
  cycleStart,
  dueInstant,
  firstCycle,
  localDate,
  runningCycle,
  type Schedule,
  timeZoneNamed,
} from '../../src/domain/calendar/cycle.ts';

const date = (text: string) => Temporal.PlainDate.from(text);
const instant = (text: string) => Temporal.Instant.from(text);

const monthly = (anchor: string, timeZone = 'Asia/Jakarta'): Schedule => ({
  anchor: date(anchor),
  interval: { count: 1, unit: 'month' },
  timeZone,
  chargeAt: '09:00',
  anchorCycle: 0,
  then: null,
});

describe('cycles count from the anchor, never from the cycle before', () => {
  test('31 Jan, 28 Feb, 31 Mar', () => {
    const starts = [0, 1, 2, 3, 4].map((n) => cycleStart(monthly('2026-01-31'), n).toString());
    expect(starts).toEqual(['2026-01-31', '2026-02-28', '2026-03-31', '2026-04-30', '2026-05-31']);
  });

  test('a year from 29 Feb ends on 28 Feb, and comes back to the 29th in leap years', () => {
    const yearly: Schedule = { ...monthly('2024-02-29'), interval: { count: 1, unit: 'year' } };
    const starts = [0, 1, 2, 3, 4].map((n) => cycleStart(yearly, n).toString());
    expect(starts).toEqual(['2024-02-29', '2025-02-28', '2026-02-28', '2027-02-28', '2028-02-29']);
  });

  test('cycles of two weeks cross the end of the year', () => {
    const fortnightly: Schedule = { ...monthly('2026-12-25'), interval: { count: 2, unit: 'week' } };
    expect([0, 1, 2].map((n) => cycleStart(fortnightly, n).toString())).toEqual([
      '2026-12-25',
      '2027-01-08',
      '2027-01-22',
    ]);
  });

  const anchors = [28, 29, 30, 31].flatMap((day) => [
    [`2023-12-${day}`, 'Asia/Jakarta'] as const,
    [`2026-01-${day}`, 'Asia/Makassar'] as const,
    [`2026-10-${day}`, 'America/New_York'] as const,
  ]);
  test.each(anchors)(
    '%s in %s: for 48 months one due date a month, on the day or the last of the month',
    (from, zone) => {
      const schedule = monthly(from, zone);
      for (let n = 0; n < 48; n++) {
        const cycle = cycleAt(schedule, n);
        const month = date(from).toPlainYearMonth().add({ months: n });
        expect(cycle.startsOn.toPlainYearMonth().equals(month)).toBe(true);
        expect(cycle.startsOn.day).toBe(Math.min(schedule.anchor.day, month.daysInMonth));
        const due = cycle.dueAt.toZonedDateTimeISO(zone);
        expect(due.toPlainDateTime().toString()).toBe(`${cycle.startsOn.toString()}T09:00:00`);
        expect(cycle.endsOn.add({ days: 1 }).equals(cycleStart(schedule, n + 1))).toBe(true);
        expect(Temporal.Instant.compare(cycle.dueAt, cycleAt(schedule, n + 1).dueAt)).toBe(-1);
      }
    },
  );
});

const schedules: fc.Arbitrary<Schedule> = fc.record({
  anchor: fc.integer({ min: 0, max: 20_000 }).map((days) => date('2000-01-01').add({ days })),
  interval: fc.record({
    count: fc.integer({ min: 1, max: 12 }),
    unit: fc.constantFrom('day', 'week', 'month', 'year'),
  }),
  timeZone: fc.constantFrom('Asia/Jakarta', 'America/New_York', 'Australia/Lord_Howe', 'Africa/Cairo', 'Pacific/Apia'),
  chargeAt: fc
    .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
    .map((parts) => parts.map((part) => String(part).padStart(2, '0')).join(':')),
  anchorCycle: fc.constant(0),
  then: fc.constant(null),
});

describe('whatever the schedule', () => {
  test('due instants strictly increase, and lie on the day on which their cycle starts', () => {
    fc.assert(
      fc.property(schedules, fc.integer({ min: 0, max: 60 }), (schedule, n) => {
        const [cycle, next] = [cycleAt(schedule, n), cycleAt(schedule, n + 1)];
        expect(Temporal.Instant.compare(cycle.dueAt, next.dueAt)).toBe(-1);
        expect(next.startsOn.since(cycle.endsOn).days).toBe(1);
        const dueOn = localDate(cycle.dueAt, schedule.timeZone);
        // A charge hour in the first hour of a day that begins late, or a day that the zone left out, may move on.
        expect(Temporal.PlainDate.compare(dueOn, cycle.startsOn)).toBeGreaterThanOrEqual(0);
        expect(dueOn.since(cycle.startsOn).days).toBeLessThanOrEqual(1);
      }),
      { numRuns: 500 },
    );
  });

  test('every day from the anchor on lies in exactly the cycle that is current on it', () => {
    fc.assert(
      fc.property(schedules, fc.integer({ min: 0, max: 3000 }), (schedule, days) => {
        const day = schedule.anchor.add({ days });
        const cycle = currentCycle(schedule, dueInstant(day, '12:00', schedule.timeZone));
        expect(cycle).toEqual(cycleAt(schedule, cycle?.number ?? -1));
        expect(day.since(cycle?.startsOn ?? day).days).toBeGreaterThanOrEqual(0);
        expect((cycle?.endsOn ?? day).since(day).days).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 500 },
    );
  });
});

describe('the current cycle', () => {
  test.each([
    ['2026-01-30T16:59:59Z', null],
    ['2026-01-30T17:00:00Z', 0],
    ['2026-02-27T16:59:59Z', 0],
    ['2026-02-27T17:00:00Z', 1],
    ['2026-03-30T16:59:59Z', 1],
    ['2026-03-30T17:00:00Z', 2],
  ])('with an anchor of 31 Jan in Jakarta, at %s it is %s: days change at local midnight', (now, number) => {
    expect(currentCycle(monthly('2026-01-31'), instant(now))?.number ?? null).toBe(number);
  });
});

describe('the cycle whose period runs', () => {
  // The charge hour in Jakarta is 02:00 in UTC.
  test.each([
    ['2026-01-31T01:59:59Z', { next: 0, nextAt: '2026-01-31T02:00:00Z', over: null }, null],
    ['2026-01-31T02:00:00Z', { next: 0, nextAt: '2026-01-31T02:00:00Z', over: null }, 0],
    ['2026-01-31T05:00:00Z', { next: 0, nextAt: '2026-01-31T06:00:00Z', over: null }, null],
    ['2026-02-28T01:59:59Z', { next: 1, nextAt: '2026-02-28T02:00:00Z', over: null }, 0],
    ['2026-02-28T02:00:00Z', { next: 1, nextAt: '2026-02-28T02:00:00Z', over: null }, 1],
    // Nothing ran since: it is told from the calendar all the same.
    ['2026-03-31T01:59:59Z', { next: 1, nextAt: '2026-02-28T02:00:00Z', over: null }, 1],
    ['2026-03-31T02:00:00Z', { next: 1, nextAt: '2026-02-28T02:00:00Z', over: null }, 2],
    // It is canceled at the end of its first period, or has one cycle only.
    ['2026-02-27T20:00:00Z', { next: 1, nextAt: '2026-02-28T02:00:00Z', over: 1 }, 0],
    ['2026-02-28T02:00:00Z', { next: 1, nextAt: '2026-02-28T02:00:00Z', over: 1 }, null],
    ['2026-03-05T02:00:00Z', { next: 1, nextAt: null, over: 1 }, null],
  ])('with an anchor of 31 Jan in Jakarta, at %s, is %o: %s', (now, { nextAt, ...place }, number) => {
    const at = nextAt === null ? null : instant(nextAt);
    expect(runningCycle(monthly('2026-01-31'), { ...place, nextAt: at }, instant(now))?.number ?? null).toBe(number);
  });
});

describe('a local time that the clock skips is the first valid instant after it', () => {
  test.each([
    ['2026-03-08', '02:30', 'America/New_York', '2026-03-08T07:00:00Z'],
    ['2026-03-08', '02:00', 'America/New_York', '2026-03-08T07:00:00Z'],
    ['2026-03-08', '01:59', 'America/New_York', '2026-03-08T06:59:00Z'],
    ['2026-03-08', '03:00', 'America/New_York', '2026-03-08T07:00:00Z'],
    ['2026-10-04', '02:15', 'Australia/Lord_Howe', '2026-10-03T15:30:00Z'],
    ['2026-04-24', '00:30', 'Africa/Cairo', '2026-04-23T22:00:00Z'],
    ['2011-12-30', '09:00', 'Pacific/Apia', '2011-12-30T10:00:00Z'],
  ])('%s %s in %s', (day, time, zone, due) => {
    expect(dueInstant(date(day), time, zone).toString()).toBe(due);
  });
});

describe('a local time that the clock shows twice is the first', () => {
  test.each([
    ['2026-11-01', '01:30', 'America/New_York', '2026-11-01T05:30:00Z'],
    ['2026-11-01', '01:00', 'America/New_York', '2026-11-01T05:00:00Z'],
    ['2026-11-01', '02:00', 'America/New_York', '2026-11-01T07:00:00Z'],
    ['2026-04-05', '01:45', 'Australia/Lord_Howe', '2026-04-04T14:45:00Z'],
  ])('%s %s in %s', (day, time, zone, due) => {
    expect(dueInstant(date(day), time, zone).toString()).toBe(due);
  });
});

describe('when the first cycle falls due', () => {
  const activation: Activation = {
    activatedAt: instant('2026-01-31T16:30:00Z'),
    timeZone: 'Asia/Jakarta',
    interval: { count: 1, unit: 'month' },
    chargeAt: '09:00',
    trial: null,
    anchorDate: null,
  };
  const twoWeeks = { count: 14, unit: 'day' } as const;
  const answered = (more: Partial<Activation>) => {
    const { anchor, dueAt, trialing } = firstCycle({ ...activation, ...more });
    return [anchor.toString(), dueAt.toString(), trialing];
  };

  test('without a trial or an anchor date it is due at once, and anchored on the local date', () => {
    expect(answered({})).toEqual(['2026-01-31', '2026-01-31T16:30:00Z', false]);
    expect(answered({ timeZone: 'Asia/Makassar' })).toEqual(['2026-02-01', '2026-01-31T16:30:00Z', false]);
  });

  test('with a trial it is due after the trial, at the charge hour', () => {
    expect(answered({ trial: twoWeeks })).toEqual(['2026-02-14', '2026-02-14T02:00:00Z', true]);
    expect(answered({ trial: { count: 1, unit: 'month' } })).toEqual(['2026-02-28', '2026-02-28T02:00:00Z', true]);
  });

  test('with an anchor date it is due on that day, at the charge hour', () => {
    expect(answered({ anchorDate: date('2026-02-05') })).toEqual(['2026-02-05', '2026-02-05T02:00:00Z', false]);
  });

  test('it is never due before the customer could pay: today after the charge hour, or a day gone by', () => {
    expect(answered({ anchorDate: date('2026-01-31') })).toEqual(['2026-01-31', '2026-01-31T16:30:00Z', false]);
    expect(answered({ anchorDate: date('2026-01-28') })).toEqual(['2026-01-28', '2026-01-31T16:30:00Z', false]);
  });

  test('an anchor date wins over a trial, which then lasts until it', () => {
    const anchorDate = date('2026-02-05');
    expect(answered({ trial: twoWeeks, anchorDate })).toEqual(['2026-02-05', '2026-02-05T02:00:00Z', true]);
    const today = date('2026-01-31');
    expect(answered({ trial: twoWeeks, anchorDate: today })).toEqual(['2026-01-31', '2026-01-31T16:30:00Z', false]);
  });
});

describe('a time zone is an IANA name', () => {
  test.each([
    ['Asia/Jakarta', 'Asia/Jakarta'],
    ['asia/jakarta', 'Asia/Jakarta'],
    ['UTC', 'UTC'],
    ['America/Argentina/Buenos_Aires', 'America/Argentina/Buenos_Aires'],
  ])('%s', (text, zone) => {
    expect(timeZoneNamed(text)).toBe(zone);
  });

  test.each(['', 'Asia/Jakata', '+07:00', '-03', 'Z', '2026-01-01T00:00[Asia/Jakarta]', 'Asia/Jakarta\n', 'WIB '])(
    'not %j',
    (text) => {
      expect(timeZoneNamed(text)).toBeNull();
    },
  );
});

describe('a customer who saves a method long after the anchor that was asked for', () => {
  const asked = {
    timeZone: 'Asia/Jakarta',
    interval: { count: 1, unit: 'month' },
    chargeAt: '09:00',
    trial: null,
  } as const;
  const anchorDate = Temporal.PlainDate.from('2026-02-05');

  test('keeps it within the first cycle, and owes that one at once', () => {
    const activatedAt = Temporal.Instant.from('2026-02-20T05:00:00Z');
    expect(firstCycle({ ...asked, anchorDate, activatedAt })).toMatchObject({ anchor: anchorDate, dueAt: activatedAt });
  });

  test('owes nothing of the cycles that went by before: counting begins today', () => {
    const activatedAt = Temporal.Instant.from('2026-05-20T05:00:00Z');
    const first = firstCycle({ ...asked, anchorDate, activatedAt });
    expect(first.anchor.toString()).toBe('2026-05-20');
    expect(first.dueAt).toEqual(activatedAt);
  });
});
