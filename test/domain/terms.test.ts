import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cyclesDue, cyclesToCome } from '../../src/domain/calendar/coming-cycles.ts';
import type { Cycle } from '../../src/domain/calendar/cycle.ts';
import { type FromWhen, type InForce, newTerms, type Wanted } from '../../src/domain/subscriptions/new-terms.ts';
import { type Rhythm, scheduleUnder, type Terms, termsOf } from '../../src/domain/subscriptions/terms.ts';
import { runs } from '../support/runs.ts';

/*
 * A year of changes, worked through as dueday does it and again by somebody who only counts days on a calendar: each number of a
 * cycle once, on the same day, at the same instant, for the same price.
 */

const date = (text: string) => Temporal.PlainDate.from(text);
const START = date('2027-12-20');

type Opened = Pick<Cycle, 'number' | 'startsOn' | 'dueAt'> & Pick<Terms, 'plan' | 'quantity' | 'amount'>;

/** A subscription as its row and its terms have it. */
class Book {
  row: InForce;
  readonly rows: Terms[] = [];
  /** The number of the terms that are planned and may be replaced. */
  planned: number | null = null;
  readonly opened: Opened[] = [];

  constructor(rhythm: Rhythm, amount: bigint, dueAt: Temporal.Instant) {
    const purchase = {
      plan: 'p',
      catalogVersion: 1,
      unitAmount: amount,
      quantity: 1,
      amount,
      currency: 'IDR',
    } as const;
    this.row = { ...rhythm, ...purchase, nextCycle: 0, nextCycleAt: dueAt, endsAfter: null, later: [] };
  }

  later(): readonly Terms[] {
    return this.rows.filter(({ fromCycle }) => fromCycle >= this.row.nextCycle);
  }

  coming(most: number): readonly Cycle[] {
    return cyclesToCome(scheduleUnder(this.row, this.later()), this.place(), { most, until: null });
  }

  open(now: Temporal.Instant): void {
    const { due, next } = cyclesDue(scheduleUnder(this.row, this.later()), this.place(), now, 10_000);
    for (const cycle of due) {
      const held = termsOf(this.later(), cycle.number) ?? this.row;
      const { number, startsOn, dueAt } = cycle;
      const { plan, quantity, amount } = held;
      this.opened.push({ number, startsOn, dueAt, plan, quantity, amount });
    }
    const last = due.at(-1);
    if (last === undefined) return;
    const held = termsOf(this.later(), last.number);
    if (held !== null && this.planned !== null && this.planned <= held.number) this.planned = null;
    this.row = { ...this.row, ...held, nextCycle: last.number + 1, nextCycleAt: next };
  }

  change(wanted: Wanted, when: FromWhen, now: Temporal.Instant): number {
    const replaced = this.rows.findIndex(({ number }) => number === this.planned);
    if (replaced >= 0) this.rows.splice(replaced, 1);
    const { terms, applies, nextCycleAt } = newTerms({ ...this.row, later: this.later() }, wanted, when, now);
    const number = (this.rows.at(-1)?.number ?? 0) + 1;
    this.rows.push({ ...terms, number });
    this.planned = applies === 'now' ? null : number;
    const { plan, unitAmount, quantity, amount, timeZone, chargeAt } = terms;
    const atOnce = applies === 'now' ? { plan, unitAmount, quantity, amount, timeZone, chargeAt } : {};
    this.row = { ...this.row, ...atOnce, nextCycleAt };
    return terms.fromCycle;
  }

  private place() {
    return { next: this.row.nextCycle, nextAt: this.row.nextCycleAt, over: null };
  }
}

/** What somebody with a calendar writes down: from which cycle on, the day that counting begins on and with which cycle, how far apart, and when on the day. */
type Note = {
  readonly from: number;
  readonly day: Temporal.PlainDate;
  readonly with: number;
  readonly count: number;
  readonly unit: Rhythm['intervalUnit'];
  readonly zone: string;
  readonly hour: string;
  readonly plan: string;
  /** What one costs, and how many there are. */
  readonly price: bigint;
  readonly pieces: number;
  /** No cycle of it falls due before it was agreed. */
  readonly since: Temporal.Instant;
  readonly atOnce: boolean;
};

/** Turns the leaves one day at a time until so many intervals are over, from the last place at which a finger was left. */
function dayOf(note: Note, cycle: number): Temporal.PlainDate {
  const { day, with: first, count, unit } = note;
  const [at, reached] = fingers.get(note) ?? [day, first];
  let [today, left] = reached <= cycle ? [at, (cycle - reached) * count] : [day, (cycle - first) * count];
  if (unit === 'week') left *= 7;
  while (left > 0) {
    today = today.add({ days: 1 });
    if (unit === 'day' || unit === 'week') left -= 1;
    else if (today.day === Math.min(day.day, today.daysInMonth))
      left -= unit === 'month' || today.month === day.month ? 1 : 0;
  }
  fingers.set(note, [today, cycle]);
  return today;
}

const fingers = new WeakMap<Note, readonly [Temporal.PlainDate, number]>();

/** Watches the clock on the wall, from hours before on, a quarter of an hour at a time, until it shows the hour or later. */
function hourOf(day: Temporal.PlainDate, hour: string, zone: string): Temporal.Instant {
  const wanted = day.toPlainDateTime(hour);
  let at = wanted.toZonedDateTime(zone).toInstant().subtract({ hours: 3 });
  while (Temporal.PlainDateTime.compare(at.toZonedDateTimeISO(zone).toPlainDateTime(), wanted) < 0)
    at = at.add({ minutes: 15 });
  return at;
}

function expected(notes: readonly Note[], cycle: number): Opened {
  const note = notes.findLast(({ from }) => from <= cycle);
  if (note === undefined) throw new Error('nothing was agreed');
  const startsOn = dayOf(note, cycle);
  const due = hourOf(startsOn, note.hour, note.zone);
  const isFirst = cycle === note.from;
  const late = isFirst && (note.atOnce || Temporal.Instant.compare(due, note.since) < 0);
  const { plan, pieces: quantity, price } = note;
  return { number: cycle, startsOn, dueAt: late ? note.since : due, plan, quantity, amount: addedUp(price, quantity) };
}

/** One price after the other. */
function addedUp(price: bigint, pieces: number): bigint {
  let sum = 0n;
  for (let piece = 0; piece < pieces; piece += 1) sum += price;
  return sum;
}

const zones = [
  'Asia/Jakarta',
  'America/New_York',
  'Australia/Lord_Howe',
  'Pacific/Apia',
  'Africa/Cairo',
  'Pacific/Kiritimati',
];
const hours = fc
  .tuple(fc.integer({ min: 0, max: 23 }), fc.constantFrom('00', '15', '30', '45'))
  .map(([h, m]) => `${String(h).padStart(2, '0')}:${m}`);
const interval = fc.oneof(
  fc.record({ count: fc.integer({ min: 1, max: 6 }), unit: fc.constant('month' as const) }),
  fc.record({ count: fc.integer({ min: 1, max: 3 }), unit: fc.constant('week' as const) }),
  fc.record({ count: fc.integer({ min: 4, max: 45 }), unit: fc.constant('day' as const) }),
  fc.record({ count: fc.constant(1), unit: fc.constant('year' as const) }),
);
const amounts = fc.integer({ min: 1, max: 9 }).map((n) => BigInt(n) * 10_000n);

const asked = fc.record({
  afterHours: fc.integer({ min: 1, max: 24 * 46 }),
  when: fc.constantFrom('now' as const, 'now' as const, 'period_end' as const),
  what: fc.oneof(
    fc.record({ kind: fc.constant('interval' as const), interval }),
    fc.record({ kind: fc.constant('zone' as const), zone: fc.constantFrom(...zones) }),
    fc.record({ kind: fc.constant('hour' as const), hour: hours }),
    fc.record({ kind: fc.constant('amount' as const), amount: amounts }),
    fc.record({ kind: fc.constant('quantity' as const), quantity: fc.integer({ min: 1, max: 12 }) }),
    fc.record({ kind: fc.constant('plan' as const), plan: fc.constantFrom('q', 'r', 's'), amount: amounts, interval }),
    fc.record({ kind: fc.constant('reset' as const) }),
    fc.record({ kind: fc.constant('anchor' as const), days: fc.integer({ min: 1, max: 40 }) }),
  ),
});

const year = fc.record({
  anchor: fc.integer({ min: 0, max: 80 }).map((days) => START.add({ days })),
  interval,
  zone: fc.constantFrom(...zones),
  hour: hours,
  amount: amounts,
  changes: fc.array(asked, { minLength: 1, maxLength: 8 }),
});

describe('terms that change', () => {
  test('make, lose and repeat no cycle in random years, as somebody counts who turns the leaves of a calendar', () => {
    fc.assert(
      fc.property(year, (one) => {
        const since = hourOf(one.anchor, one.hour, one.zone);
        const rhythm = {
          anchor: one.anchor,
          anchorCycle: 0,
          intervalCount: one.interval.count,
          intervalUnit: one.interval.unit,
          timeZone: one.zone,
          chargeAt: one.hour,
        };
        const book = new Book(rhythm, one.amount, since);
        let notes: Note[] = [
          {
            from: 0,
            day: one.anchor,
            with: 0,
            ...one.interval,
            zone: one.zone,
            hour: one.hour,
            plan: 'p',
            price: one.amount,
            pieces: 1,
            since,
            atOnce: false,
          },
        ];
        let before: readonly Note[] = notes;
        let now = since;
        for (const { afterHours, when, what } of one.changes) {
          now = now.add({ hours: afterHours });
          book.open(now);
          const next = book.row.nextCycle;
          const numbers = (cycles: readonly Cycle[]) => cycles.map(({ number }) => number);
          const inOrder = Array.from({ length: 8 }, (_, index) => next + index);
          expect(numbers(book.coming(8))).toEqual(inOrder);
          // What was planned and did not begin is replaced.
          if (book.planned !== null) notes = [...before];
          before = [...notes];
          const held = notes.findLast(({ from }) => from <= next) as Note;
          const today = now.toZonedDateTimeISO(book.row.timeZone).toPlainDate();
          const isAnchor = what.kind === 'anchor' || what.kind === 'reset';
          const anchor = what.kind === 'anchor' ? today.add({ days: what.days }) : isAnchor ? today : null;
          const bought = {
            plan: what.kind === 'plan' ? what.plan : held.plan,
            price: what.kind === 'amount' || what.kind === 'plan' ? what.amount : held.price,
            pieces: what.kind === 'quantity' ? what.quantity : held.pieces,
          };
          const isBought = what.kind === 'amount' || what.kind === 'plan' || what.kind === 'quantity';
          const wanted: Wanted = {
            purchase: isBought
              ? {
                  plan: bought.plan,
                  catalogVersion: 1,
                  currency: 'IDR',
                  unitAmount: bought.price,
                  quantity: bought.pieces,
                  amount: bought.price * BigInt(bought.pieces),
                }
              : null,
            plan:
              what.kind === 'interval' || what.kind === 'plan'
                ? { intervalCount: what.interval.count, intervalUnit: what.interval.unit, endsAfter: null }
                : null,
            timeZone: what.kind === 'zone' ? what.zone : null,
            chargeAt: what.kind === 'hour' ? what.hour : null,
            anchor,
          };
          expect(book.change(wanted, isAnchor ? 'now' : when, now)).toBe(next);
          const isOther =
            (what.kind === 'interval' || what.kind === 'plan') &&
            (what.interval.count !== held.count || what.interval.unit !== held.unit);
          notes.push({
            ...held,
            from: next,
            ...(anchor !== null ? { day: anchor, with: next } : {}),
            ...bought,
            ...(isOther ? { day: dayOf(held, next), with: next, ...what.interval } : {}),
            ...(what.kind === 'zone' ? { zone: what.zone } : {}),
            ...(what.kind === 'hour' ? { hour: what.hour } : {}),
            since: now,
            atOnce: what.kind === 'reset',
          });
          expect(numbers(book.coming(8))).toEqual(inOrder);
          if (book.planned === null) before = [...notes];
        }
        book.open(now.add({ hours: 24 * 120 }));
        expect(book.opened.map(({ number }) => number)).toEqual(book.opened.map((_, index) => index));
        expect(book.opened).toEqual(book.opened.map(({ number }) => expected(notes, number)));
      }),
      { numRuns: runs(1_000, 200) },
    );
    // Days that are counted one by one take their time where other work goes on beside.
  }, 120_000);
});
