import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ChargeStatus, chargeStatuses } from '../../src/domain/charges/charge.ts';
import type { Outcome, OutcomeKind } from '../../src/domain/charges/outcome.ts';
import type { Decision, DecisionKind } from '../../src/domain/declines/decision.ts';
import { declineClasses } from '../../src/domain/declines/decline-class.ts';
import { defaultNetworkLimits } from '../../src/domain/declines/network-limits.ts';
import { type Circumstances, type History, type Policy, windowEnd } from '../../src/domain/dunning/circumstances.ts';
import { nextLookUpAge } from '../../src/domain/dunning/doubt.ts';
import { decideNext } from '../../src/domain/dunning/dunning.ts';
import { anyDay } from '../../src/domain/dunning/retry-days.ts';
import { money } from '../../src/domain/money/money.ts';
import { isChargeable, subscriptionStatuses } from '../../src/domain/subscriptions/subscription.ts';

const instant = (text: string) => Temporal.Instant.from(text);
const sentAt = instant('2026-01-31T02:00:00Z');

const open: readonly ChargeStatus[] = ['due', 'attempting', 'held'];

type More = {
  readonly charge?: Partial<Circumstances['charge']>;
  readonly attempt?: Partial<Circumstances['attempt']>;
  readonly history?: Partial<History>;
  readonly policy?: Partial<Policy>;
  readonly mandate?: Partial<Circumstances['mandate']>;
  readonly now?: Temporal.Instant;
};

const standard: Policy = {
  name: 'standard',
  retryAfterDays: [1, 3, 5, 7],
  windowDays: 28,
  then: 'cancel',
  declines: {},
  catalogVersion: 7,
  days: anyDay,
};

/** An attempt sent on 31 January at nine in Jakarta, on a plan with four retries in 28 days. */
function given(more: More = {}): Circumstances {
  const status = more.charge?.status ?? 'attempting';
  return {
    charge: {
      cycle: 3,
      amount: money(150_000, 'IDR'),
      status,
      collected: status === 'paid' || status === 'refunded' || status === 'partially_refunded' ? 150_000n : 0n,
      dueAt: sentAt,
      firstAttemptAt: sentAt,
      ladderStep: 0,
      technicalRetries: 0,
      throttles: 0,
      openedAt: sentAt,
      windowFrom: null,
      byHand: null,
      missed: false,
      catalogVersion: 7,
      ...more.charge,
    },
    attempt: {
      number: 1,
      outcome: null,
      sentAt,
      lastSentAt: sentAt,
      failureCode: null,
      channelCode: 'CARDS',
      asks: 0,
      ...more.attempt,
    },
    history: {
      subscription: 'active',
      timeZone: 'Asia/Jakarta',
      chargeAt: '09:00',
      network: 'VISA',
      declinedAt: [],
      tokenReplaced: false,
      ...more.history,
    },
    policy: { ...standard, ...more.policy },
    mandate: {
      cardOnFileType: 'RECURRING',
      recurringFrequency: 1,
      recurringExpiry: Temporal.PlainDate.from('2031-01-01'),
      ...more.mandate,
    },
    limits: defaultNetworkLimits,
    now: more.now ?? sentAt.add({ seconds: 5 }),
  };
}

const succeeded: Outcome = { kind: 'succeeded', paymentRequestId: 'pr-1', paymentId: 'py-1' };
const pending: Outcome = { kind: 'pending', paymentRequestId: 'pr-1', paymentId: null };
const unknown: Outcome = { kind: 'unknown', detail: 'no answer within 40 s', paymentRequestId: null };

function declined(code: string, networkCode: string | null = null, adviceCode: string | null = null): Outcome {
  return {
    kind: 'declined',
    code,
    networkCode,
    adviceCode,
    paymentRequestId: null,
    paymentId: null,
    actionUrl: null,
  };
}

type Scope = Extract<Outcome, { kind: 'refused' }>['scope'];

function refused(scope: Scope, retryAfterSeconds: number | null = null): Outcome {
  return { kind: 'refused', scope, code: 'SOME_ERROR', detail: 'HTTP 400', retryAfterSeconds };
}

/** A failure code of each class. */
const codeOf = {
  funds: 'INSUFFICIENT_BALANCE',
  technical: 'ISSUER_UNAVAILABLE',
  soft: 'CARD_DECLINED',
  needs_customer: 'AUTHENTICATION_FAILED',
  token_dead: 'EXPIRED_CARD',
  never_again: 'STOLEN_CARD',
  our_fault: 'INVALID_MERCHANT_SETTINGS',
  throttled: 'RATE_LIMIT_EXCEEDED',
} as const;

describe('whatever happened, in whatever state, there is one answer and it keeps the promises', () => {
  const outcomes: readonly Outcome[] = [
    succeeded,
    pending,
    unknown,
    ...(['charge', 'account', 'throttled', 'not_sent', 'never_taken'] as const).map((scope) => refused(scope)),
    ...declineClasses.map((cls) => declined(codeOf[cls])),
    declined('SOMETHING_NEW'),
    declined('DECLINED_BY_ISSUER', 'R1'),
  ];
  const ages = [0, 59, 3 * 3_600, 86_399, 86_400, 27 * 86_400, 40 * 86_400];

  type World = { readonly outcome: Outcome; readonly given: Circumstances; readonly decision: Decision };

  const worlds: readonly World[] = outcomes.flatMap((outcome) =>
    chargeStatuses.flatMap((status) =>
      subscriptionStatuses.flatMap((subscription) =>
        [false, true].flatMap((tokenReplaced) =>
          [0, 1, 4].flatMap((ladderStep) =>
            ages.map((seconds) => {
              const now = sentAt.add({ seconds });
              const charge = { status, ladderStep, technicalRetries: ladderStep };
              const circumstances = given({ charge, history: { subscription, tokenReplaced }, now });
              return { outcome, given: circumstances, decision: decideNext(outcome, circumstances) };
            }),
          ),
        ),
      ),
    ),
  );

  function where(holds: (world: World) => boolean): readonly World[] {
    const found = worlds.filter(holds);
    expect(found.length).toBeGreaterThan(0);
    return found;
  }

  function kindsOf(found: readonly World[]): readonly DecisionKind[] {
    return [...new Set(found.map(({ decision }) => decision.kind))].sort();
  }

  const silent: readonly OutcomeKind[] = ['pending', 'unknown'];

  it('every outcome, class and state was looked at', () => {
    expect(worlds).toHaveLength(18 * 8 * 7 * 2 * 3 * 7);
    expect(kindsOf(worlds)).toEqual(
      [
        'ask_gateway',
        'give_up',
        'hold',
        'nothing',
        'overpaid',
        'paid',
        'release',
        'retry',
        'void',
        'wait_for_customer',
      ].sort(),
    );
  });

  it('every decision says its rule, a sentence, what was counted, and the catalog version', () => {
    const isTold = ({ rule, text, counted, catalogVersion }: Decision['why']) =>
      /^[a-z_]+$/.test(rule) &&
      /^\S.*\.$/.test(text) &&
      counted.attempt === 1 &&
      'ladder_step' in counted &&
      catalogVersion === 7;
    expect(worlds.map(({ decision }) => decision.why).filter((why) => !isTold(why))).toEqual([]);
  });

  it('an outcome that is not known never leads to another attempt', () => {
    expect(kindsOf(where(({ outcome }) => silent.includes(outcome.kind)))).toEqual(['ask_gateway', 'hold', 'nothing']);
  });

  it('a success is never lost: it pays, or it is too much', () => {
    const successes = where(({ outcome }) => outcome.kind === 'succeeded');
    expect(kindsOf(successes)).toEqual(['overpaid', 'paid']);
  });

  it('nothing but a success makes a charge paid', () => {
    const others = where(({ outcome }) => outcome.kind !== 'succeeded');
    expect(kindsOf(others)).not.toContain('paid');
    expect(kindsOf(others)).not.toContain('overpaid');
  });

  it('nothing is tried again once the subscription is canceled', () => {
    const canceled = where(({ given: { history } }) => history.subscription === 'canceled');
    expect(kindsOf(canceled)).toEqual(['ask_gateway', 'hold', 'nothing', 'overpaid', 'paid', 'void']);
    const known = where(
      (world) => world.given.history.subscription === 'canceled' && !silent.includes(world.outcome.kind),
    );
    expect(kindsOf(known)).toEqual(['nothing', 'overpaid', 'paid', 'void']);
  });

  it('a closed charge is never opened again', () => {
    const closed = where(({ given: { charge } }) => !open.includes(charge.status));
    expect(kindsOf(closed)).toEqual(['ask_gateway', 'nothing', 'overpaid', 'paid']);
  });

  it('a retry that spends something lies after the attempt, not in the past, and inside the window', () => {
    const end = instant('2026-02-28T02:00:00Z');
    for (const world of where(
      ({ decision }) => decision.kind === 'retry' && ['ladder', 'technical'].includes(decision.spends),
    )) {
      const at = world.decision.kind === 'retry' ? world.decision.at : sentAt;
      expect(Temporal.Instant.compare(at, sentAt)).toBe(1);
      expect(Temporal.Instant.compare(at, world.given.now)).toBeGreaterThanOrEqual(0);
      expect(Temporal.Instant.compare(at, end)).toBeLessThanOrEqual(0);
    }
  });

  it('a retry that spends nothing repeats what did not count, or tries a new method, and never in the past', () => {
    for (const { decision, outcome, given: circumstances } of where(
      (world) => world.decision.kind === 'retry' && ['nothing', 'throttle'].includes(world.decision.spends),
    )) {
      expect(
        outcome.kind === 'refused' || circumstances.history.tokenReplaced || decision.why.class === 'throttled',
      ).toBe(true);
      if (decision.kind === 'retry')
        expect(Temporal.Instant.compare(decision.at, circumstances.now)).toBeGreaterThanOrEqual(0);
    }
  });

  it('only an account that is refused as a whole stops charging', () => {
    const stops = where(({ decision }) => decision.kind === 'release' && decision.stops);
    for (const { outcome } of stops) expect(outcome).toMatchObject({ kind: 'refused', scope: 'account' });
    const account = where(({ outcome, given: { charge, history } }) => {
      return (
        outcome.kind === 'refused' &&
        outcome.scope === 'account' &&
        open.includes(charge.status) &&
        isChargeable(history.subscription)
      );
    });
    for (const { decision } of account) expect(decision).toMatchObject({ kind: 'release', stops: true });
  });

  it('the customer is dunned for their own declines only', () => {
    const ours = where(
      ({ outcome, decision }) =>
        outcome.kind === 'refused' || ['our_fault', 'throttled'].includes(decision.why.class ?? ''),
    );
    expect(kindsOf(ours)).toEqual(['hold', 'nothing', 'release', 'retry', 'void']);
    for (const { decision } of ours)
      if (decision.kind === 'retry') expect(['nothing', 'throttle']).toContain(decision.spends);
  });

  it('every decline keeps its class, even where nothing follows: a card that was found dead is dead for all', () => {
    for (const cls of declineClasses) {
      const declines = where(({ outcome }) => outcome.kind === 'declined' && outcome.code === codeOf[cls]);
      expect(new Set(declines.map(({ decision }) => decision.why.class))).toEqual(new Set([cls]));
    }
  });

  it('nothing sends the same card again after "never"', () => {
    const never = where(
      ({ decision, given: { history } }) => decision.why.class === 'never_again' && !history.tokenReplaced,
    );
    expect(kindsOf(never)).toEqual(['give_up', 'nothing', 'void', 'wait_for_customer']);
  });
});

describe('a success', () => {
  it.each([
    ['attempting', 'paid'],
    ['due', 'paid'],
    ['held', 'paid'],
    ['uncollectible', 'paid'],
    ['paid', 'overpaid'],
    ['void', 'overpaid'],
    ['refunded', 'overpaid'],
    ['partially_refunded', 'overpaid'],
  ] as const)('on a charge that is %s: %s', (status, kind) => {
    for (const subscription of subscriptionStatuses) {
      expect(decideNext(succeeded, given({ charge: { status }, history: { subscription } })).kind).toBe(kind);
    }
  });

  it('outranks a failure that was recorded before, however late it comes', () => {
    const late = { attempt: { outcome: 'declined' as const }, now: sentAt.add({ hours: 24 * 40 }) };
    expect(decideNext(succeeded, given({ ...late, charge: { status: 'uncollectible' } })).kind).toBe('paid');
    expect(decideNext(succeeded, given({ ...late, charge: { status: 'due', ladderStep: 2 } })).kind).toBe('paid');
  });
});

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

describe('the window', () => {
  const end = (charge: Partial<Circumstances['charge']>) => {
    const all = given({ charge });
    return windowEnd({ charge: all.charge, policy: all.policy, timeZone: 'Asia/Jakarta' }).toString();
  };
  const dueAt = instant('2026-01-01T02:00:00Z');
  const openedAt = instant('2026-01-10T02:00:00Z');

  it.each([
    ['from the first attempt', { firstAttemptAt: sentAt }, '2026-02-28T02:00:00Z'],
    ['of a charge never tried from the due instant', {}, '2026-01-29T02:00:00Z'],
    ['of a missed one from when it was opened', { missed: true }, '2026-02-07T02:00:00Z'],
    ['from a person’s retry after its end', { firstAttemptAt: dueAt, windowFrom: sentAt }, '2026-02-28T02:00:00Z'],
  ])('counts %s', (_from, charge, at) => {
    expect(end({ firstAttemptAt: null, dueAt, openedAt, ...charge })).toBe(at);
  });
});

describe('giving up', () => {
  it.each(['cancel', 'pause', 'keep'] as const)('does with the subscription what the policy says: %s', (then) => {
    const policy = { then };
    const over = given({ policy, charge: { ladderStep: 4 } });
    const late = instant('2026-04-01T02:00:00Z');
    const expected = { kind: 'give_up', then };
    expect(decideNext(declined(codeOf.funds), over)).toMatchObject(expected);
    expect(decideNext(declined(codeOf.never_again), given({ policy, now: late }))).toMatchObject(expected);
    expect(decideNext(declined(codeOf.technical), given({ policy, now: late }))).toMatchObject(expected);
    expect(decideNext(declined(codeOf.needs_customer), given({ policy, now: late }))).toMatchObject(expected);
    expect(decideNext(declined(codeOf.funds), given({ policy, now: late }))).toMatchObject(expected);
  });

  it.each([
    ['STOLEN_CARD', '43', null],
    ['STOLEN_CARD', null, null],
    ['DECLINED_BY_ISSUER', '05', '03'],
    ['INSUFFICIENT_BALANCE', '51', '03'],
    ['INACTIVE_OR_UNAUTHORIZED_CARD', '57', null],
    ['INACTIVE_OR_UNAUTHORIZED_CARD', '12', null],
    ['INVALID_CARD', '14', null],
    ['INACTIVE_OR_UNAUTHORIZED_CARD', '46', null],
    ['DECLINED_BY_ISSUER', 'R0', null],
    ['TRANSACTION_BLOCKED', 'R1', null],
    ['DECLINED_BY_ISSUER', 'R3', null],
  ])(
    '"never again" (%s, network %s, advice %s) is about the card: its customer has the rest of the window to bring another',
    (code, networkCode, adviceCode) => {
      const decision = decideNext(declined(code, networkCode, adviceCode), given());
      expect(decision).toMatchObject({ kind: 'wait_for_customer', why: { class: 'never_again' } });
      expect(decision.kind === 'wait_for_customer' && decision.until.toString()).toBe('2026-02-28T02:00:00Z');
      expect(decision.why.text).toContain('this card must never be tried again');
    },
  );
});

describe('a decline that comes when it no longer matters', () => {
  it.each(['paid', 'void', 'uncollectible', 'refunded', 'partially_refunded'] as const)(
    'changes nothing on a charge that is %s',
    (status) => {
      for (const cls of declineClasses) {
        const decision = decideNext(declined(codeOf[cls]), given({ charge: { status } }));
        expect(decision).toMatchObject({ kind: 'nothing', why: { rule: 'charge_closed', class: cls } });
      }
    },
  );

  it('voids the charge of a subscription that was canceled meanwhile', () => {
    for (const cls of declineClasses) {
      const decision = decideNext(declined(codeOf[cls]), given({ history: { subscription: 'canceled' } }));
      expect(decision).toMatchObject({ kind: 'void', why: { rule: 'subscription_left', class: cls } });
    }
  });

  it.each(['ended', 'paused'] as const)(
    'but a subscription that is %s is dunned on: what it owes it owes',
    (subscription) => {
      expect(decideNext(declined(codeOf.funds), given({ history: { subscription } }))).toMatchObject({
        kind: 'retry',
        spends: 'ladder',
      });
    },
  );

  it('a held charge whose decline arrives after all goes back to its ladder', () => {
    const now = sentAt.add({ hours: 30 });
    expect(decideNext(declined(codeOf.funds), given({ charge: { status: 'held' }, now }))).toMatchObject({
      kind: 'retry',
      spends: 'ladder',
    });
  });
});

describe('the catalog decides', () => {
  it('its override of a code changes what is done', () => {
    expect(
      decideNext(declined('CARD_DECLINED'), given({ policy: { declines: { CARD_DECLINED: 'token_dead' } } })).kind,
    ).toBe('wait_for_customer');
    expect(
      decideNext(declined('SOMETHING_NEW'), given({ policy: { declines: { SOMETHING_NEW: 'our_fault' } } })).kind,
    ).toBe('hold');
  });

  it('every decision names the version it came from', () => {
    expect(decideNext(succeeded, given({ policy: { catalogVersion: 12 } })).why.catalogVersion).toBe(12);
  });
});

describe('a decline about which only a person can decide', () => {
  it.each([
    ['PARTIAL_APPROVAL', null, 'partial_approval'],
    ['CARD_DECLINED', '10', 'partial_approval'],
    ['PAYMENT_REQUEST_CANCELED', null, 'by_hand'],
  ])('%s with network code %s is held as %s', (code, networkCode, reason) => {
    for (const tokenReplaced of [false, true])
      expect(decideNext(declined(code, networkCode), given({ history: { tokenReplaced } }))).toMatchObject({
        kind: 'hold',
        reason,
      });
  });
});
