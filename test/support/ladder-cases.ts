import type { Outcome } from '../../src/domain/charges/outcome.ts';
import type { Decision } from '../../src/domain/declines/decision.ts';
import { defaultNetworkLimits, type NetworkLimit } from '../../src/domain/declines/network-limits.ts';
import type { Circumstances } from '../../src/domain/dunning/circumstances.ts';
import { decideNext } from '../../src/domain/dunning/dunning.ts';
import { anyDay, type RetryDays } from '../../src/domain/dunning/retry-days.ts';
import { money } from '../../src/domain/money/money.ts';
import { instant } from './circumstances.ts';

export type Case = {
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

export function circumstances(of: Case): Circumstances {
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

export function afterDecline(of: Case): Decision {
  return decideNext(declinedWith(of.code ?? 'INSUFFICIENT_BALANCE', of.adviceCode ?? null), circumstances(of));
}

/** The retry's instant, or the rule by which the charge is given up. */
export function next(of: Case): string {
  const decision = afterDecline(of);
  if (decision.kind === 'retry') return decision.at.toString();
  return `${decision.kind}: ${decision.why.rule}`;
}
