import { describe, expect, it } from 'vitest';
import { declineClasses } from '../../src/domain/declines/decline-class.ts';
import { type Circumstances, windowEnd } from '../../src/domain/dunning/circumstances.ts';
import { decideNext } from '../../src/domain/dunning/dunning.ts';
import { codeOf, declined, given, instant, sentAt, succeeded } from '../support/circumstances.ts';

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
