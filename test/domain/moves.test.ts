import { readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { answered, attemptMoves, closedByPerson } from '../../src/domain/charges/attempt-moves.ts';
import { type ChargeStatus, chargeStatuses } from '../../src/domain/charges/charge.ts';
import {
  type ChargeStanding,
  chargeMoves,
  claimed,
  givenUp,
  held,
  paid,
  released,
  releasedFromHold,
  retried,
  takenBack,
  voided,
} from '../../src/domain/charges/moves.ts';
import { returnMoves } from '../../src/domain/charges/return-moves.ts';
import { awaiting, awaitingOn, parked, replanned, unparked } from '../../src/domain/charges/waits.ts';
import type { Decision } from '../../src/domain/declines/decision.ts';
import { disputeMoves } from '../../src/domain/disputes/moves.ts';
import { closed, onboardingMoves, reopened } from '../../src/domain/methods/onboarding-moves.ts';
import { ended as endedMethod, revived, tokenMoves } from '../../src/domain/methods/token-moves.ts';
import { refundMoves } from '../../src/domain/refunds/moves.ts';
import {
  activated,
  canceled,
  ended,
  owing,
  paused,
  resumed,
  type SubscriptionStanding,
  subscriptionMoves,
} from '../../src/domain/subscriptions/moves.ts';
import { type SubscriptionStatus, statesFor } from '../../src/domain/subscriptions/subscription.ts';

const now = Temporal.Instant.from('2026-02-01T02:00:00Z');

/** The arrows of a state diagram of docs/design.md, but for those that nothing makes yet. */
function drawn(thing: string): readonly string[] {
  const page = readFileSync(new URL('../../docs/design.md', import.meta.url), 'utf8');
  const [diagram = ''] = page.split(`### ${thing}\n`)[1]?.split('\n### ') ?? [];
  const arrows = [...diagram.matchAll(/^ {2}(\w+) --> (\w+)(.*)$/gm)].filter(
    ([, , , why]) => !/nothing makes/.test(why ?? ''),
  );
  return arrows.map(([, from, to]) => `${from} --> ${to}`).toSorted();
}

/** Every arrow of moves, once; where a thing stays as it is, there is none. */
function arrowsOf(pairs: readonly (readonly [from: string, to: string])[]): readonly string[] {
  const arrows = pairs.filter(([from, to]) => from !== to).map(([from, to]) => `${from} --> ${to}`);
  return [...new Set(arrows)].toSorted();
}

describe('the states that docs/design.md draws are the moves that there are', () => {
  test('of a charge', () => {
    const returned = Object.entries(returnMoves.give_back).flatMap(([from, to]) =>
      to.map((one) => [from, one] as const),
    );
    const made = Object.values(chargeMoves).flatMap(({ from, to }) => from.map((one) => [one, to] as const));
    const pairs = [...made, ...returned];
    expect(drawn('Charge')).toEqual(arrowsOf(pairs));
  });

  test('of an attempt', () => {
    const pairs = Object.entries(attemptMoves).flatMap(([to, from]) =>
      from.map((one) => [one === 'in flight' ? 'flight' : one, to] as const),
    );
    expect(drawn('Attempt')).toEqual(arrowsOf(pairs));
  });

  test.each([
    ['Refund', refundMoves],
    ['Dispute', disputeMoves],
    ['Subscription', subscriptionMoves],
    ['Onboarding', onboardingMoves],
    ['Token', tokenMoves],
  ])('of a thing that is called %s', (thing, moves) => {
    const pairs = Object.values(moves).flatMap((move) =>
      Object.entries<readonly string[]>(move).flatMap(([from, to]) => to.map((one) => [from, one] as const)),
    );
    expect(drawn(thing)).toEqual(arrowsOf(pairs));
  });
});

test.each(['cancel', 'pause', 'resume'] as const)(
  'a person may %s a subscription from where that is a legal move',
  (move) => {
    expect(statesFor(move).toSorted()).toEqual(Object.keys(subscriptionMoves[move]).toSorted());
  },
);

type Charge = ChargeStanding & {
  readonly attempts: number;
  readonly claimFaults: number;
  readonly passesLimits: boolean;
};

function charge(status: ChargeStatus, more: Partial<Charge> = {}): Charge {
  return {
    status,
    amount: 150_000n,
    collected: 0n,
    overpaid: 0n,
    ladderStep: 0,
    technicalRetries: 0,
    throttles: 2,
    inDunning: false,
    firstAttemptAt: null,
    nextAttemptAt: null,
    waitsUntil: null,
    waitsFor: null,
    holdReason: status === 'held' ? 'by_hand' : null,
    note: null,
    settledAt: null,
    attempts: 0,
    claimFaults: 3,
    passesLimits: false,
    ...more,
  };
}

describe('a charge', () => {
  const constructors: Readonly<Record<keyof typeof chargeMoves, (one: Charge) => Charge>> = {
    claim: (one) => claimed(one, now),
    pay: (one) => paid(one, 'paid', now),
    retry: (one) => retried(one, now, 'ladder', 'declined'),
    wait: (one) => awaiting(one, now, 'no method'),
    giveUp: (one) => givenUp(one, 'over', now),
    hold: (one) => held(one, 'by_hand', 'held'),
    release: (one) => released(one, now, 'our fault'),
    void: (one) => voided(one, 'void', now),
    park: (one) => parked(one, 'paused'),
    replan: (one) => replanned(one, now, 'works again'),
    unpark: (one) => unparked(one, now),
    releaseFromHold: (one) => releasedFromHold(one, now),
    takeBack: (one) => takenBack(one, one, now, 'the channel'),
  };
  const all = Object.entries(constructors).flatMap(([move, make]) =>
    chargeStatuses.map((status) => [move as keyof typeof chargeMoves, status, make] as const),
  );

  it.each(all)('%s from %s: made where it is legal, refused anywhere else', (move, status, make) => {
    const { from, to } = chargeMoves[move];
    if ((from as readonly string[]).includes(status)) expect(make(charge(status)).status).toBe(to);
    else expect(() => make(charge(status))).toThrow(`A charge that is ${status} cannot make the move "${move}".`);
  });

  it('is claimed with its next attempt, and counts no faults any more', () => {
    const before = charge('due', { nextAttemptAt: now, waitsUntil: now, waitsFor: 'CARDS' });
    const once = claimed(before, now);
    expect(once).toMatchObject({ attempts: 1, firstAttemptAt: now, claimFaults: 0 });
    expect(once).toMatchObject({ nextAttemptAt: null, waitsUntil: null, waitsFor: null });
    expect(claimed({ ...once, status: 'due' }, now.add({ hours: 1 })).firstAttemptAt).toBe(now);
  });

  it('is in dunning again when one that was given up is tried, and not when any other is', () => {
    expect(unparked(charge('uncollectible', { settledAt: now }), now)).toMatchObject({
      inDunning: true,
      settledAt: null,
    });
    expect(unparked(charge('due'), now).inDunning).toBe(false);
    expect(unparked(charge('due', { inDunning: true }), now).inDunning).toBe(true);
  });

  it('passes its limit once when a person releases it from one', () => {
    for (const reason of ['charge_limit', 'customer_limit'] as const)
      expect(releasedFromHold(charge('held', { holdReason: reason }), null)).toMatchObject({ passesLimits: true });
    expect(releasedFromHold(charge('held'), now)).toMatchObject({ passesLimits: false, holdReason: null });
  });

  it('waits on for its customer with all that was counted of it', () => {
    const before = charge('due', { nextAttemptAt: now, technicalRetries: 2, inDunning: true });
    expect(awaitingOn(before, now, 'no method')).toEqual({
      ...before,
      nextAttemptAt: null,
      waitsUntil: now,
      note: 'no method',
    });
  });
});

describe('an attempt', () => {
  const attempt = {
    bucket: 1,
    id: 'at-1',
    outcome: null,
    failureCode: null,
    actionUrl: null,
    actions: null,
    paymentRequestId: null,
    paymentId: null,
    asks: 0,
  };
  const why = { class: null, rule: 'a_rule', text: 'Because.', counted: {}, catalogVersion: 1 };
  const nothing: Decision = { kind: 'nothing', why };

  it('that has ended takes no other outcome but a success', () => {
    const money = { kind: 'succeeded', paymentRequestId: 'pr-1', paymentId: 'py-1' } as const;
    const silence = { kind: 'unknown', detail: 'time-out', paymentRequestId: null } as const;
    for (const outcome of ['declined', 'refused'] as const) {
      expect(answered({ ...attempt, outcome }, money, nothing, now)).toMatchObject({ outcome: 'succeeded', asks: 1 });
      expect(() => answered({ ...attempt, outcome }, silence, nothing, now)).toThrow(
        `that is ${outcome} cannot become`,
      );
    }
    expect(() => answered({ ...attempt, outcome: 'succeeded' }, silence, nothing, now)).toThrow(
      'cannot become unknown',
    );
  });

  it('is closed by a person only while nobody knows how it ended', () => {
    expect(closedByPerson({ ...attempt, outcome: 'unknown' }, now)).toMatchObject({
      outcome: 'refused',
      outcomeAt: now,
    });
    expect(() => closedByPerson({ ...attempt, outcome: 'succeeded' }, now)).toThrow('cannot become refused');
  });
});

type Subscription = SubscriptionStanding & { readonly cancelsAtPeriodEnd: boolean };

function subscription(status: SubscriptionStatus, more: Partial<Subscription> = {}): Subscription {
  return {
    status,
    inDunning: 0,
    nextCycleAt: now,
    endedAt: null,
    reason: null,
    pastDueSince: null,
    cancelsAtPeriodEnd: false,
    ...more,
  };
}

describe('a subscription', () => {
  const first = { anchor: Temporal.PlainDate.from('2026-02-01'), dueAt: now, trialing: false };
  const nothingOwed = { inDunning: 0, newest: null };

  it.each([
    ['pending', 'paused', () => paused(subscription('pending'), { pause: null, resumesAt: null }, null)],
    ['canceled', 'canceled', () => canceled(subscription('canceled'), { reason: null }, now)],
    ['ended', 'canceled', () => canceled(subscription('ended'), { reason: null }, now)],
    ['paused', 'ended', () => ended(subscription('paused'), now)],
    ['active', 'active', () => activated(subscription('active'), first, now)],
    ['active', 'active', () => resumed(subscription('active'), nothingOwed, false, now)],
  ] as const)('that is %s cannot become %s', (from, to, make) => {
    expect(make).toThrow(`A subscription that is ${from} cannot become ${to}`);
  });

  it('keeps why it is to be canceled when it is resumed, and not why it was paused', () => {
    const before = { reason: 'moved away' };
    expect(resumed(subscription('paused', before), nothingOwed, false, now).reason).toBeNull();
    const leaving = subscription('paused', { ...before, cancelsAtPeriodEnd: true });
    expect(resumed(leaving, nothingOwed, false, now).reason).toBe('moved away');
  });

  it('that has no cycle left ends when it is resumed, whatever it owes', () => {
    const before = subscription('paused', { nextCycleAt: null });
    expect(resumed(before, { inDunning: 1, newest: 'uncollectible' }, false, now)).toMatchObject({
      status: 'ended',
      endedAt: now,
    });
  });

  it('about which something is decided keeps its status, whatever it owes', () => {
    expect(owing(subscription('paused'), { inDunning: 2, newest: null }, false, now)).toMatchObject({
      status: 'paused',
      inDunning: 2,
    });
  });
});

test('a method ends once, and is revived only if it was ours to say that it ended', () => {
  const token = { bucket: 1, id: 'to-1', status: 'active' } as const;
  expect(endedMethod(token, 'dead', 'STOLEN_CARD', now)).toMatchObject({ status: 'dead', endedAt: now });
  expect(() => endedMethod({ ...token, status: 'dead' }, 'expired', 'again', now)).toThrow(
    'that is dead cannot become expired',
  );
  expect(() => revived({ ...token, status: 'expired' })).toThrow('that is expired cannot become active');
});

test('a session is closed while it is open, and opened again only when it is not', () => {
  expect(closed({ status: 'active' }, { as: 'expired', why: null }, now)).toMatchObject({
    status: 'expired',
    nextCheckAt: null,
    closedAt: now,
  });
  expect(() => closed({ status: 'completed' }, { as: 'expired', why: null }, now)).toThrow('cannot become expired');
  expect(reopened({ status: 'expired' }, now)).toMatchObject({ status: 'active', nextCheckAt: now, closedAt: null });
  expect(() => reopened({ status: 'active' }, now)).toThrow('cannot become active');
});
