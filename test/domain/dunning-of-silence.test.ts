import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chargeStatuses } from '../../src/domain/charges/charge.ts';
import type { Outcome } from '../../src/domain/charges/outcome.ts';
import type { Circumstances } from '../../src/domain/dunning/circumstances.ts';
import { nextLookUpAge } from '../../src/domain/dunning/doubt.ts';
import { decideNext } from '../../src/domain/dunning/dunning.ts';
import { subscriptionStatuses } from '../../src/domain/subscriptions/subscription.ts';
import { codeOf, declined, given, pending, sentAt, succeeded, unknown } from '../support/circumstances.ts';

describe('silence is asked about, and nothing new is tried', () => {
  // Seconds after it was sent: now, and when Xendit is asked next.
  it.each([
    [0, 60],
    [59, 60],
    [60, 300],
    [299, 300],
    [300, 3_600],
    [3_599, 3_600],
    [3_600, 7_200],
    [7_199, 7_200],
    [7_200, 10_800],
    [86_399, 86_400],
  ])('%i s after it was sent it is asked about at %i s', (age, next) => {
    for (const outcome of [pending, unknown]) {
      const decision = decideNext(outcome, given({ now: sentAt.add({ seconds: age }) }));
      expect(decision).toMatchObject({ kind: 'ask_gateway', why: { rule: 'silence_is_not_failure' } });
      expect(decision.kind === 'ask_gateway' && decision.at.toString()).toBe(sentAt.add({ seconds: next }).toString());
    }
  });

  it('the next look-up is always ahead, and never more than an hour', () => {
    fc.assert(
      fc.property(fc.double({ min: -60, max: 90_000, noNaN: true }), (age) => {
        expect(nextLookUpAge(age)).toBeGreaterThan(age);
        expect(nextLookUpAge(age) - Math.max(age, 0)).toBeLessThanOrEqual(3_600);
      }),
    );
  });

  it.each([
    ['due', 'hold'],
    ['attempting', 'hold'],
    ['held', 'hold'],
    ['paid', 'nothing'],
    ['void', 'nothing'],
    ['uncollectible', 'nothing'],
  ] as const)('after 24 hours a charge that is %s: %s', (status, kind) => {
    for (const outcome of [pending, unknown]) {
      for (const subscription of subscriptionStatuses) {
        const decision = decideNext(
          outcome,
          given({ charge: { status }, history: { subscription }, now: sentAt.add({ hours: 24 }) }),
        );
        expect(decision).toMatchObject({ kind, why: { rule: 'unknown_too_long' } });
        if (decision.kind === 'hold') expect(decision.reason).toBe('unknown_outcome');
      }
    }
  });

  it('a second before that Xendit is still asked, also about a charge that is closed or canceled', () => {
    for (const status of chargeStatuses) {
      const now = sentAt.add({ seconds: 86_399 });
      expect(decideNext(unknown, given({ charge: { status }, history: { subscription: 'canceled' }, now })).kind).toBe(
        'ask_gateway',
      );
    }
  });

  it.each([
    ['OVO', { hours: 24, seconds: 54 }],
    ['SHOPEEPAY', { hours: 24, minutes: 15 }],
  ] as const)(
    'what %s has in flight is asked about at the end of its window, and held there',
    (channelCode, window) => {
      const decidedAt = (age: Temporal.DurationLike) =>
        decideNext(pending, given({ attempt: { channelCode }, now: sentAt.add(age) }));
      const asked = decidedAt({ hours: 24 });
      expect(asked.kind === 'ask_gateway' && asked.at.toString()).toBe(sentAt.add(window).toString());
      expect(decidedAt(window)).toMatchObject({ kind: 'hold', reason: 'unknown_outcome' });
    },
  );

  it('counts how often and how long', () => {
    const { why } = decideNext(unknown, given({ attempt: { asks: 3 }, now: sentAt.add({ minutes: 90 }) }));
    expect(why.counted).toMatchObject({ asks: 3, age_minutes: 90 });
    expect(why.text).toContain('no answer within 40 s');
  });
});

describe('a time-out told as FAILED is no failure for a day (docs.xendit.co/docs/delayed-webhooks)', () => {
  const hoursLater = (hours: number, attempt: Partial<Circumstances['attempt']> = {}) =>
    given({ attempt, now: sentAt.add({ minutes: Math.round(hours * 60) }) });

  it.each(['PARTNER_TIMEOUT_ERROR', 'TIMEOUT_ERROR', 'PROVIDER_TIMED_OUT'])(
    '%s is asked about, hourly in the end, and tried again after 24 hours only, as a technical failure',
    (code) => {
      const asked = decideNext(declined(code), hoursLater(3));
      expect(asked).toMatchObject({ kind: 'ask_gateway', why: { rule: 'time_out_is_not_failure' } });
      expect(asked.kind === 'ask_gateway' && asked.at.toString()).toBe(sentAt.add({ hours: 4 }).toString());
      expect(decideNext(declined(code), hoursLater(23.99)).kind).toBe('ask_gateway');
    },
  );

  it('and then it is tried again, inside the window, and no step of the ladder is spent', () => {
    const tried = decideNext(declined('TIMEOUT_ERROR'), hoursLater(24, { failureCode: 'TIMEOUT_ERROR' }));
    expect(tried).toMatchObject({ kind: 'retry', spends: 'technical', why: { class: 'technical' } });
    const over = given({
      attempt: { failureCode: 'TIMEOUT_ERROR' },
      policy: { windowDays: 1 },
      now: sentAt.add({ hours: 24 }),
    });
    expect(decideNext(declined('TIMEOUT_ERROR'), over)).toMatchObject({
      kind: 'give_up',
      why: { rule: 'window_over' },
    });
  });

  it.each(['FAILURE_DETAILS_UNAVAILABLE', 'PAYMENT_REQUEST_EXPIRED', 'INSUFFICIENT_BALANCE', 'STOLEN_CARD'])(
    'no other failure ends it sooner: %s',
    (code) => {
      const decision = decideNext(declined(code), hoursLater(3, { outcome: 'unknown', failureCode: 'TIMEOUT_ERROR' }));
      expect(decision).toMatchObject({ kind: 'ask_gateway' });
      expect(decision.why.text).toContain(`TIMEOUT_ERROR, then ${code}`);
    },
  );

  it('a success ends it at once', () => {
    expect(decideNext(succeeded, hoursLater(3, { outcome: 'unknown', failureCode: 'TIMEOUT_ERROR' })).kind).toBe(
      'paid',
    );
  });

  it('its day counts from when the request left for the last time', () => {
    const repeated = hoursLater(24, { lastSentAt: sentAt.add({ hours: 20 }), failureCode: 'TIMEOUT_ERROR' });
    expect(decideNext(declined('TIMEOUT_ERROR'), repeated).kind).toBe('ask_gateway');
  });

  it('a look-up that is not answered when the day is over does not end with a person yet', () => {
    const asked = { outcome: 'unknown', failureCode: 'TIMEOUT_ERROR' } as const;
    expect(decideNext(unknown, hoursLater(24, asked)).kind).toBe('ask_gateway');
    expect(decideNext(unknown, hoursLater(48, asked))).toMatchObject({ kind: 'hold', reason: 'unknown_outcome' });
  });

  it.each(['canceled', 'paused'] as const)(
    'also of a subscription that is %s, since the money is asked for',
    (subscription) => {
      const decision = decideNext(declined('TIMEOUT_ERROR'), given({ history: { subscription } }));
      expect(decision.kind).toBe('ask_gateway');
    },
  );

  it('nor does the catalog’s word end it', () => {
    const policy = { declines: { TIMEOUT_ERROR: 'soft' as const } };
    expect(decideNext(declined('TIMEOUT_ERROR'), given({ policy })).kind).toBe('ask_gateway');
  });
});

describe('a card’s decline whose payment could not be read', () => {
  const unreadable = (code: string): Outcome => ({ ...declined(code), unread: true }) as Outcome;

  it.each([codeOf.funds, codeOf.soft, codeOf.technical, 'INVALID_CVV', 'AUTHENTICATION_FAILED', 'SOMETHING_NEW'])(
    '%s: is read again before anything follows, and is for a person after a day',
    (code) => {
      const asked = decideNext(unreadable(code), given({ now: sentAt.add({ seconds: 30 }) }));
      expect(asked).toMatchObject({ kind: 'ask_gateway', why: { rule: 'network_unread' } });
      expect(asked.kind === 'ask_gateway' && asked.at.toString()).toBe(sentAt.add({ minutes: 1 }).toString());
      const over = decideNext(unreadable(code), given({ now: sentAt.add({ hours: 24 }) }));
      expect(over).toMatchObject({ kind: 'hold', reason: 'unknown_outcome' });
      expect(over.why.text).toContain('could not be read for 24 hours');
    },
  );

  it.each([codeOf.token_dead, codeOf.never_again, codeOf.our_fault])(
    '%s: forbids another try by itself, so nothing is waited for',
    (code) => {
      expect(decideNext(unreadable(code), given())).toEqual(decideNext(declined(code), given()));
    },
  );

  it('nor of a wallet, which has no network, or of a method that was replaced', () => {
    const wallet = given({ attempt: { channelCode: 'OVO' } });
    expect(decideNext(unreadable(codeOf.funds), wallet)).toMatchObject({ kind: 'retry', spends: 'ladder' });
    const replaced = given({ history: { tokenReplaced: true } });
    expect(decideNext(unreadable(codeOf.funds), replaced)).toMatchObject({ why: { rule: 'method_replaced' } });
  });
});
