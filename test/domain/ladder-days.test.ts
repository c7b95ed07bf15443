import { describe, expect, it } from 'vitest';
import { afterDecline, type Case, next } from '../support/ladder-cases.ts';

describe('a retry falls on no quiet day of its country', () => {
  const quiet = (...days: string[]) => ({ quiet: days, paydays: [] });

  it.each([
    ['the day before it', ['2026-01-31'], '2026-02-01T02:00:00Z'],
    ['that very day', ['2026-02-01'], '2026-02-02T02:00:00Z'],
    ['three days in a row', ['2026-02-01', '2026-02-02', '2026-02-03'], '2026-02-04T02:00:00Z'],
  ])('%s is quiet', (_, days, at) => {
    expect(next({ sentAt: '2026-01-31T02:00:00Z', days: quiet(...days) })).toBe(at);
  });

  it('is a day of the subscription’s zone', () => {
    const late = { sentAt: '2026-01-30T17:30:00Z', chargeAt: '00:30' };
    expect(next(late)).toBe('2026-01-31T17:30:00Z');
    expect(next({ ...late, days: quiet('2026-02-01') })).toBe('2026-02-01T17:30:00Z');
    expect(next({ ...late, days: quiet('2026-01-31') })).toBe('2026-01-31T17:30:00Z');
  });

  it('also of technical failures, which are tried again in minutes otherwise', () => {
    const of = { sentAt: '2026-02-01T05:00:00Z', code: 'CHANNEL_UNAVAILABLE' };
    expect(next(of)).toBe('2026-02-01T05:05:00Z');
    expect(next({ ...of, days: quiet('2026-02-01') })).toBe('2026-02-02T02:00:00Z');
  });

  it('and not beyond the window: then nothing is left to try', () => {
    const of = { sentAt: '2026-01-31T02:00:00Z', windowDays: 1 };
    expect(next(of)).toBe('2026-02-01T02:00:00Z');
    expect(next({ ...of, days: quiet('2026-02-01') })).toBe('give_up: window_over');
  });
});

describe('a retry for want of funds waits for a payday slot inside its window', () => {
  const paydays = (...days: number[]) => ({ quiet: [], paydays: days });

  it.each([
    ['the 1st is tomorrow', [1, 25], '2026-02-01T02:00:00Z'],
    ['the 25th is inside the window', [25], '2026-02-25T02:00:00Z'],
    ['the 30th is the last day of February', [15, 30], '2026-02-15T02:00:00Z'],
    ['of February the 31st is the last day', [31], '2026-02-28T02:00:00Z'],
  ])('%s', (_, days, at) => {
    expect(next({ sentAt: '2026-01-31T02:00:00Z', days: paydays(...days) })).toBe(at);
  });

  it('and else comes by its ladder: no slot lies in the window, or another code was told', () => {
    expect(next({ sentAt: '2026-01-31T02:00:00Z', windowDays: 20, days: paydays(25) })).toBe('2026-02-01T02:00:00Z');
    const soft = { sentAt: '2026-01-31T02:00:00Z', code: 'DECLINED_BY_ISSUER' };
    expect(next({ ...soft, days: paydays(25) })).toBe(next(soft));
  });

  it('not on a slot that the mandate does not reach', () => {
    const of = { sentAt: '2026-01-31T02:00:00Z', days: paydays(25) };
    expect(next({ ...of, expiry: '2026-02-25' })).toBe('2026-02-25T02:00:00Z');
    expect(next({ ...of, expiry: '2026-02-24' })).toBe('2026-02-01T02:00:00Z');
  });

  it('and not on one that is quiet: the day after it is as good', () => {
    const days = { quiet: ['2026-02-25'], paydays: [25] };
    expect(next({ sentAt: '2026-01-31T02:00:00Z', days })).toBe('2026-02-26T02:00:00Z');
  });

  it('says so', () => {
    const { why } = afterDecline({ sentAt: '2026-01-31T02:00:00Z', days: paydays(25) });
    expect(why).toMatchObject({ rule: 'payday', text: expect.stringContaining('on 2026-02-25, by payday') });
  });
});

describe('a try by hand spends no step, and what was planned comes as it was planned', () => {
  const by = (planned: string, more: Partial<Case> = {}): Case => ({
    sentAt: '2026-02-02T08:00:00Z',
    firstAttemptAt: '2026-01-31T02:00:00Z',
    step: 2,
    planned,
    ...more,
  });

  it('at its instant', () => {
    expect(next(by('2026-02-04T02:00:00Z'))).toBe('2026-02-04T02:00:00Z');
    expect(afterDecline(by('2026-02-04T02:00:00Z'))).toMatchObject({ kind: 'retry', spends: 'hand' });
  });

  it('also after the last step, which is still to come', () => {
    expect(next(by('2026-02-04T02:00:00Z', { step: 4 }))).toBe('2026-02-04T02:00:00Z');
    expect(next({ ...by('2026-02-04T02:00:00Z', { step: 5 }) })).toBe('give_up: ladder_spent');
  });

  it('at the next hour of charges, where its instant is over', () => {
    expect(next(by('2026-02-02T07:59:00Z'))).toBe('2026-02-03T02:00:00Z');
  });

  it('not before the mandate allows it after the try by hand', () => {
    expect(next(by('2026-02-04T02:00:00Z', { frequency: 5 }))).toBe('2026-02-07T02:00:00Z');
  });

  it('not beyond the limits of the network, which count the try by hand', () => {
    const limits = [{ network: '*', reattempts: 1, windowHours: 24 * 10 }];
    const of = by('2026-02-04T02:00:00Z', { network: 'GOPAY', limits, declinedAt: ['2026-01-31T02:00:00Z'] });
    expect(next(of)).toBe('2026-02-10T02:00:00Z');
  });

  it('but not after a decline that ends the method', () => {
    expect(next(by('2026-02-04T02:00:00Z', { code: 'STOLEN_CARD' }))).toBe('wait_for_customer: wait_for_customer');
  });
});
