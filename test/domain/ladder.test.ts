import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../src/domain/charges/outcome.ts';
import type { Decision } from '../../src/domain/declines/decision.ts';
import { defaultNetworkLimits, type NetworkLimit } from '../../src/domain/declines/network-limits.ts';
import type { Circumstances } from '../../src/domain/dunning/circumstances.ts';
import { decideNext } from '../../src/domain/dunning/dunning.ts';
import { anyDay, type RetryDays } from '../../src/domain/dunning/retry-days.ts';
import { money } from '../../src/domain/money/money.ts';

const instant = (text: string) => Temporal.Instant.from(text);

type Case = {
  readonly sentAt: string;
  /** When the decline became known; at once when not said. */
  readonly knownAt?: string;
  readonly firstAttemptAt?: string;
  readonly step?: number;
  readonly ladder?: readonly number[];
  readonly windowDays?: number;
  readonly zone?: string;
  readonly chargeAt?: string;
  readonly frequency?: number;
  readonly expiry?: string;
  readonly network?: string | null;
  readonly declinedAt?: readonly string[];
  readonly limits?: readonly NetworkLimit[];
  readonly code?: string;
  readonly channelCode?: string;
  readonly adviceCode?: string;
  readonly replaced?: boolean;
  readonly days?: RetryDays;
  /** A person had it tried, and the ladder's own next try was planned for then. */
  readonly planned?: string;
};

function circumstances(of: Case): Circumstances {
  return {
    charge: {
      cycle: 3,
      amount: money(150_000, 'IDR'),
      status: 'attempting',
      collected: 0n,
      dueAt: instant(of.firstAttemptAt ?? of.sentAt),
      firstAttemptAt: instant(of.firstAttemptAt ?? of.sentAt),
      ladderStep: of.step ?? 0,
      technicalRetries: 0,
      throttles: 0,
      openedAt: instant(of.firstAttemptAt ?? of.sentAt),
      windowFrom: null,
      byHand: of.planned === undefined ? null : { retries: 1, asked: true, planned: of.planned },
      missed: false,
      catalogVersion: 7,
    },
    attempt: {
      number: (of.step ?? 0) + 1,
      outcome: null,
      sentAt: instant(of.sentAt),
      lastSentAt: instant(of.sentAt),
      failureCode: null,
      channelCode: of.channelCode ?? 'CARDS',
      asks: 0,
    },
    history: {
      subscription: 'active',
      timeZone: of.zone ?? 'Asia/Jakarta',
      chargeAt: of.chargeAt ?? '09:00',
      network: of.network === undefined ? 'VISA' : of.network,
      declinedAt: (of.declinedAt ?? []).map(instant),
      tokenReplaced: of.replaced ?? false,
    },
    policy: {
      name: 'standard',
      retryAfterDays: of.ladder ?? [1, 3, 5, 7],
      windowDays: of.windowDays ?? 28,
      then: 'cancel',
      declines: {},
      catalogVersion: 7,
      days: of.days ?? anyDay,
    },
    mandate: {
      cardOnFileType: 'RECURRING',
      recurringFrequency: of.frequency ?? 1,
      recurringExpiry: Temporal.PlainDate.from(of.expiry ?? '2031-01-01'),
    },
    limits: of.limits ?? defaultNetworkLimits,
    now: instant(of.knownAt ?? of.sentAt),
  };
}

function declinedWith(code: string, adviceCode: string | null = null): Outcome {
  return {
    kind: 'declined',
    code,
    networkCode: null,
    adviceCode,
    paymentRequestId: null,
    paymentId: null,
    actionUrl: null,
  };
}

function afterDecline(of: Case): Decision {
  return decideNext(declinedWith(of.code ?? 'INSUFFICIENT_BALANCE', of.adviceCode ?? null), circumstances(of));
}

/** The retry's instant, or the rule by which the charge is given up. */
function next(of: Case): string {
  const decision = afterDecline(of);
  if (decision.kind === 'retry') return decision.at.toString();
  return `${decision.kind}: ${decision.why.rule}`;
}

describe('each step is counted from the attempt before it, in the zone of the subscription, at the charge hour', () => {
  it.each([
    ['step 1, a day', { sentAt: '2026-01-31T02:00:04Z', step: 0 }, '2026-02-01T02:00:00Z'],
    ['step 2, three days', { sentAt: '2026-02-01T02:00:00Z', step: 1 }, '2026-02-04T02:00:00Z'],
    ['step 3, five days', { sentAt: '2026-02-04T02:00:00Z', step: 2 }, '2026-02-09T02:00:00Z'],
    ['step 4, seven days', { sentAt: '2026-02-09T02:00:00Z', step: 3 }, '2026-02-16T02:00:00Z'],
    [
      'step 2 from a late first step',
      { sentAt: '2026-02-03T10:00:00Z', firstAttemptAt: '2026-01-31T02:00:00Z', step: 1 },
      '2026-02-06T02:00:00Z',
    ],
    ['late in the evening the day is still the same', { sentAt: '2026-01-31T16:30:00Z' }, '2026-02-01T02:00:00Z'],
    ['after midnight it is the next', { sentAt: '2026-01-31T17:00:00Z' }, '2026-02-02T02:00:00Z'],
    ['Makassar is an hour ahead', { sentAt: '2026-01-31T16:30:00Z', zone: 'Asia/Makassar' }, '2026-02-02T01:00:00Z'],
    [
      'and its nine o’clock comes earlier',
      { sentAt: '2026-01-31T02:00:00Z', zone: 'Asia/Makassar' },
      '2026-02-01T01:00:00Z',
    ],
    ['New York in winter', { sentAt: '2026-01-31T14:00:00Z', zone: 'America/New_York' }, '2026-02-01T14:00:00Z'],
    [
      'New York into summer time: 23 hours later',
      { sentAt: '2026-03-07T14:00:00Z', zone: 'America/New_York' },
      '2026-03-08T13:00:00Z',
    ],
    [
      'New York out of summer time: 25 hours later',
      { sentAt: '2026-10-31T13:00:00Z', zone: 'America/New_York' },
      '2026-11-01T14:00:00Z',
    ],
    [
      'an hour that the clock skips is the first after it',
      { sentAt: '2026-03-07T14:00:00Z', zone: 'America/New_York', chargeAt: '02:30' },
      '2026-03-08T07:00:00Z',
    ],
    [
      'an hour shown twice is the first of the two',
      { sentAt: '2026-10-31T14:00:00Z', zone: 'America/New_York', chargeAt: '01:30' },
      '2026-11-01T05:30:00Z',
    ],
    ['across a leap day', { sentAt: '2028-02-28T02:00:00Z' }, '2028-02-29T02:00:00Z'],
  ] satisfies readonly (readonly [string, Case, string])[])('%s', (_name, of, at) => {
    expect(next(of)).toBe(at);
  });

  it('a whole ladder, followed to its end, tries on days 0, 1, 4, 9 and 16', () => {
    const tried = ['2026-01-31T02:00:00Z'];
    for (let step = 0; step < 4; step += 1) {
      tried.push(
        next({
          sentAt: tried.at(-1) ?? '',
          firstAttemptAt: '2026-01-31T02:00:00Z',
          step,
          declinedAt: tried.slice(0, -1),
        }),
      );
    }
    expect(tried.map((at) => at.slice(0, 10))).toEqual([
      '2026-01-31',
      '2026-02-01',
      '2026-02-04',
      '2026-02-09',
      '2026-02-16',
    ]);
    const last = {
      sentAt: tried.at(-1) ?? '',
      firstAttemptAt: '2026-01-31T02:00:00Z',
      step: 4,
      declinedAt: tried.slice(0, -1),
    };
    expect(afterDecline(last)).toMatchObject({ kind: 'give_up', then: 'cancel', why: { rule: 'ladder_spent' } });
  });

  it.each([
    [[], 'it is not retried.'],
    [[1], 'its one retry is spent.'],
    [[1, 3], 'all 2 retries are spent.'],
  ])('says what was tried of a ladder of %j', (ladder, said) => {
    const { why } = afterDecline({ sentAt: '2026-01-31T02:00:00Z', ladder, step: ladder.length });
    expect(why).toMatchObject({ rule: 'ladder_spent', text: expect.stringContaining(said) });
  });

  it('says which retry it is, of how many, when, and by which rule', () => {
    const { why } = afterDecline({ sentAt: '2026-02-01T02:00:00Z', step: 1, declinedAt: ['2026-01-31T02:00:00Z'] });
    expect(why).toEqual({
      class: 'funds',
      rule: 'ladder',
      text: 'INSUFFICIENT_BALANCE (funds): retry 2 of 4 on 2026-02-04, by ladder.',
      counted: { attempt: 2, ladder_step: 1, retries_left: 3, declines_in_window: 2 },
      catalogVersion: 7,
    });
  });
});

describe('a decline that becomes known late', () => {
  const sentAt = '2026-01-01T02:00:00Z';
  it.each([
    [
      'before the retry is due: the ladder still counts from the attempt',
      '2026-01-03T20:00:00Z',
      '2026-01-04T02:00:00Z',
    ],
    ['at the very instant of the retry: now', '2026-01-04T02:00:00Z', '2026-01-04T02:00:00Z'],
    ['after it: the next charge hour', '2026-01-04T02:00:01Z', '2026-01-05T02:00:00Z'],
    ['days after it, before the charge hour: the same day', '2026-01-09T01:00:00Z', '2026-01-09T02:00:00Z'],
    ['days after it, past the charge hour: the day after', '2026-01-09T03:00:00Z', '2026-01-10T02:00:00Z'],
  ])('%s', (_name, knownAt, at) => {
    expect(next({ sentAt, knownAt, step: 1 })).toBe(at);
  });
});

describe('the mandate holds retries apart', () => {
  const sentAt = '2026-01-01T02:00:00Z';
  it.each([
    [1, [1, 3], '2026-01-02T02:00:00Z', 'ladder'],
    [3, [1, 3], '2026-01-04T02:00:00Z', 'mandate_frequency'],
    [3, [3], '2026-01-04T02:00:00Z', 'ladder'],
    [3, [5], '2026-01-06T02:00:00Z', 'ladder'],
    [28, [1, 3], '2026-01-29T02:00:00Z', 'mandate_frequency'],
  ])('frequency %i with a ladder of %j', (frequency, ladder, at, rule) => {
    expect(next({ sentAt, frequency, ladder })).toBe(at);
    expect(afterDecline({ sentAt, frequency, ladder }).why.rule).toBe(rule);
  });

  it('an attempt two seconds past its hour lets the window of 28 days still hold day 28', () => {
    expect(next({ sentAt: '2026-01-01T02:00:02Z', frequency: 28 })).toBe('2026-01-29T02:00:00Z');
  });

  it('days that the window does not hold end the dunning', () => {
    expect(next({ sentAt, frequency: 28, windowDays: 27 })).toBe('give_up: window_over');
  });

  it.each([
    ['on the last day of the mandate', '2026-01-02', '2026-01-02T02:00:00Z'],
    ['the day after, another method may come until the window ends', '2026-01-01', 'wait_for_customer: mandate_over'],
  ])('%s', (_name, expiry, what) => {
    expect(next({ sentAt, expiry })).toBe(what);
  });

  it('its last day is a day of the subscription’s zone', () => {
    const late = { sentAt: '2026-01-01T23:00:00Z', chargeAt: '00:30', zone: 'Asia/Makassar' };
    expect(next(late)).toBe('2026-01-02T16:30:00Z');
    expect(next({ ...late, expiry: '2026-01-03' })).toBe('2026-01-02T16:30:00Z');
    expect(next({ ...late, expiry: '2026-01-02' })).toBe('wait_for_customer: mandate_over');
  });
});

describe('the window counts from the first attempt', () => {
  const firstAttemptAt = '2026-01-01T02:00:00Z';
  it.each([
    ['a retry at its very end', { sentAt: '2026-01-24T02:00:00Z', step: 2 }, '2026-01-29T02:00:00Z'],
    ['a retry past its end', { sentAt: '2026-01-24T17:00:00Z', step: 2 }, 'give_up: window_over'],
    ['a window of two days holds the first step', { sentAt: firstAttemptAt, windowDays: 2 }, '2026-01-02T02:00:00Z'],
    ['but not the second', { sentAt: '2026-01-02T02:00:00Z', step: 1, windowDays: 2 }, 'give_up: window_over'],
  ] satisfies readonly (readonly [string, Case, string])[])('%s', (_name, of, what) => {
    expect(next({ ...of, firstAttemptAt })).toBe(what);
  });

  it('28 days over a change of clocks end at the same time of day', () => {
    const summer = {
      firstAttemptAt: '2026-02-10T14:00:00Z',
      sentAt: '2026-03-05T14:00:00Z',
      step: 2,
      zone: 'America/New_York',
    };
    expect(next(summer)).toBe('2026-03-10T13:00:00Z');
    const winter = {
      firstAttemptAt: '2026-10-10T13:00:00Z',
      sentAt: '2026-11-02T14:00:00Z',
      step: 2,
      zone: 'America/New_York',
    };
    expect(next(winter)).toBe('2026-11-07T14:00:00Z');
  });
});

describe('Mastercard’s advice to wait is kept, at the charge hour', () => {
  // Sent and answered five seconds past nine o'clock on 1 January; the ladder alone would say 2 January.
  const of = { sentAt: '2026-01-01T02:00:05Z', network: 'MASTERCARD' };
  it.each([
    ['2', '72 hours', '2026-01-05T02:00:00Z', 'merchant_advice'],
    ['24', '1 hour', '2026-01-02T02:00:00Z', 'ladder'],
    ['25', '24 hours', '2026-01-03T02:00:00Z', 'merchant_advice'],
    ['26', '2 days', '2026-01-04T02:00:00Z', 'merchant_advice'],
    ['27', '4 days', '2026-01-06T02:00:00Z', 'merchant_advice'],
    ['28', '6 days', '2026-01-08T02:00:00Z', 'merchant_advice'],
    ['29', '8 days', '2026-01-10T02:00:00Z', 'merchant_advice'],
    ['30', '10 days', '2026-01-12T02:00:00Z', 'merchant_advice'],
  ])('%s: not before %s', (adviceCode, _words, at, rule) => {
    expect(next({ ...of, adviceCode })).toBe(at);
    expect(afterDecline({ ...of, adviceCode }).why.rule).toBe(rule);
  });

  it('a ladder that waits longer wins', () => {
    expect(next({ ...of, adviceCode: '26', ladder: [7] })).toBe('2026-01-08T02:00:00Z');
  });

  it('and it never leads out of the window', () => {
    expect(next({ ...of, adviceCode: '30', windowDays: 9 })).toBe('give_up: window_over');
  });
});

describe('the network’s limits are kept', () => {
  const days = (from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, i) => `2026-01-${String(from + i).padStart(2, '0')}T02:00:00Z`);

  it('an unnamed network allows four tries after declines in 30 days, counting this one', () => {
    const of = { sentAt: '2026-01-05T02:00:00Z', network: null, ladder: [1], windowDays: 60 };
    expect(next({ ...of, declinedAt: days(2, 4) })).toBe('2026-01-06T02:00:00Z');
    // Five declines from 1 to 5 January: the first leaves the window 30 days after it.
    expect(next({ ...of, declinedAt: days(1, 4) })).toBe('2026-01-31T02:00:00Z');
    expect(afterDecline({ ...of, declinedAt: days(1, 4) }).why).toMatchObject({
      rule: 'network_limits',
      counted: { declines_in_window: 5 },
    });
  });

  it('Visa allows fifteen in 30 days', () => {
    const of = { sentAt: '2026-01-15T02:00:00Z', ladder: [1], windowDays: 60 };
    expect(next({ ...of, declinedAt: days(1, 14) })).toBe('2026-01-16T02:00:00Z');
    expect(next({ ...of, declinedAt: ['2025-12-31T02:00:00Z', ...days(1, 14)] })).toBe('2026-01-30T02:00:00Z');
  });

  it('Mastercard allows eight in 24 hours; what frees a place later in the day waits for the next charge hour', () => {
    const hourly = Array.from({ length: 8 }, (_, i) => `2026-01-01T0${i + 1}:00:00Z`);
    // 00:30 in Jakarta on the 2nd; the ladder says ten past midnight on the 3rd, when all nine have left.
    const of = {
      sentAt: '2026-01-01T17:30:00Z',
      network: 'MASTERCARD',
      declinedAt: hourly,
      ladder: [1],
      chargeAt: '00:10',
    };
    expect(next(of)).toBe('2026-01-02T17:10:00Z');
    // An hour earlier it is 23:30 on the 1st there, and ten past midnight on the 2nd comes while nine are inside: the first
    // leaves at 08:00 on the 2nd.
    const earlier = { ...of, sentAt: '2026-01-01T16:30:00Z' };
    expect(next({ ...earlier, declinedAt: hourly.slice(1) })).toBe('2026-01-01T17:10:00Z');
    expect(next(earlier)).toBe('2026-01-02T17:10:00Z');
  });

  it('a limit that leads out of the window ends the dunning', () => {
    const of = {
      sentAt: '2026-01-05T02:00:00Z',
      firstAttemptAt: '2026-01-01T02:00:00Z',
      network: null,
      declinedAt: days(1, 4),
      ladder: [1],
    };
    expect(next(of)).toBe('give_up: window_over');
  });
});

describe('a reason that deserves one more try', () => {
  it.each(['SOMETHING_NEW', 'ISSUER_SUSPECT_FRAUD'])('%s is tried once more, and not twice', (code) => {
    const first = afterDecline({ sentAt: '2026-01-01T02:00:00Z', code });
    expect(first).toMatchObject({
      kind: 'retry',
      spends: 'ladder',
      why: { class: 'soft', counted: { retries_left: 1 } },
    });
    expect(first.why.text).toContain('retry 1 of 1');
    const second = afterDecline({ sentAt: '2026-01-02T02:00:00Z', step: 1, code });
    expect(second).toMatchObject({ kind: 'wait_for_customer', why: { class: 'soft' } });
  });

  it.each(['INVALID_CVV', 'INACTIVE_OR_UNAUTHORIZED_CARD'])('%s too, though only its customer can mend it', (code) => {
    const first = afterDecline({ sentAt: '2026-01-01T02:00:00Z', code });
    expect(first).toMatchObject({ kind: 'retry', spends: 'ladder', why: { class: 'needs_customer' } });
    expect(next({ sentAt: '2026-01-01T02:00:00Z', code })).toBe('2026-01-02T02:00:00Z');
    expect(next({ sentAt: '2026-01-02T02:00:00Z', step: 1, code })).toBe('wait_for_customer: wait_for_customer');
  });

  it('a policy without retries makes none', () => {
    const of = { sentAt: '2026-01-01T02:00:00Z', ladder: [] };
    expect(next(of)).toBe('give_up: ladder_spent');
    for (const code of ['SOMETHING_NEW', 'INVALID_CVV', 'PAYMENT_AMOUNT_LIMITS_EXCEEDED'])
      expect(next({ ...of, code })).toBe('wait_for_customer: wait_for_customer');
  });

  it('its customer is waited for, too, where the one try would lie outside the window', () => {
    const of = { sentAt: '2026-01-01T02:00:00Z', ladder: [3], windowDays: 2 };
    expect(next({ ...of, code: 'INVALID_CVV' })).toBe('wait_for_customer: wait_for_customer');
    expect(next({ ...of, code: 'CARD_DECLINED' })).toBe('give_up: window_over');
  });
});

describe('an amount over a limit', () => {
  it('is tried the next day, whatever the ladder says, and then its customer is waited for', () => {
    const of = { code: 'PAYMENT_AMOUNT_LIMITS_EXCEEDED', ladder: [5, 5] };
    expect(next({ ...of, sentAt: '2026-01-01T02:00:00Z' })).toBe('2026-01-02T02:00:00Z');
    const second = afterDecline({ ...of, sentAt: '2026-01-02T02:00:00Z', step: 1 });
    expect(second).toMatchObject({ kind: 'wait_for_customer', why: { class: 'funds' } });
  });
});

describe('a wallet whose customer did not confirm in time', () => {
  const of = (more: Partial<Case> = {}): Case => ({
    code: 'USER_DID_NOT_AUTHORIZE',
    channelCode: 'OVO',
    sentAt: '2026-01-01T02:00:00Z',
    ...more,
  });

  it('is asked twice more at another hour, on days of the ladder, and then waited for', () => {
    expect(next(of())).toBe('2026-01-02T12:00:00Z');
    expect(next(of({ sentAt: '2026-01-02T12:00:00Z', step: 1 }))).toBe('2026-01-05T12:00:00Z');
    expect(next(of({ sentAt: '2026-01-05T12:00:00Z', step: 2 }))).toBe('wait_for_customer: wait_for_customer');
  });

  it('in the morning where the charge hour is late in the day', () => {
    expect(next(of({ chargeAt: '21:00', sentAt: '2026-01-01T14:00:00Z' }))).toBe('2026-01-02T02:00:00Z');
  });

  it('of a card it is what it was: its customer is waited for at once', () => {
    expect(next(of({ channelCode: 'CARDS' }))).toBe('wait_for_customer: wait_for_customer');
  });
});

describe('a decline of a method that was replaced meanwhile', () => {
  it.each([
    'INSUFFICIENT_BALANCE',
    'CARD_DECLINED',
    'AUTHENTICATION_FAILED',
    'EXPIRED_CARD',
    'STOLEN_CARD',
    'ISSUER_UNAVAILABLE',
    'SOMETHING_NEW',
  ])('%s: the new one is tried at once and no step is spent, even at the end of the ladder', (code) => {
    const of = {
      sentAt: '2026-01-01T02:00:00Z',
      knownAt: '2026-01-01T05:00:00Z',
      code,
      replaced: true,
      step: 4,
      frequency: 28,
      expiry: '2025-12-31',
    };
    expect(afterDecline(of)).toMatchObject({ kind: 'retry', spends: 'nothing', why: { rule: 'method_replaced' } });
    expect(next(of)).toBe('2026-01-01T05:00:00Z');
  });

  it('but our own fault is still held, and a throttled request still waits', () => {
    const of = { sentAt: '2026-01-01T02:00:00Z', replaced: true };
    expect(afterDecline({ ...of, code: 'INVALID_MERCHANT_SETTINGS' })).toMatchObject({
      kind: 'hold',
      reason: 'our_fault',
    });
    expect(next({ ...of, code: 'RATE_LIMIT_EXCEEDED' })).toBe('2026-01-01T02:01:00Z');
  });
});

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

describe('a retry falls on no quiet day of its country', () => {
  const quiet = (...days: string[]) => ({ quiet: days, paydays: [] });

  it.each([
    ['the day before it', ['2026-01-31'], '2026-02-01T02:00:00Z'],
    ['that very day', ['2026-02-01'], '2026-02-02T02:00:00Z'],
    ['three days in a row', ['2026-02-01', '2026-02-02', '2026-02-03'], '2026-02-04T02:00:00Z'],
  ])('%s is quiet', (_, days, at) => {
    expect(next({ sentAt: '2026-01-31T02:00:00Z', days: quiet(...days) })).toBe(at);
  });

  it('is a day of the subscription’s zone', () => {
    const late = { sentAt: '2026-01-30T17:30:00Z', chargeAt: '00:30' };
    expect(next(late)).toBe('2026-01-31T17:30:00Z');
    expect(next({ ...late, days: quiet('2026-02-01') })).toBe('2026-02-01T17:30:00Z');
    expect(next({ ...late, days: quiet('2026-01-31') })).toBe('2026-01-31T17:30:00Z');
  });

  it('also of technical failures, which are tried again in minutes otherwise', () => {
    const of = { sentAt: '2026-02-01T05:00:00Z', code: 'CHANNEL_UNAVAILABLE' };
    expect(next(of)).toBe('2026-02-01T05:05:00Z');
    expect(next({ ...of, days: quiet('2026-02-01') })).toBe('2026-02-02T02:00:00Z');
  });

  it('and not beyond the window: then nothing is left to try', () => {
    const of = { sentAt: '2026-01-31T02:00:00Z', windowDays: 1 };
    expect(next(of)).toBe('2026-02-01T02:00:00Z');
    expect(next({ ...of, days: quiet('2026-02-01') })).toBe('give_up: window_over');
  });
});

describe('a retry for want of funds waits for a payday slot inside its window', () => {
  const paydays = (...days: number[]) => ({ quiet: [], paydays: days });

  it.each([
    ['the 1st is tomorrow', [1, 25], '2026-02-01T02:00:00Z'],
    ['the 25th is inside the window', [25], '2026-02-25T02:00:00Z'],
    ['the 30th is the last day of February', [15, 30], '2026-02-15T02:00:00Z'],
    ['of February the 31st is the last day', [31], '2026-02-28T02:00:00Z'],
  ])('%s', (_, days, at) => {
    expect(next({ sentAt: '2026-01-31T02:00:00Z', days: paydays(...days) })).toBe(at);
  });

  it('and else comes by its ladder: no slot lies in the window, or another code was told', () => {
    expect(next({ sentAt: '2026-01-31T02:00:00Z', windowDays: 20, days: paydays(25) })).toBe('2026-02-01T02:00:00Z');
    const soft = { sentAt: '2026-01-31T02:00:00Z', code: 'DECLINED_BY_ISSUER' };
    expect(next({ ...soft, days: paydays(25) })).toBe(next(soft));
  });

  it('not on a slot that the mandate does not reach', () => {
    const of = { sentAt: '2026-01-31T02:00:00Z', days: paydays(25) };
    expect(next({ ...of, expiry: '2026-02-25' })).toBe('2026-02-25T02:00:00Z');
    expect(next({ ...of, expiry: '2026-02-24' })).toBe('2026-02-01T02:00:00Z');
  });

  it('and not on one that is quiet: the day after it is as good', () => {
    const days = { quiet: ['2026-02-25'], paydays: [25] };
    expect(next({ sentAt: '2026-01-31T02:00:00Z', days })).toBe('2026-02-26T02:00:00Z');
  });

  it('says so', () => {
    const { why } = afterDecline({ sentAt: '2026-01-31T02:00:00Z', days: paydays(25) });
    expect(why).toMatchObject({ rule: 'payday', text: expect.stringContaining('on 2026-02-25, by payday') });
  });
});

describe('a try by hand spends no step, and what was planned comes as it was planned', () => {
  const by = (planned: string, more: Partial<Case> = {}): Case => ({
    sentAt: '2026-02-02T08:00:00Z',
    firstAttemptAt: '2026-01-31T02:00:00Z',
    step: 2,
    planned,
    ...more,
  });

  it('at its instant', () => {
    expect(next(by('2026-02-04T02:00:00Z'))).toBe('2026-02-04T02:00:00Z');
    expect(afterDecline(by('2026-02-04T02:00:00Z'))).toMatchObject({ kind: 'retry', spends: 'hand' });
  });

  it('also after the last step, which is still to come', () => {
    expect(next(by('2026-02-04T02:00:00Z', { step: 4 }))).toBe('2026-02-04T02:00:00Z');
    expect(next({ ...by('2026-02-04T02:00:00Z', { step: 5 }) })).toBe('give_up: ladder_spent');
  });

  it('at the next hour of charges, where its instant is over', () => {
    expect(next(by('2026-02-02T07:59:00Z'))).toBe('2026-02-03T02:00:00Z');
  });

  it('not before the mandate allows it after the try by hand', () => {
    expect(next(by('2026-02-04T02:00:00Z', { frequency: 5 }))).toBe('2026-02-07T02:00:00Z');
  });

  it('not beyond the limits of the network, which count the try by hand', () => {
    const limits = [{ network: '*', reattempts: 1, windowHours: 24 * 10 }];
    const of = by('2026-02-04T02:00:00Z', { network: 'GOPAY', limits, declinedAt: ['2026-01-31T02:00:00Z'] });
    expect(next(of)).toBe('2026-02-10T02:00:00Z');
  });

  it('but not after a decline that ends the method', () => {
    expect(next(by('2026-02-04T02:00:00Z', { code: 'STOLEN_CARD' }))).toBe('wait_for_customer: wait_for_customer');
  });
});
