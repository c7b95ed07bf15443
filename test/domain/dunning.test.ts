import { describe, expect, it } from 'vitest';
import { type ChargeStatus, chargeStatuses } from '../../src/domain/charges/charge.ts';
import type { Outcome, OutcomeKind } from '../../src/domain/charges/outcome.ts';
import type { Decision, DecisionKind } from '../../src/domain/declines/decision.ts';
import { declineClasses } from '../../src/domain/declines/decline-class.ts';
import type { Circumstances } from '../../src/domain/dunning/circumstances.ts';
import { decideNext } from '../../src/domain/dunning/dunning.ts';
import { isChargeable, subscriptionStatuses } from '../../src/domain/subscriptions/subscription.ts';
import {
  codeOf,
  declined,
  given,
  instant,
  pending,
  refused,
  sentAt,
  succeeded,
  unknown,
} from '../support/circumstances.ts';

const open: readonly ChargeStatus[] = ['due', 'attempting', 'held'];

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
