import { describe, expect, it } from 'vitest';
import { chargeStatuses, isOpen } from '../../src/domain/charges/charge.ts';
import type { Outcome } from '../../src/domain/charges/outcome.ts';
import type { Decision, GiveUp } from '../../src/domain/declines/decision.ts';
import { defaultNetworkLimits } from '../../src/domain/declines/network-limits.ts';
import type { Circumstances } from '../../src/domain/dunning/circumstances.ts';
import { decideNext } from '../../src/domain/dunning/dunning.ts';
import { anyDay } from '../../src/domain/dunning/retry-days.ts';
import { settleCharge, settleSubscription } from '../../src/domain/dunning/settlement.ts';
import { money } from '../../src/domain/money/money.ts';
import { type SubscriptionStatus, subscriptionStatuses } from '../../src/domain/subscriptions/subscription.ts';
import {
  AMOUNT,
  about,
  broken,
  chargeChecks,
  first,
  now,
  type Row,
  row,
  type Subscription,
  subscription,
  subscriptionChecks,
} from '../support/settled-rows.ts';

describe('the rules and the rows agree', () => {
  const codes = [
    'INSUFFICIENT_BALANCE',
    'ISSUER_UNAVAILABLE',
    'EXPIRED_CARD',
    'STOLEN_CARD',
    'INVALID_MERCHANT_SETTINGS',
    'RATE_LIMIT_EXCEEDED',
    'NEW',
  ];
  const outcomes: readonly Outcome[] = [
    { kind: 'succeeded', paymentRequestId: null, paymentId: null },
    { kind: 'pending', paymentRequestId: null, paymentId: null },
    { kind: 'unknown', detail: 'silence', paymentRequestId: null },
    ...(['charge', 'account', 'throttled', 'not_sent', 'never_taken'] as const).map((scope): Outcome => {
      return { kind: 'refused', scope, code: 'X', detail: 'x', retryAfterSeconds: null };
    }),
    ...codes.map((code): Outcome => {
      return {
        kind: 'declined',
        code,
        networkCode: null,
        adviceCode: null,
        paymentRequestId: null,
        paymentId: null,
        actionUrl: null,
      };
    }),
  ];

  function circumstances(
    charge: Row,
    status: SubscriptionStatus,
    then: GiveUp,
    sentHoursAgo: number,
    tokenReplaced: boolean,
  ): Circumstances {
    return {
      charge: {
        cycle: 0,
        amount: money(charge.amount, 'IDR'),
        status: charge.status,
        collected: charge.collected,
        dueAt: first,
        firstAttemptAt: charge.firstAttemptAt,
        ladderStep: charge.ladderStep,
        technicalRetries: charge.technicalRetries,
        throttles: charge.throttles,
        openedAt: first,
        windowFrom: null,
        byHand: null,
        missed: false,
        catalogVersion: 7,
      },
      attempt: {
        number: 1,
        outcome: null,
        sentAt: now.subtract({ hours: sentHoursAgo }),
        lastSentAt: now.subtract({ hours: sentHoursAgo }),
        failureCode: null,
        channelCode: 'CARDS',
        asks: 0,
      },
      history: {
        subscription: status,
        timeZone: 'Asia/Jakarta',
        chargeAt: '09:00',
        network: 'VISA',
        declinedAt: [],
        tokenReplaced,
      },
      policy: {
        name: 'short',
        retryAfterDays: [1, 3],
        windowDays: 28,
        then,
        declines: {},
        catalogVersion: 7,
        days: anyDay,
      },
      mandate: {
        cardOnFileType: 'RECURRING',
        recurringFrequency: 1,
        recurringExpiry: Temporal.PlainDate.from('2030-01-01'),
      },
      limits: defaultNetworkLimits,
      now,
    };
  }

  type Settlement = {
    readonly charge: Row;
    readonly after: Row;
    readonly before: Subscription;
    readonly subscriptionAfter: Subscription;
    readonly decision: Decision;
  };

  /** What becomes of charge and subscription when each outcome arrives, over every state they can be in together. */
  const settlements: Settlement[] = [];
  for (const outcome of outcomes)
    for (const status of chargeStatuses)
      for (const of of subscriptionStatuses)
        for (const then of ['cancel', 'pause', 'keep'] as const)
          for (const hours of [0, 1, 30])
            for (const replaced of [false, true])
              for (const ladderStep of [0, 2]) {
                const charge = row(status, { ladderStep, inDunning: ladderStep > 0 && isOpen(status) });
                const before = subscription(of, Number(charge.inDunning));
                const decision = decideNext(outcome, circumstances(charge, of, then, hours, replaced));
                const after = settleCharge(charge, decision, now);
                const dunning = { before: charge.inDunning, after: after.inDunning };
                const subscriptionAfter = settleSubscription(before, decision, dunning, now);
                settlements.push({ charge, after, before, subscriptionAfter, decision });
              }

  /** Those of which it does not hold. */
  const against = (holds: (one: Settlement) => boolean) => settlements.filter((one) => !holds(one));

  it('no outcome in any state leads to a row that the database refuses', () => {
    expect(settlements.length).toBeGreaterThan(30_000);
    expect(against(({ after }) => broken(chargeChecks, after).length === 0)).toEqual([]);
    expect(against(({ subscriptionAfter }) => broken(subscriptionChecks, subscriptionAfter).length === 0)).toEqual([]);
  });

  it('every decision is about a charge that it can be about', () => {
    expect(against(({ charge, decision }) => about(decision).includes(charge.status))).toEqual([]);
  });

  it('collected never shrinks, and grows only by the amount, once', () => {
    const gained = (isGained: boolean) => (isGained ? AMOUNT : 0n);
    expect(
      against(({ charge, after, decision }) => after.collected - charge.collected === gained(decision.kind === 'paid')),
    ).toEqual([]);
    expect(
      against(
        ({ charge, after, decision }) => after.overpaid - charge.overpaid === gained(decision.kind === 'overpaid'),
      ),
    ).toEqual([]);
  });

  it('a charge that is settled is out of dunning, and the subscription does not count it', () => {
    expect(against(({ after }) => isOpen(after.status) || !after.inDunning)).toEqual([]);
    expect(against(({ after, subscriptionAfter }) => subscriptionAfter.inDunning === Number(after.inDunning))).toEqual(
      [],
    );
  });

  it('a canceled subscription never comes back, and none of its charges becomes due', () => {
    const isOfCanceled = ({ before }: Settlement) => before.status === 'canceled';
    expect(settlements.filter(isOfCanceled).length).toBeGreaterThan(1_000);
    expect(against((one) => !isOfCanceled(one) || one.subscriptionAfter.status === 'canceled')).toEqual([]);
    expect(against((one) => !isOfCanceled(one) || one.charge.status === 'due' || one.after.status !== 'due')).toEqual(
      [],
    );
  });
});
