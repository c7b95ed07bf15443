import { describe, expect, it } from 'vitest';
import { type ChargeStatus, chargeStatuses, isOpen } from '../../src/domain/charges/charge.ts';
import type { ChargeStanding } from '../../src/domain/charges/moves.ts';
import type { Outcome } from '../../src/domain/charges/outcome.ts';
import type { Decision, GiveUp, Why } from '../../src/domain/declines/decision.ts';
import { defaultNetworkLimits } from '../../src/domain/declines/network-limits.ts';
import type { Circumstances } from '../../src/domain/dunning/circumstances.ts';
import { decideNext } from '../../src/domain/dunning/dunning.ts';
import { anyDay } from '../../src/domain/dunning/retry-days.ts';
import { settleCharge, settleSubscription } from '../../src/domain/dunning/settlement.ts';
import { money } from '../../src/domain/money/money.ts';
import type { SubscriptionStanding } from '../../src/domain/subscriptions/moves.ts';
import { type SubscriptionStatus, subscriptionStatuses } from '../../src/domain/subscriptions/subscription.ts';

const now = Temporal.Instant.from('2026-02-01T02:00:00Z');
const first = Temporal.Instant.from('2026-01-31T02:00:00Z');
const later = now.add({ hours: 24 });

type Row = ChargeStanding & { readonly attempts: number; readonly refunded: bigint };

const AMOUNT = 150_000n;

/** A row as the database holds it, in each status. */
function row(status: ChargeStatus, more: Partial<Row> = {}): Row {
  const collected = status === 'paid' || status === 'refunded' || status === 'partially_refunded';
  const closed = collected || status === 'uncollectible' || status === 'void';
  return {
    status,
    amount: AMOUNT,
    collected: collected ? AMOUNT : 0n,
    overpaid: 0n,
    refunded: status === 'refunded' ? AMOUNT : status === 'partially_refunded' ? 50_000n : 0n,
    attempts: 1,
    ladderStep: 0,
    technicalRetries: 0,
    throttles: 0,
    inDunning: false,
    firstAttemptAt: first,
    nextAttemptAt: status === 'due' ? now : null,
    waitsUntil: null,
    waitsFor: null,
    holdReason: status === 'held' ? 'unknown_outcome' : null,
    note: 'as it was',
    settledAt: closed ? first : null,
    ...more,
  };
}

// The CHECK constraints of src/infra/tables/schema/charges.ts, in words of this language.
const chargeChecks: Readonly<Record<string, (charge: Row) => boolean>> = {
  charges_status: (c) => (chargeStatuses as readonly string[]).includes(c.status),
  charges_money: (c) => c.collected >= 0n && c.overpaid >= 0n && c.refunded >= 0n && c.collected <= c.amount,
  charges_paid_is_collected: (c) => c.status !== 'paid' || c.collected === c.amount,
  charges_unpaid_is_not_collected: (c) =>
    !['due', 'attempting', 'uncollectible', 'void'].includes(c.status) || c.collected === 0n,
  charges_only_due_is_scheduled: (c) => c.status === 'due' || (c.nextAttemptAt === null && c.waitsUntil === null),
  charges_held_has_reason: (c) => (c.status === 'held') === (c.holdReason !== null),
  charges_attempting_has_attempt: (c) => c.status !== 'attempting' || c.attempts > 0,
};

type Subscription = SubscriptionStanding & { readonly anchored: boolean };

// The CHECK constraints of src/infra/tables/schema/subscriptions.ts.
const subscriptionChecks: Readonly<Record<string, (subscription: Subscription) => boolean>> = {
  subscriptions_status: (s) => (subscriptionStatuses as readonly string[]).includes(s.status),
  subscriptions_in_dunning: (s) => s.inDunning >= 0,
  subscriptions_active_has_anchor: (s) => s.status === 'pending' || s.status === 'canceled' || s.anchored,
  subscriptions_over_has_no_cycle: (s) =>
    !['canceled', 'ended', 'pending'].includes(s.status) || s.nextCycleAt === null,
  subscriptions_over_has_end: (s) => (s.status === 'canceled' || s.status === 'ended') === (s.endedAt !== null),
};

function broken<T>(checks: Readonly<Record<string, (row: T) => boolean>>, given: T): readonly string[] {
  return Object.entries(checks).flatMap(([name, holds]) => (holds(given) ? [] : [name]));
}

const why: Why = { class: null, rule: 'a_rule', text: 'Because.', counted: {}, catalogVersion: 7 };

function giveUp(policy: GiveUp): Extract<Decision, { kind: 'give_up' }> {
  return { kind: 'give_up', then: policy, why };
}

const decisions = {
  paid: { kind: 'paid', why },
  overpaid: { kind: 'overpaid', why },
  ladder: { kind: 'retry', at: later, spends: 'ladder', why },
  technical: { kind: 'retry', at: later, spends: 'technical', why },
  uncounted: { kind: 'retry', at: later, spends: 'nothing', why },
  wait: { kind: 'wait_for_customer', until: later, why },
  cancel: giveUp('cancel'),
  pause: giveUp('pause'),
  keep: giveUp('keep'),
  ask: { kind: 'ask_gateway', at: later, why },
  hold: { kind: 'hold', reason: 'unknown_outcome', why },
  release: { kind: 'release', at: later, stops: true, why },
  void: { kind: 'void', why },
  nothing: { kind: 'nothing', why },
} as const satisfies Readonly<Record<string, Decision>>;

/** The charges that a decision can be about: decideNext answers with no other (dunning.test.ts). */
function about(decision: Decision): readonly ChargeStatus[] {
  switch (decision.kind) {
    case 'paid':
      return ['due', 'attempting', 'held', 'uncollectible'];
    case 'overpaid':
      return ['paid', 'void', 'refunded', 'partially_refunded'];
    case 'ask_gateway':
    case 'nothing':
      return chargeStatuses;
    case 'retry':
    case 'wait_for_customer':
    case 'give_up':
    case 'hold':
    case 'release':
    case 'void':
      return chargeStatuses.filter(isOpen);
  }
}

describe('a charge after every decision is a row that the database takes', () => {
  const pairs = Object.entries(decisions).flatMap(([name, decision]) =>
    about(decision).map((status) => [name, status, decision] as const),
  );

  it.each(pairs)('%s on %s', (_name, status, decision) => {
    for (const before of [
      row(status),
      row(status, { inDunning: isOpen(status), ladderStep: 2, technicalRetries: 1 }),
      row(status, { overpaid: AMOUNT }),
      ...(status === 'due' ? [row(status, { nextAttemptAt: null, waitsUntil: later, inDunning: true })] : []),
    ]) {
      expect(broken(chargeChecks, before)).toEqual([]);
      expect(broken(chargeChecks, settleCharge(before, decision, now))).toEqual([]);
    }
  });

  it('the checks would notice', () => {
    expect(broken(chargeChecks, { ...row('paid'), status: 'due' })).toContain('charges_unpaid_is_not_collected');
    expect(() => settleCharge(row('paid'), decisions.ladder, now)).toThrow('A charge that is paid cannot make');
    expect(broken(chargeChecks, { ...row('paid'), nextAttemptAt: now })).toEqual(['charges_only_due_is_scheduled']);
    expect(broken(chargeChecks, { ...row('held'), holdReason: null })).toEqual(['charges_held_has_reason']);
  });
});

describe('what each decision does to a charge', () => {
  const attempting = row('attempting', { ladderStep: 1, technicalRetries: 2, inDunning: true });
  it.each([
    ['paid', { status: 'paid', collected: AMOUNT, inDunning: false, settledAt: now, note: 'Because.' }],
    [
      'ladder',
      { status: 'due', nextAttemptAt: later, ladderStep: 2, technicalRetries: 0, inDunning: true, settledAt: null },
    ],
    ['technical', { status: 'due', nextAttemptAt: later, ladderStep: 1, technicalRetries: 3, inDunning: true }],
    [
      'uncounted',
      {
        status: 'due',
        nextAttemptAt: later,
        ladderStep: 1,
        technicalRetries: 2,
        inDunning: true,
        firstAttemptAt: first,
      },
    ],
    [
      'wait',
      { status: 'due', nextAttemptAt: null, waitsUntil: later, technicalRetries: 0, inDunning: true, ladderStep: 1 },
    ],
    ['cancel', { status: 'uncollectible', inDunning: false, settledAt: now, collected: 0n }],
    ['hold', { status: 'held', holdReason: 'unknown_outcome', inDunning: true, settledAt: null }],
    [
      'release',
      {
        status: 'due',
        nextAttemptAt: later,
        ladderStep: 1,
        technicalRetries: 2,
        inDunning: true,
        firstAttemptAt: first,
      },
    ],
    ['void', { status: 'void', inDunning: false, settledAt: now }],
    ['ask', { status: 'attempting', note: 'as it was', ladderStep: 1, technicalRetries: 2 }],
    ['nothing', { status: 'attempting', note: 'as it was' }],
  ] as const)('%s', (name, after) => {
    expect(settleCharge(attempting, decisions[name], now)).toMatchObject(after);
  });

  it('money that is too much is added up beside the charge, which stays what it is', () => {
    for (const status of ['paid', 'void', 'refunded', 'partially_refunded'] as const) {
      const before = row(status);
      const once = settleCharge(before, decisions.overpaid, now);
      expect(once).toEqual({ ...before, overpaid: AMOUNT, note: 'Because.' });
      expect(settleCharge(once, decisions.overpaid, now).overpaid).toBe(2n * AMOUNT);
    }
  });

  it('a technical failure does not begin the dunning', () => {
    expect(settleCharge(row('attempting'), decisions.technical, now).inDunning).toBe(false);
  });

  it('an attempt that did not count does not begin the window', () => {
    for (const decision of [decisions.uncounted, decisions.release]) {
      expect(settleCharge(row('attempting'), decision, now).firstAttemptAt).toBeNull();
    }
  });

  it.each([{ inDunning: true }, { technicalRetries: 1 }, { ladderStep: 1 }])(
    'but it does not take back the window that %j began',
    (more) => {
      for (const decision of [decisions.uncounted, decisions.release]) {
        expect(settleCharge(row('attempting', more), decision, now).firstAttemptAt).toBe(first);
      }
    },
  );

  it('a held charge that goes on has no reason to be held any more', () => {
    for (const decision of [
      decisions.paid,
      decisions.ladder,
      decisions.wait,
      decisions.cancel,
      decisions.release,
      decisions.void,
    ]) {
      expect(settleCharge(row('held'), decision, now).holdReason).toBeNull();
    }
  });

  it('columns that it does not know are kept', () => {
    expect(settleCharge({ ...row('attempting'), id: 'ch-1' }, decisions.paid, now)).toHaveProperty('id', 'ch-1');
  });
});

function subscription(status: SubscriptionStatus, inDunning = 0): Subscription {
  const over = status === 'canceled' || status === 'ended';
  return {
    status,
    inDunning,
    nextCycleAt: over || status === 'pending' ? null : later,
    endedAt: over ? first : null,
    reason: null,
    pastDueSince: null,
    anchored: status !== 'pending',
  };
}

const entering = { before: false, after: true };
const leaving = { before: true, after: false };
const staying = { before: true, after: true };
const outside = { before: false, after: false };

describe('a subscription after every decision is a row that the database takes', () => {
  const moves = [entering, leaving, staying, outside];
  const all = Object.entries(decisions).flatMap(([name, decision]) =>
    subscriptionStatuses.map((status) => [name, status, decision] as const),
  );

  it.each(all)('%s on %s', (_name, status, decision) => {
    for (const dunning of moves) {
      // A charge that was in dunning was counted.
      for (const inDunning of dunning.before ? [1, 3] : [0, 2]) {
        const before = subscription(status, inDunning);
        expect(broken(subscriptionChecks, before)).toEqual([]);
        const after = settleSubscription(before, decision, dunning, now);
        expect(broken(subscriptionChecks, after)).toEqual([]);
        expect(after.inDunning).toBe(inDunning + Number(dunning.after) - Number(dunning.before));
      }
    }
  });
});

describe('what a decision does to the subscription', () => {
  it.each([
    ['a first decline makes it past due', 'active', 0, 'ladder', entering, 'past_due'],
    ['a wait for the customer too', 'active', 0, 'wait', entering, 'past_due'],
    ['also during its trial', 'trialing', 0, 'ladder', entering, 'past_due'],
    ['a technical failure does not', 'active', 0, 'technical', outside, 'active'],
    ['a further decline leaves it so', 'past_due', 1, 'ladder', staying, 'past_due'],
    ['a payment makes it active', 'past_due', 1, 'paid', leaving, 'active'],
    ['unless another charge is still in dunning', 'past_due', 2, 'paid', leaving, 'past_due'],
    ['a first payment ends the trial', 'trialing', 0, 'paid', outside, 'active'],
    ['a late payment of one kept unpaid', 'past_due', 0, 'paid', outside, 'active'],
    ['giving up cancels it', 'past_due', 1, 'cancel', leaving, 'canceled'],
    ['or pauses it', 'past_due', 1, 'pause', leaving, 'paused'],
    ['or keeps it, past due', 'past_due', 1, 'keep', leaving, 'past_due'],
    ['also when it never was in dunning', 'active', 0, 'keep', outside, 'past_due'],
    ['a hold changes nothing', 'active', 0, 'hold', outside, 'active'],
    ['an overpayment changes nothing', 'past_due', 1, 'overpaid', staying, 'past_due'],
    ['asking changes nothing', 'active', 0, 'ask', outside, 'active'],
  ] as const)('%s', (_name, status, inDunning, decision, dunning, after) => {
    expect(settleSubscription(subscription(status, inDunning), decisions[decision], dunning, now).status).toBe(after);
  });

  it.each(['pending', 'paused', 'canceled', 'ended'] as const)('one that is %s stays so, and only counts', (status) => {
    for (const decision of Object.values(decisions)) {
      expect(settleSubscription(subscription(status, 1), decision, leaving, now)).toEqual({
        ...subscription(status, 1),
        inDunning: 0,
      });
    }
  });

  it('canceled by a charge: it has an end, no next cycle, and a reason', () => {
    expect(settleSubscription(subscription('past_due', 1), decisions.cancel, leaving, now)).toMatchObject({
      status: 'canceled',
      nextCycleAt: null,
      endedAt: now,
      reason: 'a charge became uncollectible',
      inDunning: 0,
    });
  });

  it('paused by a charge: its cycles go on, to be opened as void', () => {
    expect(settleSubscription(subscription('past_due', 1), decisions.pause, leaving, now)).toMatchObject({
      nextCycleAt: later,
      endedAt: null,
    });
  });
});

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

  /** What becomes of charge and subscription when this outcome arrives, over every state they can be in together. */
  function everySettlement(
    look: (
      charge: Row,
      after: Row,
      subscription: Subscription,
      subscriptionAfter: Subscription,
      decision: Decision,
    ) => void,
  ) {
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
                  look(charge, after, before, settleSubscription(before, decision, dunning, now), decision);
                }
  }

  it('no outcome in any state leads to a row that the database refuses', () => {
    everySettlement((_charge, after, _before, subscriptionAfter) => {
      expect(broken(chargeChecks, after)).toEqual([]);
      expect(broken(subscriptionChecks, subscriptionAfter)).toEqual([]);
    });
  });

  it('every decision is about a charge that it can be about', () => {
    everySettlement((charge, _after, _before, _subscriptionAfter, decision) => {
      expect(about(decision)).toContain(charge.status);
    });
  });

  it('collected never shrinks, and grows only by the amount, once', () => {
    everySettlement((charge, after, _before, _subscriptionAfter, decision) => {
      expect(after.collected - charge.collected).toBe(decision.kind === 'paid' ? AMOUNT : 0n);
      expect(after.overpaid - charge.overpaid).toBe(decision.kind === 'overpaid' ? AMOUNT : 0n);
    });
  });

  it('a charge that is settled is out of dunning, and the subscription does not count it', () => {
    everySettlement((_charge, after, _before, subscriptionAfter) => {
      if (!isOpen(after.status)) expect(after.inDunning).toBe(false);
      expect(subscriptionAfter.inDunning).toBe(Number(after.inDunning));
    });
  });

  it('a canceled subscription never comes back, and none of its charges becomes due', () => {
    everySettlement((charge, after, before, subscriptionAfter) => {
      if (before.status !== 'canceled') return;
      expect(subscriptionAfter.status).toBe('canceled');
      if (charge.status !== 'due') expect(after.status).not.toBe('due');
    });
  });
});
