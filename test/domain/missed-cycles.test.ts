import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Cycle, cycleAt } from '../../src/domain/calendar/cycle.ts';
import type { MissedCycles } from '../../src/domain/catalog/plan.ts';
import { type MissedPolicy, openCycles } from '../../src/domain/dunning/missed-cycles.ts';

const schedule = {
  anchor: Temporal.PlainDate.from('2026-01-31'),
  interval: { count: 1, unit: 'month' },
  timeZone: 'Asia/Jakarta',
  chargeAt: '09:00',
  anchorCycle: 0,
  then: null,
} as const;

const cycles = (from: number, to: number): readonly Cycle[] =>
  Array.from({ length: to - from + 1 }, (_, i) => cycleAt(schedule, from + i));

function policy(missedCycles: MissedCycles, more: Partial<MissedPolicy> = {}): MissedPolicy {
  return { missedCycles, missedAfterHours: 24, rest: null, ...more };
}

/** "0 due, 1 missed void": every opening in a word. */
function opened(due: readonly Cycle[], rules: MissedPolicy, now: string): readonly string[] {
  const openings = openCycles(due, rules, Temporal.Instant.from(now));
  return openings.map(({ cycle, becomes, missed }) => `${cycle.number} ${missed ? 'missed ' : ''}${becomes}`);
}

// Cycles 1, 2 and 3 fell due on 28 February, 31 March and 30 April, each at 02:00Z.
const onTime = '2026-04-30T02:00:00Z';
const weekLate = '2026-05-07T02:00:00Z';

describe('cycles found after an outage', () => {
  it.each([
    ['all: each is charged', 'all', ['1 missed due', '2 missed due', '3 missed due']],
    [
      'latest: the newest is charged, the others are void',
      'latest',
      ['1 missed void', '2 missed void', '3 missed due'],
    ],
    ['none: all are void', 'none', ['1 missed void', '2 missed void', '3 missed void']],
    ['ask: a person decides about each', 'ask', ['1 missed held', '2 missed held', '3 missed held']],
  ] as const)('%s', (_name, missedCycles, expected) => {
    expect(opened(cycles(1, 3), policy(missedCycles), weekLate)).toEqual(expected);
  });

  it.each([
    ['all', ['1 missed due', '2 missed due', '3 due']],
    ['latest', ['1 missed void', '2 missed void', '3 due']],
    ['none', ['1 missed void', '2 missed void', '3 due']],
    ['ask', ['1 missed held', '2 missed held', '3 due']],
  ] as const)(
    '%s: a cycle that is on time is charged, whatever became of those before it',
    (missedCycles, expected) => {
      expect(opened(cycles(1, 3), policy(missedCycles), onTime)).toEqual(expected);
    },
  );

  it.each(['all', 'latest', 'none', 'ask'] as const)('%s: one cycle on time is simply due', (missedCycles) => {
    expect(opened(cycles(3, 3), policy(missedCycles), onTime)).toEqual(['3 due']);
  });

  it('a single missed one is the newest', () => {
    expect(opened(cycles(3, 3), policy('latest'), weekLate)).toEqual(['3 missed due']);
  });

  it('nothing due opens nothing', () => {
    expect(opened([], policy('all'), weekLate)).toEqual([]);
  });
});

describe('a cycle is missed when it is found more than missed_after past its due instant', () => {
  it.each([
    [24, '2026-05-01T02:00:00Z', '3 due'],
    [24, '2026-05-01T02:00:01Z', '3 missed void'],
    [1, '2026-04-30T03:00:00Z', '3 due'],
    [1, '2026-04-30T03:00:01Z', '3 missed void'],
    [72, '2026-05-03T02:00:00Z', '3 due'],
    [72, '2026-05-03T02:00:01Z', '3 missed void'],
  ])('missed_after %i hours, found at %s: %s', (missedAfterHours, now, expected) => {
    expect(opened(cycles(3, 3), policy('none', { missedAfterHours }), now)).toEqual([expected]);
  });
});

describe('a paused subscription', () => {
  it.each(['all', 'latest', 'none', 'ask'] as const)(
    '%s: its cycles are void, and nobody missed them',
    (missedCycles) => {
      for (const now of [onTime, weekLate]) {
        expect(opened(cycles(1, 3), policy(missedCycles, { rest: { from: 0, until: null } }), now)).toEqual([
          '1 void',
          '2 void',
          '3 void',
        ]);
      }
    },
  );
});

describe('whatever fell due', () => {
  const rules = fc.record({
    missedCycles: fc.constantFrom('all', 'latest', 'none', 'ask'),
    missedAfterHours: fc.integer({ min: 1, max: 240 }),
    rest: fc.constantFrom(null, { from: 0, until: null }),
  });

  it('every cycle gets its row and its reason, in order', () => {
    fc.assert(
      fc.property(rules, fc.integer({ min: 0, max: 12 }), fc.integer({ min: 0, max: 60 }), (of, last, daysLate) => {
        const due = cycles(0, last);
        const now = cycleAt(schedule, last).dueAt.add({ hours: 24 * daysLate });
        const openings = openCycles(due, of as MissedPolicy, now);
        expect(openings.map(({ cycle }) => cycle)).toEqual(due);
        for (const { why } of openings) expect(why).not.toBe('');
        if (of.missedCycles === 'latest')
          expect(openings.filter(({ becomes, missed }) => becomes === 'due' && missed).length).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('a void one says which rule voided it', () => {
    const voided = openCycles(cycles(1, 3), policy('latest'), Temporal.Instant.from(weekLate)).filter(
      ({ becomes }) => becomes === 'void',
    );
    for (const { why } of voided) expect(why).toContain('missed_cycles: latest');
    expect(openCycles(cycles(3, 3), policy('none'), Temporal.Instant.from(weekLate))[0]?.why).toContain(
      'missed_cycles: none',
    );
  });
});
