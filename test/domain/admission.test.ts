import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultNetworkLimits } from '../../src/domain/declines/network-limits.ts';
import { type Admission, admit, type Candidate } from '../../src/domain/dunning/admission.ts';
import { anyDay } from '../../src/domain/dunning/retry-days.ts';

const instant = (text: string) => Temporal.Instant.from(text);
const date = (text: string) => Temporal.PlainDate.from(text);

const untried = { missed: false, ladderStep: 0, technicalRetries: 0, byHand: null };

/** A due charge on 10 January at nine in Jakarta, with a living card and nothing in its past. */
function candidate(more: Partial<Candidate> = {}): Candidate {
  return {
    charge: { ...untried, missed: false },
    tokenAlive: true,
    mandate: { cardOnFileType: 'RECURRING', recurringFrequency: 1, recurringExpiry: date('2031-01-01') },
    limits: defaultNetworkLimits,
    network: 'VISA',
    declinedAt: [],
    lastReached: null,
    lastMissedAttempt: null,
    days: anyDay,
    timeZone: 'Asia/Jakarta',
    chargeAt: '09:00',
    now: instant('2026-01-10T02:00:00Z'),
    ...more,
  };
}

function mandate(recurringFrequency: number, recurringExpiry = '2031-01-01'): Candidate['mandate'] {
  return { cardOnFileType: 'RECURRING', recurringFrequency, recurringExpiry: date(recurringExpiry) };
}

function said(admission: Admission): string {
  return admission.kind === 'postpone' ? admission.at.toString() : admission.kind;
}

describe('a charge is attempted when nothing forbids it', () => {
  it('a first charge', () => {
    expect(admit(candidate())).toEqual({ kind: 'attempt' });
  });
});

describe('without a payment method that may be charged, the customer is waited for', () => {
  it('a dead token', () => {
    expect(admit(candidate({ tokenAlive: false })).kind).toBe('wait_for_customer');
  });

  it('no mandate', () => {
    expect(admit(candidate({ mandate: null })).kind).toBe('wait_for_customer');
  });

  it.each([
    ['on the last day of the mandate', '2026-01-10', 'attempt'],
    ['the day after it', '2026-01-09', 'wait_for_customer'],
  ])('%s', (_name, expiry, kind) => {
    expect(admit(candidate({ mandate: mandate(1, expiry) })).kind).toBe(kind);
  });

  it('its last day is a day of the subscription’s zone', () => {
    // 23:30 on the 10th in Jakarta, half past midnight on the 11th in Makassar.
    const now = instant('2026-01-10T16:30:00Z');
    expect(admit(candidate({ mandate: mandate(1, '2026-01-10'), now })).kind).toBe('attempt');
    expect(admit(candidate({ mandate: mandate(1, '2026-01-10'), now, timeZone: 'Asia/Makassar' })).kind).toBe(
      'wait_for_customer',
    );
  });

  it('says until when the mandate ran', () => {
    expect(admit(candidate({ mandate: mandate(1, '2026-01-09') }))).toMatchObject({
      why: 'The mandate ended on 2026-01-09.',
    });
  });
});

describe('charges lie as many days apart as the mandate says', () => {
  it.each([
    [1, '2026-01-10T01:00:00Z', '2026-01-11T02:00:00Z'],
    [1, '2026-01-09T02:00:00Z', 'attempt'],
    // Late on the 9th in Jakarta: days are counted, not hours.
    [1, '2026-01-09T16:59:00Z', 'attempt'],
    [1, '2026-01-09T17:00:00Z', '2026-01-11T02:00:00Z'],
    [3, '2026-01-08T02:00:00Z', '2026-01-11T02:00:00Z'],
    [3, '2026-01-07T02:00:00Z', 'attempt'],
    [28, '2025-12-14T02:00:00Z', '2026-01-11T02:00:00Z'],
    [28, '2025-12-13T02:00:00Z', 'attempt'],
  ])('frequency %i, last reached the issuer at %s: %s', (frequency, lastReached, what) => {
    expect(said(admit(candidate({ mandate: mandate(frequency), lastReached: instant(lastReached) })))).toBe(what);
  });

  it('postponed to the charge hour, also over a change of clocks', () => {
    const newYork = {
      timeZone: 'America/New_York',
      now: instant('2026-03-07T14:00:00Z'),
      lastReached: instant('2026-03-07T13:00:00Z'),
    };
    expect(said(admit(candidate(newYork)))).toBe('2026-03-08T13:00:00Z');
    expect(said(admit(candidate({ ...newYork, chargeAt: '02:30' })))).toBe('2026-03-08T07:00:00Z');
  });
});

describe('at most one missed cycle a customer and day', () => {
  const missed = { charge: { ...untried, missed: true } };
  it.each([
    ['the first of the day', null, 'attempt'],
    ['one was tried this morning', '2026-01-10T01:00:00Z', '2026-01-11T02:00:00Z'],
    ['one was tried just after midnight', '2026-01-09T17:00:00Z', '2026-01-11T02:00:00Z'],
    ['one was tried late yesterday', '2026-01-09T16:59:59Z', 'attempt'],
  ])('%s', (_name, last, what) => {
    expect(said(admit(candidate({ ...missed, lastMissedAttempt: last === null ? null : instant(last) })))).toBe(what);
  });

  it('a charge that was not missed does not wait for those that were', () => {
    expect(admit(candidate({ lastMissedAttempt: instant('2026-01-10T01:00:00Z') })).kind).toBe('attempt');
  });
});

describe('the network’s limits are kept', () => {
  const declines = (count: number) =>
    Array.from({ length: count }, (_, i) => instant('2026-01-09T00:00:00Z').subtract({ hours: i }));

  it.each([
    ['VISA', 15, 'attempt'],
    ['VISA', 16, '2026-02-07T09:00:00Z'],
    ['MASTERCARD', 8, 'attempt'],
    ['GOPAY', 4, 'attempt'],
    ['GOPAY', 5, '2026-02-07T20:00:00Z'],
    [null, 5, '2026-02-07T20:00:00Z'],
  ])('%s after %i declines: %s', (network, count, what) => {
    expect(said(admit(candidate({ network, declinedAt: declines(count) })))).toBe(what);
  });

  it('Mastercard’s day and month both count', () => {
    const today = Array.from({ length: 9 }, (_, i) => instant('2026-01-10T01:00:00Z').subtract({ minutes: i }));
    expect(said(admit(candidate({ network: 'MASTERCARD', declinedAt: today })))).toBe('2026-01-11T00:52:00Z');
    const month = Array.from({ length: 31 }, (_, i) => instant('2026-01-08T01:00:00Z').subtract({ hours: 12 * i }));
    expect(said(admit(candidate({ network: 'MASTERCARD', declinedAt: month })))).toBe('2026-01-23T01:00:00Z');
  });
});

describe('when several rules forbid it', () => {
  it('a mandate that is over comes first: no date would help', () => {
    const all = {
      charge: { ...untried, missed: true },
      mandate: mandate(28, '2026-01-01'),
      lastReached: candidate().now,
      lastMissedAttempt: candidate().now,
    };
    expect(admit(candidate(all)).kind).toBe('wait_for_customer');
  });

  it('a charge put off is always put off to a later instant, at which the rule that spoke is silent', () => {
    const hours = fc.integer({ min: 0, max: 40 * 24 });
    const ago = (h: number) => candidate().now.subtract({ hours: h });
    fc.assert(
      fc.property(
        hours,
        hours,
        fc.boolean(),
        fc.constantFrom(1, 3, 28),
        fc.array(hours, { maxLength: 40 }),
        (reached, tried, missed, frequency, declined) => {
          let given = candidate({
            charge: { ...untried, missed },
            mandate: mandate(frequency),
            lastReached: ago(reached),
            lastMissedAttempt: ago(tried),
            declinedAt: declined.map(ago),
          });
          for (let round = 0; round < 4; round += 1) {
            const admission = admit(given);
            if (admission.kind === 'attempt') return;
            if (admission.kind !== 'postpone') throw new Error(`nobody has to wait for the customer: ${admission.why}`);
            expect(Temporal.Instant.compare(admission.at, given.now)).toBe(1);
            given = { ...given, now: admission.at };
          }
          throw new Error('put off again and again');
        },
      ),
    );
  });
});

describe('a retry is not made on a quiet day, whatever put it there', () => {
  const days = { quiet: ['2026-01-10', '2026-01-11'], paydays: [] };
  const retry = { ...untried, ladderStep: 1 };

  it.each([
    ['a retry', retry, '2026-01-12T02:00:00Z'],
    ['a retry of a technical failure', { ...untried, technicalRetries: 1 }, '2026-01-12T02:00:00Z'],
    ['a first try', untried, 'attempt'],
    ['a retry by hand', { ...retry, byHand: { retries: 1, asked: true, planned: null } }, 'attempt'],
    [
      'a retry by ladder after one by hand',
      { ...retry, byHand: { retries: 1, asked: false, planned: null } },
      '2026-01-12T02:00:00Z',
    ],
  ])('%s', (_, charge, what) => {
    expect(said(admit(candidate({ charge, days })))).toBe(what);
    expect(said(admit(candidate({ charge, days, now: instant('2026-01-12T02:00:00Z') })))).toBe('attempt');
  });

  it('which is a day of the subscription’s zone', () => {
    const now = instant('2026-01-11T16:59:59Z');
    expect(said(admit(candidate({ charge: retry, days, now })))).toBe('2026-01-12T02:00:00Z');
    expect(said(admit(candidate({ charge: retry, days, now: instant('2026-01-11T17:00:00Z') })))).toBe('attempt');
  });
});
