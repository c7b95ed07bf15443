import type { Outcome } from '../../src/domain/charges/outcome.ts';
import { defaultNetworkLimits } from '../../src/domain/declines/network-limits.ts';
import type { Circumstances, History, Policy } from '../../src/domain/dunning/circumstances.ts';
import { anyDay } from '../../src/domain/dunning/retry-days.ts';
import { money } from '../../src/domain/money/money.ts';

export const instant = (text: string) => Temporal.Instant.from(text);
export const sentAt = instant('2026-01-31T02:00:00Z');

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
export function given(more: More = {}): Circumstances {
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

export const succeeded: Outcome = { kind: 'succeeded', paymentRequestId: 'pr-1', paymentId: 'py-1' };
export const pending: Outcome = { kind: 'pending', paymentRequestId: 'pr-1', paymentId: null };
export const unknown: Outcome = { kind: 'unknown', detail: 'no answer within 40 s', paymentRequestId: null };

export function declined(code: string, networkCode: string | null = null, adviceCode: string | null = null): Outcome {
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

export function refused(scope: Scope, retryAfterSeconds: number | null = null): Outcome {
  return { kind: 'refused', scope, code: 'SOME_ERROR', detail: 'HTTP 400', retryAfterSeconds };
}

/** A failure code of each class. */
export const codeOf = {
  funds: 'INSUFFICIENT_BALANCE',
  technical: 'ISSUER_UNAVAILABLE',
  soft: 'CARD_DECLINED',
  needs_customer: 'AUTHENTICATION_FAILED',
  token_dead: 'EXPIRED_CARD',
  never_again: 'STOLEN_CARD',
  our_fault: 'INVALID_MERCHANT_SETTINGS',
  throttled: 'RATE_LIMIT_EXCEEDED',
} as const;
