import { describe, expect, test } from 'vitest';
import { type ChargeStatus, chargeStatuses, whyNotPayable } from '../../src/domain/charges/charge.ts';
import type { Outcome } from '../../src/domain/charges/outcome.ts';
import { decideAfterSession, type Offered } from '../../src/domain/dunning/after-session.ts';
import { money } from '../../src/domain/money/money.ts';

const at = (text: string) => Temporal.Instant.from(text);
const endsAt = at('2026-02-01T02:30:00Z');

function offered(now: string, status: ChargeStatus = 'due', collected = 0n): Offered {
  const charge = { amount: money(150_000, 'IDR'), status, collected, catalogVersion: 3 };
  return { charge, attempt: { number: 2, asks: 1 }, endsAt, now: at(now) };
}

const paid: Outcome = { kind: 'succeeded', paymentRequestId: 'pr', paymentId: 'py' };
const unpaid: Outcome = { kind: 'refused', scope: 'charge', code: 'X', detail: 'it expired', retryAfterSeconds: null };
const pending: Outcome = { kind: 'pending', paymentRequestId: null, paymentId: null };
const silence: Outcome = { kind: 'unknown', detail: 'no answer', paymentRequestId: null };

describe('a session that is offered to a customer', () => {
  test.for<[string, Outcome, Offered, object]>([
    ['pays what is due', paid, offered('2026-02-01T02:10:00Z'), { kind: 'paid' }],
    ['pays what was given up', paid, offered('2026-02-01T02:10:00Z', 'uncollectible'), { kind: 'paid' }],
    ['is too much once it is paid', paid, offered('2026-02-01T02:10:00Z', 'paid', 150_000n), { kind: 'overpaid' }],
    ['is too much once it is void', paid, offered('2026-02-01T02:10:00Z', 'void'), { kind: 'overpaid' }],
    ['that ends unpaid changes nothing', unpaid, offered('2026-02-01T02:30:00Z'), { kind: 'nothing' }],
    ['is asked about at its end', pending, offered('2026-02-01T02:00:00Z'), { kind: 'ask_gateway', at: endsAt }],
    [
      'is asked about from time to time after it',
      pending,
      offered('2026-02-01T02:30:00Z'),
      { kind: 'ask_gateway', at: at('2026-02-01T03:00:00Z') },
    ],
    [
      'is asked about once more when a list without a payment is believed',
      silence,
      offered('2026-02-01T03:01:00Z'),
      { kind: 'ask_gateway', at: at('2026-02-01T03:30:00Z') },
    ],
    ['in silence is waited for', silence, offered('2026-02-01T02:00:00Z'), { kind: 'ask_gateway', at: endsAt }],
    [
      'in silence is asked about until a day after its end',
      silence,
      offered('2026-02-02T02:29:59Z'),
      { kind: 'ask_gateway', at: at('2026-02-02T02:59:59Z') },
    ],
    [
      'in silence for a day is left to a person',
      silence,
      offered('2026-02-02T02:30:00Z'),
      { kind: 'hold', reason: 'unknown_outcome' },
    ],
    [
      'in silence, of a charge that is void, is left',
      silence,
      offered('2026-02-02T02:30:00Z', 'void'),
      { kind: 'nothing' },
    ],
  ])('%s', ([, outcome, given, decision]) => {
    expect(decideAfterSession(outcome, given)).toMatchObject({
      ...decision,
      why: { catalogVersion: 3, counted: { attempt: 2 }, text: expect.stringMatching(/^[A-Z].*\.$/) },
    });
  });
});

test('a charge may be paid by hand while nobody else may be collecting it', () => {
  const payable = chargeStatuses.filter((status) => whyNotPayable(status) === null);
  expect(payable).toEqual(['due', 'uncollectible']);
  const over = chargeStatuses.filter((status) => whyNotPayable(status)?.kind === 'over');
  expect(over).toEqual(['paid', 'void', 'refunded', 'partially_refunded']);
});
