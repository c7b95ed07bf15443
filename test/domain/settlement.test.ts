import { describe, expect, it } from 'vitest';
import { isOpen } from '../../src/domain/charges/charge.ts';
import type { Decision, GiveUp, Why } from '../../src/domain/declines/decision.ts';
import { settleCharge, settleSubscription } from '../../src/domain/dunning/settlement.ts';
import { subscriptionStatuses } from '../../src/domain/subscriptions/subscription.ts';
import {
  AMOUNT,
  about,
  broken,
  chargeChecks,
  first,
  later,
  now,
  row,
  subscription,
  subscriptionChecks,
} from '../support/settled-rows.ts';

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

const entering = { before: false, after: true };
const leaving = { before: true, after: false };
const staying = { before: true, after: true };
const outside = { before: false, after: false };

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
