import { describe, expect, it } from 'vitest';
import { decideNext } from '../../src/domain/dunning/dunning.ts';
import { codeOf, declined, given, instant, refused, sentAt } from '../support/circumstances.ts';

describe('a refusal is not the customer’s fault', () => {
  it('a request of ours that is wrong is held for a person', () => {
    expect(decideNext(refused('charge'), given())).toMatchObject({
      kind: 'hold',
      reason: 'our_fault',
      why: { class: 'our_fault' },
    });
  });

  it('a refusal names its code once', () => {
    const text = (detail: string) =>
      decideNext({ kind: 'refused', scope: 'charge', code: 'DATA_NOT_FOUND', detail, retryAfterSeconds: null }, given())
        .why.text;
    expect(text('HTTP 404 DATA_NOT_FOUND: no such token')).toContain('(HTTP 404 DATA_NOT_FOUND: no such token)');
    expect(text('HTTP 404')).toContain('(DATA_NOT_FOUND: HTTP 404)');
  });

  it('an account that is refused as a whole stops charging, and the charge is due as before', () => {
    const decision = decideNext(refused('account'), given());
    expect(decision).toMatchObject({ kind: 'release', stops: true, why: { rule: 'account_fault' } });
  });

  it('what was never sent is due as before', () => {
    expect(decideNext(refused('not_sent'), given())).toMatchObject({
      kind: 'release',
      stops: false,
      why: { rule: 'not_sent' },
    });
  });

  it.each([
    [null, 60],
    [1, 1],
    [58, 58],
    [3_600, 3_600],
  ])('throttled for %s s: sent again after %i s, and nothing of the customer’s is spent', (told, seconds) => {
    const circumstances = given();
    const decision = decideNext(refused('throttled', told), circumstances);
    expect(decision).toMatchObject({
      kind: 'retry',
      spends: 'throttle',
      why: { rule: 'throttled', counted: { wait_seconds: seconds } },
    });
    expect(decision.kind === 'retry' && decision.at.toString()).toBe(circumstances.now.add({ seconds }).toString());
  });

  const throttledWays = [
    ['by a refusal', refused('throttled')],
    ['by a failure code', declined(codeOf.throttled)],
  ] as const;

  it.each(throttledWays)('throttled %s in a row: twice as long after each, up to an hour', (_way, outcome) => {
    const waits = [0, 1, 2, 3, 4, 5, 6, 20].map((throttles) => {
      const circumstances = given({ charge: { throttles } });
      const decision = decideNext(outcome, circumstances);
      return decision.kind === 'retry' ? decision.at.since(circumstances.now).total('seconds') : decision.kind;
    });
    expect(waits).toEqual([60, 120, 240, 480, 960, 1_920, 3_600, 3_600]);
  });

  it('but never sooner than Xendit said', () => {
    const circumstances = given({ charge: { throttles: 1 } });
    const decision = decideNext(refused('throttled', 500), circumstances);
    expect(decision.kind === 'retry' && decision.at.since(circumstances.now).total('seconds')).toBe(500);
  });

  it.each(throttledWays)(
    'throttled %s: for the last time when the window ends, which counts from the due instant while nothing was tried',
    (_way, outcome) => {
      const due = sentAt.subtract({ hours: 27 * 24 + 23 });
      const charge = { dueAt: due, openedAt: due, throttles: 9 };
      const last = decideNext(outcome, given({ charge, now: sentAt.add({ minutes: 30 }) }));
      expect(last.kind === 'retry' && last.at.toString()).toBe(sentAt.add({ hours: 1 }).toString());
      const over = decideNext(outcome, given({ charge, now: sentAt.add({ hours: 1 }) }));
      expect(over).toMatchObject({ kind: 'hold', reason: 'throttled', why: { class: 'throttled' } });
    },
  );

  it('a charge that was tried before keeps the window of its first attempt', () => {
    const firstAttemptAt = sentAt.subtract({ hours: 28 * 24 });
    const charge = { dueAt: firstAttemptAt.subtract({ hours: 9 * 24 }), firstAttemptAt, ladderStep: 2 };
    expect(decideNext(refused('throttled'), given({ charge, now: sentAt })).kind).toBe('hold');
    const now = sentAt.subtract({ seconds: 1 });
    expect(decideNext(refused('throttled'), given({ charge, now })).kind).toBe('retry');
  });

  it.each(['charge', 'account', 'throttled', 'not_sent', 'never_taken'] as const)(
    '%s: a paused subscription only has its charge back, a canceled one has it void',
    (scope) => {
      expect(decideNext(refused(scope), given({ history: { subscription: 'paused' } }))).toMatchObject({
        kind: 'release',
        stops: false,
      });
      expect(decideNext(refused(scope), given({ history: { subscription: 'canceled' } })).kind).toBe('void');
    },
  );
});

describe('a technical failure never reached the issuer', () => {
  it.each([
    [0, 5],
    [1, 15],
    [2, 60],
    [3, 180],
    [4, 360],
    [5, 720],
    [6, 1_440],
    [7, 1_440],
    [20, 1_440],
  ])('after %i of them in a row it is tried again in %i minutes, and no step is spent', (technicalRetries, minutes) => {
    const circumstances = given({ charge: { technicalRetries, ladderStep: 4 } });
    const decision = decideNext(declined(codeOf.technical), circumstances);
    expect(decision).toMatchObject({
      kind: 'retry',
      spends: 'technical',
      why: { class: 'technical', rule: 'technical' },
    });
    expect(decision.kind === 'retry' && decision.at.toString()).toBe(circumstances.now.add({ minutes }).toString());
  });

  it.each([
    ['24', 0, 60, 'merchant_advice'],
    ['2', 0, 72 * 60, 'merchant_advice'],
    ['30', 6, 240 * 60, 'merchant_advice'],
    ['24', 3, 180, 'technical'],
  ])('with advice %s after %i of them it is not tried again within %i minutes', (adviceCode, done, minutes, rule) => {
    const circumstances = given({ charge: { technicalRetries: done } });
    const decision = decideNext(declined(codeOf.technical, null, adviceCode), circumstances);
    expect(decision).toMatchObject({ kind: 'retry', spends: 'technical', why: { rule } });
    expect(decision.kind === 'retry' && decision.at.toString()).toBe(circumstances.now.add({ minutes }).toString());
  });

  // The window ends on 28 February at nine in Jakarta.
  it.each([
    ['2026-02-28T01:55:00Z', 0, 'retry', 'technical'],
    ['2026-02-28T01:55:01Z', 0, 'give_up', 'window_over'],
    ['2026-02-27T02:00:00Z', 6, 'retry', 'technical'],
    ['2026-02-27T02:00:01Z', 6, 'give_up', 'window_over'],
    ['2026-03-10T02:00:00Z', 0, 'give_up', 'window_over'],
  ])('at %s after %i of them: %s', (now, technicalRetries, kind, rule) => {
    const decision = decideNext(declined(codeOf.technical), given({ charge: { technicalRetries }, now: instant(now) }));
    expect(decision).toMatchObject({ kind, why: { rule } });
  });

  it('it is not tried on a day that the mandate does not cover', () => {
    const mandate = { recurringExpiry: Temporal.PlainDate.from('2026-01-31') };
    const late = instant('2026-01-31T16:54:00Z');
    expect(decideNext(declined(codeOf.technical), given({ mandate, now: late })).kind).toBe('retry');
    const tooLate = decideNext(declined(codeOf.technical), given({ mandate, now: late.add({ minutes: 1 }) }));
    expect(tooLate).toMatchObject({ kind: 'wait_for_customer', why: { rule: 'mandate_over', class: 'technical' } });
  });

  it('declines of the same card elsewhere hold it back as well', () => {
    const declinedAt = Array.from({ length: 5 }, (_, i) => sentAt.subtract({ hours: i + 1 }));
    const decision = decideNext(
      declined(codeOf.technical),
      given({ history: { network: null, declinedAt }, policy: { windowDays: 60 } }),
    );
    expect(decision).toMatchObject({ kind: 'retry', spends: 'technical', why: { rule: 'network_limits' } });
    // The oldest of the five leaves 30 days after it.
    expect(decision.kind === 'retry' && decision.at.toString()).toBe(
      sentAt.subtract({ hours: 5 }).add({ hours: 720 }).toString(),
    );
  });
});

describe('when only the customer can go on', () => {
  it.each([codeOf.needs_customer, codeOf.token_dead, 'REQUIRES_ACTION', 'INVALID_TOKEN'])(
    '%s waits for them until the window ends',
    (code) => {
      const decision = decideNext(declined(code), given());
      expect(decision).toMatchObject({ kind: 'wait_for_customer', why: { rule: 'wait_for_customer' } });
      expect(decision.kind === 'wait_for_customer' && decision.until.toString()).toBe('2026-02-28T02:00:00Z');
    },
  );

  it('the window’s end keeps its hour over a change of clocks', () => {
    const first = instant('2026-02-10T14:00:00Z');
    const decision = decideNext(
      declined(codeOf.token_dead),
      given({ charge: { firstAttemptAt: first }, history: { timeZone: 'America/New_York' } }),
    );
    expect(decision.kind === 'wait_for_customer' && decision.until.toString()).toBe('2026-03-10T13:00:00Z');
  });

  it('once the window is over the charge is given up', () => {
    for (const code of [codeOf.needs_customer, codeOf.token_dead]) {
      const last = instant('2026-02-28T01:59:59Z');
      expect(decideNext(declined(code), given({ now: last })).kind).toBe('wait_for_customer');
      const over = decideNext(declined(code), given({ now: last.add({ seconds: 1 }) }));
      expect(over).toMatchObject({ kind: 'give_up', why: { rule: 'window_over' } });
    }
  });

  it('says whether the method is finished or the customer has to act', () => {
    expect(decideNext(declined(codeOf.token_dead), given()).why.text).toContain('the payment method is finished');
    expect(decideNext(declined(codeOf.needs_customer), given()).why.text).toContain('the customer has to act');
  });
});
