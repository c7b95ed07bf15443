import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type BookedPayment,
  judge,
  type KnownAttempt,
  leftOut,
  partsOf,
  surplus,
  windowOf,
} from '../../src/domain/books/reconciliation.ts';
import { pendingLimit } from '../../src/domain/dunning/channel-life.ts';
import { money } from '../../src/domain/money/money.ts';

const at = (text: string) => Temporal.Instant.from(text);
const price = money(150_000, 'IDR');

function booked(more: Partial<BookedPayment> = {}): BookedPayment {
  return {
    transactionId: `txn_${more.paymentId ?? 'x'}`,
    referenceId: 'due_x',
    createdAt: at('2026-01-31T02:00:00Z'),
    status: 'succeeded',
    amount: price,
    written: 'IDR 150000',
    paymentId: 'py-1',
    paymentRequestId: 'pr-1',
    ...more,
  };
}

function attempt(more: Partial<KnownAttempt> = {}): KnownAttempt {
  return { id: 'a', referenceId: 'due_x', outcome: 'succeeded', amount: price, paymentId: 'py-1', ...more };
}

const kinds = (payments: readonly BookedPayment[], known: KnownAttempt | null) =>
  judge(payments, known).map(({ kind }) => kind);

describe('what the books say about one reference', () => {
  it.each([
    ['succeeded', 'matched'],
    ['declined', 'news'],
    ['refused', 'news'],
    ['pending', 'news'],
    ['unknown', 'news'],
    [null, 'news'],
  ] as const)('collected there, and %s here: %s', (outcome, kind) => {
    expect(kinds([booked()], attempt({ outcome }))).toEqual([kind]);
  });

  it.each(['pending', 'failed', 'returned', 'other'] as const)('%s there: nothing to compare', (status) => {
    expect(kinds([booked({ status })], attempt())).toEqual([]);
    expect(kinds([booked({ status })], null)).toEqual([]);
  });

  it('no attempt here: unrecorded, named by its first payment', () => {
    const second = booked({ paymentId: 'py-2', createdAt: at('2026-01-31T03:00:00Z') });
    expect(judge([second, booked()], null)).toMatchObject([
      { kind: 'unrecorded_payment', payment: { paymentId: 'py-1' } },
    ]);
  });

  it('another amount, another currency, or one that we do not have: a mismatch', () => {
    for (const amount of [money(1, 'IDR'), money(150_000, 'VND'), null])
      expect(kinds([booked({ amount })], attempt({ outcome: 'unknown' }))).toEqual(['amount_mismatch']);
  });

  it('the right amount beside a wrong one: both are said', () => {
    const wrong = booked({ paymentId: 'py-2', amount: money(1, 'IDR') });
    expect(kinds([wrong, booked()], attempt({ outcome: 'declined' }))).toEqual(['news', 'amount_mismatch']);
  });

  it('the same payment twice is one; another one has to be asked about', () => {
    expect(kinds([booked(), booked()], attempt())).toEqual(['matched']);
    expect(kinds([booked({ paymentId: 'py-2' })], attempt())).toEqual(['matched', 'ask_again']);
    expect(kinds([booked({ paymentId: 'py-2' })], attempt({ paymentId: null }))).toEqual(['matched']);
    expect(kinds([booked({ paymentId: null })], attempt())).toEqual(['matched']);
    const two = [booked(), booked({ paymentId: 'py-2' })];
    expect(kinds(two, attempt({ outcome: 'unknown', paymentId: null }))).toEqual(['news', 'ask_again']);
  });
});

describe('of all payments of a reference, too many are', () => {
  const later = booked({ paymentId: 'py-2', createdAt: at('2026-02-01T00:00:00Z') });

  it('all but the attempt’s own', () => {
    expect(surplus([booked(), later], attempt({ paymentId: 'py-2' }))).toEqual([booked()]);
  });

  it('all but the first, when nobody knows which is its own', () => {
    expect(surplus([later, booked()], attempt({ paymentId: null }))).toEqual([later]);
    expect(surplus([later, booked()], attempt({ paymentId: 'py-of-before' }))).toEqual([later]);
  });

  it('none, when there is one, or the others were not collected', () => {
    expect(surplus([booked({ paymentId: 'py-7' })], attempt())).toEqual([]);
    expect(surplus([booked(), { ...later, status: 'failed' }], attempt())).toEqual([]);
  });
});

describe('the window of a sweep', () => {
  const now = at('2026-02-10T05:00:00Z');

  it('goes back seven days behind the last one, and ends an hour ago', () => {
    expect(windowOf(now, null, null)).toEqual({ from: at('2026-02-03T04:00:00Z'), until: at('2026-02-10T04:00:00Z') });
    expect(windowOf(now, at('2026-01-20T00:00:00Z'), null)?.from).toEqual(at('2026-01-13T00:00:00Z'));
  });

  it('begins no sooner than the books, and is none when they are too young', () => {
    expect(windowOf(now, null, at('2026-02-10T00:00:00Z'))?.from).toEqual(at('2026-02-10T00:00:00Z'));
    expect(windowOf(now, null, at('2026-02-10T04:00:00Z'))).toBeNull();
  });

  it('falls into days, at most 31 parts, without gap or overlap', () => {
    const hours = fc.integer({ min: 0, max: 2_000 });
    fc.assert(
      fc.property(hours, (length) => {
        const from = at('2026-01-01T00:00:00Z');
        const until = from.add({ minutes: length * 37 });
        const days = partsOf({ from, until });
        expect(days.length).toBe(Math.min(31, Math.ceil((length * 37) / 1_440)));
        for (const [index, day] of days.entries()) expect(day.from).toEqual(days[index - 1]?.until ?? from);
        if (days.length > 0) expect(days.at(-1)?.until).toEqual(until);
      }),
    );
  });
});

describe('what is in flight is waited for', () => {
  it.each([
    ['CARDS', 24],
    ['OVO', 24 + 54 / 3_600],
    ['SHOPEEPAY', 24.25],
    ['GOPAY_RECURRING', 24.5],
    ['DANA', 48],
  ])('on %s for %f hours: as long as its provider keeps it open, and a day', (channel, hours) => {
    expect(pendingLimit(channel)).toBeCloseTo(hours * 3_600, 6);
  });
});

describe('of a range that somebody asked for', () => {
  const window = { from: at('2026-02-01T00:00:00Z'), until: at('2026-02-08T11:00:00Z') };
  const now = at('2026-02-08T12:00:00Z');
  const parts = (from: string | null, until: string | null) =>
    leftOut({ from: from === null ? null : at(from), until: until === null ? null : at(until) }, window, now).map(
      (part) => [part.why, part.from.toString(), part.until.toString()],
    );

  it.each<[string | null, string | null, readonly (readonly string[])[]]>([
    [null, null, []],
    ['2026-02-01T00:00:00Z', '2026-02-08T11:00:00Z', []],
    ['2026-02-03T00:00:00Z', '2026-02-04T00:00:00Z', []],
    ['2026-02-03T00:00:00Z', null, []],
    ['2026-01-31T00:00:00Z', null, [['forgotten', '2026-01-31T00:00:00Z', '2026-02-01T00:00:00Z']]],
    ['2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z', [['forgotten', '2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z']]],
    [null, '2026-02-08T11:30:00Z', [['too_young', '2026-02-08T11:00:00Z', '2026-02-08T11:30:00Z']]],
    [null, '2026-03-01T00:00:00Z', [['too_young', '2026-02-08T11:00:00Z', '2026-02-08T12:00:00Z']]],
    ['2026-02-08T11:15:00Z', '2026-02-09T00:00:00Z', [['too_young', '2026-02-08T11:15:00Z', '2026-02-08T12:00:00Z']]],
  ])('from %s to %s, what is not compared is said: %j', (from, until, left) => {
    expect(parts(from, until)).toEqual(left);
  });
});
