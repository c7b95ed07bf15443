import { describe, expect, it, test } from 'vitest';
import { chargeStatuses } from '../../src/domain/charges/charge.ts';
import { declineClasses } from '../../src/domain/declines/decline-class.ts';
import { type AdvisedCharge, adviceOf } from '../../src/domain/dunning/advice.ts';

const soon = Temporal.Instant.from('2026-02-01T02:00:00Z');
const end = Temporal.Instant.from('2026-02-28T02:00:00Z');
const facts = { declined: 'funds', hasMethod: true, windowEnd: end } as const;

function charge(more: Partial<AdvisedCharge> = {}): AdvisedCharge {
  const waits = { nextAttemptAt: null, waitsUntil: null, waitsFor: null };
  return { status: 'due', inDunning: true, ...waits, note: null, ...more };
}

/** "retry other ask": what may be done. */
function said(advice: ReturnType<typeof adviceOf>): string {
  if (advice === null) return 'nothing';
  const { retry, otherMethod, askCustomer } = advice;
  return [retry && 'retry', otherMethod && 'other', askCustomer && 'ask'].filter((word) => word !== false).join(' ');
}

describe('what may be done about a charge that was given up, by its last decline', () => {
  it.each([
    ['funds', 'retry other ask'],
    ['soft', 'retry other'],
    ['technical', 'retry'],
    ['needs_customer', 'other ask'],
    ['token_dead', 'other ask'],
    ['never_again', 'other ask'],
    ['our_fault', ''],
    ['throttled', 'retry'],
  ] as const)('%s: %s', (declined, words) => {
    expect(said(adviceOf(charge({ status: 'uncollectible' }), { ...facts, declined }))).toBe(words);
  });

  it('without a method that can be charged, another one, whatever the decline was', () => {
    for (const declined of [null, ...declineClasses])
      expect(said(adviceOf(charge({ status: 'uncollectible' }), { ...facts, declined, hasMethod: false }))).toBe(
        'other ask',
      );
  });
});

describe('a charge that is due', () => {
  it('for the first time needs nothing', () => {
    const first = charge({ inDunning: false, nextAttemptAt: soon });
    expect(adviceOf(first, { ...facts, declined: null })).toBeNull();
  });

  it('again is tried at its instant, and not after its window', () => {
    const advice = adviceOf(charge({ nextAttemptAt: soon, note: 'by ladder' }), facts);
    expect(advice).toMatchObject({ retry: true, notBefore: soon, notAfter: end, why: 'by ladder' });
  });

  it('and waits for its customer is tried by nobody until then', () => {
    const advice = adviceOf(charge({ waitsUntil: end }), { ...facts, declined: 'needs_customer' });
    expect(advice).toMatchObject({
      retry: false,
      notBefore: null,
      notAfter: end,
      otherMethod: true,
      askCustomer: true,
    });
  });

  it('and waits for its channel is none of its customer’s', () => {
    const advice = adviceOf(charge({ waitsUntil: end, waitsFor: 'CARDS' }), facts);
    expect(advice).toMatchObject({ retry: false, notAfter: end, otherMethod: false, askCustomer: false });
  });
});

test.each(chargeStatuses)('a charge that is %s has a sentence, or no advice at all', (status) => {
  const advice = adviceOf(charge({ status }), facts);
  const over = ['attempting', 'paid', 'void', 'refunded', 'partially_refunded'];
  expect(advice === null).toBe(over.includes(status));
  if (advice !== null) expect(advice.why).toMatch(/^[A-Z].*\.$/);
});
