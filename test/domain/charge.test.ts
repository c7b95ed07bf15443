import { describe, expect, it } from 'vitest';
import { absorbs, type ChargeStatus, canRetry, canVoid, isOpen } from '../../src/domain/charges/charge.ts';
import { money } from '../../src/domain/money/money.ts';

const amount = money(150_000, 'IDR');

// What may still happen to a charge: is it open, may a person retry it, may a person void it, does a success pay it.
const promises: readonly (readonly [
  ChargeStatus,
  { open: boolean; retry: boolean; void: boolean; absorbs: boolean },
])[] = [
  ['due', { open: true, retry: true, void: true, absorbs: true }],
  ['attempting', { open: true, retry: false, void: false, absorbs: true }],
  ['held', { open: true, retry: false, void: true, absorbs: true }],
  ['uncollectible', { open: false, retry: true, void: true, absorbs: true }],
  ['paid', { open: false, retry: false, void: false, absorbs: false }],
  ['void', { open: false, retry: false, void: false, absorbs: false }],
  ['refunded', { open: false, retry: false, void: false, absorbs: false }],
  ['partially_refunded', { open: false, retry: false, void: false, absorbs: false }],
];

const collectedOf = (status: ChargeStatus) =>
  ['paid', 'refunded', 'partially_refunded'].includes(status) ? amount.minor : 0n;

describe.each(promises)('a charge that is %s', (status, promise) => {
  const collected = collectedOf(status);

  it(promise.open ? 'is open' : 'is closed', () => {
    expect(isOpen(status)).toBe(promise.open);
  });

  it(`${promise.retry ? 'may' : 'may not'} be tried again by a person`, () => {
    expect(canRetry(status)).toBe(promise.retry);
  });

  it(`${promise.void ? 'may' : 'may not'} be voided by a person`, () => {
    expect(canVoid({ status, collected })).toBe(promise.void);
  });

  it(promise.absorbs ? 'is paid by a success' : 'makes of a success too much', () => {
    expect(absorbs({ status, collected, amount })).toBe(promise.absorbs);
  });
});

describe('money decides over the word', () => {
  it('what holds money is never voided', () => {
    for (const [status] of promises) expect(canVoid({ status, collected: 1n })).toBe(false);
  });

  it('what is collected in full takes no more, whatever it is called', () => {
    for (const [status] of promises) expect(absorbs({ status, collected: amount.minor, amount })).toBe(false);
  });

  it('a refunded charge does not become paid again by a late success', () => {
    for (const status of ['refunded', 'partially_refunded', 'void'] as const)
      expect(absorbs({ status, collected: 0n, amount })).toBe(false);
  });
});
