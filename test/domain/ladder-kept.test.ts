import { describe, expect, it } from 'vitest';
import { afterDecline, type Case, next } from '../support/ladder-cases.ts';

describe('Mastercard’s advice to wait is kept, at the charge hour', () => {
  // Sent and answered five seconds past nine o'clock on 1 January; the ladder alone would say 2 January.
  const of = { sentAt: '2026-01-01T02:00:05Z', network: 'MASTERCARD' };
  it.each([
    ['2', '72 hours', '2026-01-05T02:00:00Z', 'merchant_advice'],
    ['24', '1 hour', '2026-01-02T02:00:00Z', 'ladder'],
    ['25', '24 hours', '2026-01-03T02:00:00Z', 'merchant_advice'],
    ['26', '2 days', '2026-01-04T02:00:00Z', 'merchant_advice'],
    ['27', '4 days', '2026-01-06T02:00:00Z', 'merchant_advice'],
    ['28', '6 days', '2026-01-08T02:00:00Z', 'merchant_advice'],
    ['29', '8 days', '2026-01-10T02:00:00Z', 'merchant_advice'],
    ['30', '10 days', '2026-01-12T02:00:00Z', 'merchant_advice'],
  ])('%s: not before %s', (adviceCode, _words, at, rule) => {
    expect(next({ ...of, adviceCode })).toBe(at);
    expect(afterDecline({ ...of, adviceCode }).why.rule).toBe(rule);
  });

  it('a ladder that waits longer wins', () => {
    expect(next({ ...of, adviceCode: '26', ladder: [7] })).toBe('2026-01-08T02:00:00Z');
  });

  it('and it never leads out of the window', () => {
    expect(next({ ...of, adviceCode: '30', windowDays: 9 })).toBe('give_up: window_over');
  });
});

describe('the network’s limits are kept', () => {
  const days = (from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, i) => `2026-01-${String(from + i).padStart(2, '0')}T02:00:00Z`);

  it('an unnamed network allows four tries after declines in 30 days, counting this one', () => {
    const of = { sentAt: '2026-01-05T02:00:00Z', network: null, ladder: [1], windowDays: 60 };
    expect(next({ ...of, declinedAt: days(2, 4) })).toBe('2026-01-06T02:00:00Z');
    // Five declines from 1 to 5 January: the first leaves the window 30 days after it.
    expect(next({ ...of, declinedAt: days(1, 4) })).toBe('2026-01-31T02:00:00Z');
    expect(afterDecline({ ...of, declinedAt: days(1, 4) }).why).toMatchObject({
      rule: 'network_limits',
      counted: { declines_in_window: 5 },
    });
  });

  it('Visa allows fifteen in 30 days', () => {
    const of = { sentAt: '2026-01-15T02:00:00Z', ladder: [1], windowDays: 60 };
    expect(next({ ...of, declinedAt: days(1, 14) })).toBe('2026-01-16T02:00:00Z');
    expect(next({ ...of, declinedAt: ['2025-12-31T02:00:00Z', ...days(1, 14)] })).toBe('2026-01-30T02:00:00Z');
  });

  it('Mastercard allows eight in 24 hours; what frees a place later in the day waits for the next charge hour', () => {
    const hourly = Array.from({ length: 8 }, (_, i) => `2026-01-01T0${i + 1}:00:00Z`);
    // 00:30 in Jakarta on the 2nd; the ladder says ten past midnight on the 3rd, when all nine have left.
    const of = {
      sentAt: '2026-01-01T17:30:00Z',
      network: 'MASTERCARD',
      declinedAt: hourly,
      ladder: [1],
      chargeAt: '00:10',
    };
    expect(next(of)).toBe('2026-01-02T17:10:00Z');
    // An hour earlier it is 23:30 on the 1st there, and ten past midnight on the 2nd comes while nine are inside: the first
    // leaves at 08:00 on the 2nd.
    const earlier = { ...of, sentAt: '2026-01-01T16:30:00Z' };
    expect(next({ ...earlier, declinedAt: hourly.slice(1) })).toBe('2026-01-01T17:10:00Z');
    expect(next(earlier)).toBe('2026-01-02T17:10:00Z');
  });

  it('a limit that leads out of the window ends the dunning', () => {
    const of = {
      sentAt: '2026-01-05T02:00:00Z',
      firstAttemptAt: '2026-01-01T02:00:00Z',
      network: null,
      declinedAt: days(1, 4),
      ladder: [1],
    };
    expect(next(of)).toBe('give_up: window_over');
  });
});

describe('a reason that deserves one more try', () => {
  it.each(['SOMETHING_NEW', 'ISSUER_SUSPECT_FRAUD'])('%s is tried once more, and not twice', (code) => {
    const first = afterDecline({ sentAt: '2026-01-01T02:00:00Z', code });
    expect(first).toMatchObject({
      kind: 'retry',
      spends: 'ladder',
      why: { class: 'soft', counted: { retries_left: 1 } },
    });
    expect(first.why.text).toContain('retry 1 of 1');
    const second = afterDecline({ sentAt: '2026-01-02T02:00:00Z', step: 1, code });
    expect(second).toMatchObject({ kind: 'wait_for_customer', why: { class: 'soft' } });
  });

  it.each(['INVALID_CVV', 'INACTIVE_OR_UNAUTHORIZED_CARD'])('%s too, though only its customer can mend it', (code) => {
    const first = afterDecline({ sentAt: '2026-01-01T02:00:00Z', code });
    expect(first).toMatchObject({ kind: 'retry', spends: 'ladder', why: { class: 'needs_customer' } });
    expect(next({ sentAt: '2026-01-01T02:00:00Z', code })).toBe('2026-01-02T02:00:00Z');
    expect(next({ sentAt: '2026-01-02T02:00:00Z', step: 1, code })).toBe('wait_for_customer: wait_for_customer');
  });

  it('a policy without retries makes none', () => {
    const of = { sentAt: '2026-01-01T02:00:00Z', ladder: [] };
    expect(next(of)).toBe('give_up: ladder_spent');
    for (const code of ['SOMETHING_NEW', 'INVALID_CVV', 'PAYMENT_AMOUNT_LIMITS_EXCEEDED'])
      expect(next({ ...of, code })).toBe('wait_for_customer: wait_for_customer');
  });

  it('its customer is waited for, too, where the one try would lie outside the window', () => {
    const of = { sentAt: '2026-01-01T02:00:00Z', ladder: [3], windowDays: 2 };
    expect(next({ ...of, code: 'INVALID_CVV' })).toBe('wait_for_customer: wait_for_customer');
    expect(next({ ...of, code: 'CARD_DECLINED' })).toBe('give_up: window_over');
  });
});

describe('an amount over a limit', () => {
  it('is tried the next day, whatever the ladder says, and then its customer is waited for', () => {
    const of = { code: 'PAYMENT_AMOUNT_LIMITS_EXCEEDED', ladder: [5, 5] };
    expect(next({ ...of, sentAt: '2026-01-01T02:00:00Z' })).toBe('2026-01-02T02:00:00Z');
    const second = afterDecline({ ...of, sentAt: '2026-01-02T02:00:00Z', step: 1 });
    expect(second).toMatchObject({ kind: 'wait_for_customer', why: { class: 'funds' } });
  });
});

describe('a wallet whose customer did not confirm in time', () => {
  const of = (more: Partial<Case> = {}): Case => ({
    code: 'USER_DID_NOT_AUTHORIZE',
    channelCode: 'OVO',
    sentAt: '2026-01-01T02:00:00Z',
    ...more,
  });

  it('is asked twice more at another hour, on days of the ladder, and then waited for', () => {
    expect(next(of())).toBe('2026-01-02T12:00:00Z');
    expect(next(of({ sentAt: '2026-01-02T12:00:00Z', step: 1 }))).toBe('2026-01-05T12:00:00Z');
    expect(next(of({ sentAt: '2026-01-05T12:00:00Z', step: 2 }))).toBe('wait_for_customer: wait_for_customer');
  });

  it('in the morning where the charge hour is late in the day', () => {
    expect(next(of({ chargeAt: '21:00', sentAt: '2026-01-01T14:00:00Z' }))).toBe('2026-01-02T02:00:00Z');
  });

  it('of a card it is what it was: its customer is waited for at once', () => {
    expect(next(of({ channelCode: 'CARDS' }))).toBe('wait_for_customer: wait_for_customer');
  });
});

describe('a decline of a method that was replaced meanwhile', () => {
  it.each([
    'INSUFFICIENT_BALANCE',
    'CARD_DECLINED',
    'AUTHENTICATION_FAILED',
    'EXPIRED_CARD',
    'STOLEN_CARD',
    'ISSUER_UNAVAILABLE',
    'SOMETHING_NEW',
  ])('%s: the new one is tried at once and no step is spent, even at the end of the ladder', (code) => {
    const of = {
      sentAt: '2026-01-01T02:00:00Z',
      knownAt: '2026-01-01T05:00:00Z',
      code,
      replaced: true,
      step: 4,
      frequency: 28,
      expiry: '2025-12-31',
    };
    expect(afterDecline(of)).toMatchObject({ kind: 'retry', spends: 'nothing', why: { rule: 'method_replaced' } });
    expect(next(of)).toBe('2026-01-01T05:00:00Z');
  });

  it('but our own fault is still held, and a throttled request still waits', () => {
    const of = { sentAt: '2026-01-01T02:00:00Z', replaced: true };
    expect(afterDecline({ ...of, code: 'INVALID_MERCHANT_SETTINGS' })).toMatchObject({
      kind: 'hold',
      reason: 'our_fault',
    });
    expect(next({ ...of, code: 'RATE_LIMIT_EXCEEDED' })).toBe('2026-01-01T02:01:00Z');
  });
});
