import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Decision } from '../../src/domain/declines/decision.ts';
import type { Circumstances } from '../../src/domain/dunning/circumstances.ts';
import { instant } from '../support/circumstances.ts';
import { afterDecline, type Case, circumstances } from '../support/ladder-cases.ts';

describe('whatever the plan, the zone, the mandate and the past', () => {
  const zones = [
    'Asia/Jakarta',
    'Asia/Makassar',
    'Asia/Jayapura',
    'America/New_York',
    'Europe/Dublin',
    'Australia/Lord_Howe',
    'Pacific/Apia',
  ];
  const epoch = instant('2026-01-01T00:00:00Z').epochMilliseconds;
  const minute = 60_000;
  const day = 24 * 60 * minute;
  const cases = fc
    .record({
      sent: fc.integer({ min: 0, max: 700 * 24 * 60 }),
      knownAfter: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 20 * 24 * 60 })),
      sinceFirst: fc.integer({ min: 0, max: 30 * 24 * 60 }),
      step: fc.integer({ min: 0, max: 5 }),
      ladder: fc.array(fc.integer({ min: 1, max: 14 }), { maxLength: 6 }),
      windowDays: fc.integer({ min: 1, max: 60 }),
      zone: fc.constantFrom(...zones),
      chargeAt: fc.constantFrom('00:00', '02:30', '09:00', '23:59'),
      frequency: fc.constantFrom(1, 2, 3, 7, 28),
      expiresAfter: fc.integer({ min: -2, max: 60 }),
      network: fc.constantFrom('VISA', 'MASTERCARD', 'JCB', null),
      declines: fc.array(fc.integer({ min: 1, max: 40 * 24 * 60 }), { maxLength: 20 }),
      code: fc.constantFrom(
        'INSUFFICIENT_BALANCE',
        'CARD_DECLINED',
        'SOMETHING_NEW',
        'ISSUER_SUSPECT_FRAUD',
        'ISSUER_UNAVAILABLE',
      ),
      adviceCode: fc.constantFrom('', '2', '24', '25', '30'),
    })
    .map((one): Case => {
      const sent = epoch + one.sent * minute;
      const text = (ms: number) => Temporal.Instant.fromEpochMilliseconds(ms).toString();
      return {
        ...one,
        sentAt: text(sent),
        knownAt: text(sent + one.knownAfter * minute),
        firstAttemptAt: text(sent - one.sinceFirst * minute),
        expiry: text(sent + one.expiresAfter * day).slice(0, 10),
        declinedAt: one.declines.map((ago) => text(sent - ago * minute)),
      };
    });

  /** Every case in which the charge is tried again, with where and when. */
  function everyRetry(
    holds: (
      at: Temporal.Instant,
      given: Circumstances,
      of: Case,
      decision: Extract<Decision, { kind: 'retry' }>,
    ) => void,
  ) {
    fc.assert(
      fc.property(cases, (of) => {
        const decision = afterDecline(of);
        if (decision.kind === 'retry') holds(decision.at, circumstances(of), of, decision);
        else expect(['give_up', 'wait_for_customer']).toContain(decision.kind);
      }),
      { numRuns: 1_000 },
    );
  }

  const isBefore = (a: Temporal.Instant, b: Temporal.Instant) => Temporal.Instant.compare(a, b) < 0;
  const wallClock = (at: Temporal.Instant, given: Circumstances) => at.toZonedDateTimeISO(given.history.timeZone);

  it('a retry lies after its attempt and not in the past', () => {
    everyRetry((at, given) => {
      expect(isBefore(given.attempt.sentAt, at)).toBe(true);
      expect(isBefore(at, given.now)).toBe(false);
    });
  });

  it('a retry lies inside the window', () => {
    everyRetry((at, given, of) => {
      const end = wallClock(instant(of.firstAttemptAt ?? ''), given).add({ days: of.windowDays ?? 0 });
      expect(isBefore(end.toInstant(), at)).toBe(false);
    });
  });

  it('a retry lies inside the mandate', () => {
    everyRetry((at, given) => {
      const date = wallClock(at, given).toPlainDate();
      expect(Temporal.PlainDate.compare(date, given.mandate.recurringExpiry)).toBeLessThanOrEqual(0);
    });
  });

  it('a retry that spends a step keeps the days of ladder and mandate, and the charge hour', () => {
    everyRetry((at, given, of, decision) => {
      if (decision.spends !== 'ladder') return;
      const apart = wallClock(given.attempt.sentAt, given).toPlainDate().until(wallClock(at, given).toPlainDate()).days;
      expect(apart).toBeGreaterThanOrEqual(given.mandate.recurringFrequency);
      expect(apart).toBeGreaterThanOrEqual(
        given.policy.retryAfterDays[given.charge.ladderStep] ?? Number.POSITIVE_INFINITY,
      );
      // The hour itself, or the end of the gap that swallowed it: no zone here skips more than an hour.
      const shown = wallClock(at, given).toPlainTime();
      const off = Temporal.PlainTime.from(of.chargeAt ?? '')
        .until(shown)
        .total('minutes');
      expect(off === 0 || (off > 0 && off <= 60)).toBe(true);
    });
  });

  it('a retry keeps the network’s limits, and advice, counted by hand', () => {
    everyRetry((at, given, of, decision) => {
      const hours = (since: Temporal.Instant) => at.since(since).total('hours');
      const own = given.limits.filter((limit) => limit.network === (of.network ?? '*'));
      const limits = own.length > 0 ? own : given.limits.filter((limit) => limit.network === '*');
      const declines = [...given.history.declinedAt, ...(decision.spends === 'ladder' ? [given.attempt.sentAt] : [])];
      for (const limit of limits) {
        expect(declines.filter((since) => hours(since) < limit.windowHours).length).toBeLessThanOrEqual(
          limit.reattempts,
        );
      }
      const wait = { '': 0, '2': 72, '24': 1, '25': 24, '30': 240 }[of.adviceCode ?? ''] ?? 0;
      if (decision.spends === 'ladder') expect(hours(given.now)).toBeGreaterThanOrEqual(wait);
    });
  });

  it('no more retries than the ladder has, and one for what deserves one', () => {
    everyRetry((_at, given, of, decision) => {
      if (decision.spends !== 'ladder') return;
      expect(given.charge.ladderStep).toBeLessThan(given.policy.retryAfterDays.length);
      if (of.code === 'SOMETHING_NEW' || of.code === 'ISSUER_SUSPECT_FRAUD') expect(given.charge.ladderStep).toBe(0);
    });
  });
});
