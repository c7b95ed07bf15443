import { describe, expect, it } from 'vitest';
import { afterDecline, type Case, next } from '../support/ladder-cases.ts';

describe('each step is counted from the attempt before it, in the zone of the subscription, at the charge hour', () => {
  it.each([
    ['step 1, a day', { sentAt: '2026-01-31T02:00:04Z', step: 0 }, '2026-02-01T02:00:00Z'],
    ['step 2, three days', { sentAt: '2026-02-01T02:00:00Z', step: 1 }, '2026-02-04T02:00:00Z'],
    ['step 3, five days', { sentAt: '2026-02-04T02:00:00Z', step: 2 }, '2026-02-09T02:00:00Z'],
    ['step 4, seven days', { sentAt: '2026-02-09T02:00:00Z', step: 3 }, '2026-02-16T02:00:00Z'],
    [
      'step 2 from a late first step',
      { sentAt: '2026-02-03T10:00:00Z', firstAttemptAt: '2026-01-31T02:00:00Z', step: 1 },
      '2026-02-06T02:00:00Z',
    ],
    ['late in the evening the day is still the same', { sentAt: '2026-01-31T16:30:00Z' }, '2026-02-01T02:00:00Z'],
    ['after midnight it is the next', { sentAt: '2026-01-31T17:00:00Z' }, '2026-02-02T02:00:00Z'],
    ['Makassar is an hour ahead', { sentAt: '2026-01-31T16:30:00Z', zone: 'Asia/Makassar' }, '2026-02-02T01:00:00Z'],
    [
      'and its nine o’clock comes earlier',
      { sentAt: '2026-01-31T02:00:00Z', zone: 'Asia/Makassar' },
      '2026-02-01T01:00:00Z',
    ],
    ['New York in winter', { sentAt: '2026-01-31T14:00:00Z', zone: 'America/New_York' }, '2026-02-01T14:00:00Z'],
    [
      'New York into summer time: 23 hours later',
      { sentAt: '2026-03-07T14:00:00Z', zone: 'America/New_York' },
      '2026-03-08T13:00:00Z',
    ],
    [
      'New York out of summer time: 25 hours later',
      { sentAt: '2026-10-31T13:00:00Z', zone: 'America/New_York' },
      '2026-11-01T14:00:00Z',
    ],
    [
      'an hour that the clock skips is the first after it',
      { sentAt: '2026-03-07T14:00:00Z', zone: 'America/New_York', chargeAt: '02:30' },
      '2026-03-08T07:00:00Z',
    ],
    [
      'an hour shown twice is the first of the two',
      { sentAt: '2026-10-31T14:00:00Z', zone: 'America/New_York', chargeAt: '01:30' },
      '2026-11-01T05:30:00Z',
    ],
    ['across a leap day', { sentAt: '2028-02-28T02:00:00Z' }, '2028-02-29T02:00:00Z'],
  ] satisfies readonly (readonly [string, Case, string])[])('%s', (_name, of, at) => {
    expect(next(of)).toBe(at);
  });

  it('a whole ladder, followed to its end, tries on days 0, 1, 4, 9 and 16', () => {
    const tried = ['2026-01-31T02:00:00Z'];
    for (let step = 0; step < 4; step += 1) {
      tried.push(
        next({
          sentAt: tried.at(-1) ?? '',
          firstAttemptAt: '2026-01-31T02:00:00Z',
          step,
          declinedAt: tried.slice(0, -1),
        }),
      );
    }
    expect(tried.map((at) => at.slice(0, 10))).toEqual([
      '2026-01-31',
      '2026-02-01',
      '2026-02-04',
      '2026-02-09',
      '2026-02-16',
    ]);
    const last = {
      sentAt: tried.at(-1) ?? '',
      firstAttemptAt: '2026-01-31T02:00:00Z',
      step: 4,
      declinedAt: tried.slice(0, -1),
    };
    expect(afterDecline(last)).toMatchObject({ kind: 'give_up', then: 'cancel', why: { rule: 'ladder_spent' } });
  });

  it.each([
    [[], 'it is not retried.'],
    [[1], 'its one retry is spent.'],
    [[1, 3], 'all 2 retries are spent.'],
  ])('says what was tried of a ladder of %j', (ladder, said) => {
    const { why } = afterDecline({ sentAt: '2026-01-31T02:00:00Z', ladder, step: ladder.length });
    expect(why).toMatchObject({ rule: 'ladder_spent', text: expect.stringContaining(said) });
  });

  it('says which retry it is, of how many, when, and by which rule', () => {
    const { why } = afterDecline({ sentAt: '2026-02-01T02:00:00Z', step: 1, declinedAt: ['2026-01-31T02:00:00Z'] });
    expect(why).toEqual({
      class: 'funds',
      rule: 'ladder',
      text: 'INSUFFICIENT_BALANCE (funds): retry 2 of 4 on 2026-02-04, by ladder.',
      counted: { attempt: 2, ladder_step: 1, retries_left: 3, declines_in_window: 2 },
      catalogVersion: 7,
    });
  });
});

describe('a decline that becomes known late', () => {
  const sentAt = '2026-01-01T02:00:00Z';
  it.each([
    [
      'before the retry is due: the ladder still counts from the attempt',
      '2026-01-03T20:00:00Z',
      '2026-01-04T02:00:00Z',
    ],
    ['at the very instant of the retry: now', '2026-01-04T02:00:00Z', '2026-01-04T02:00:00Z'],
    ['after it: the next charge hour', '2026-01-04T02:00:01Z', '2026-01-05T02:00:00Z'],
    ['days after it, before the charge hour: the same day', '2026-01-09T01:00:00Z', '2026-01-09T02:00:00Z'],
    ['days after it, past the charge hour: the day after', '2026-01-09T03:00:00Z', '2026-01-10T02:00:00Z'],
  ])('%s', (_name, knownAt, at) => {
    expect(next({ sentAt, knownAt, step: 1 })).toBe(at);
  });
});

describe('the mandate holds retries apart', () => {
  const sentAt = '2026-01-01T02:00:00Z';
  it.each([
    [1, [1, 3], '2026-01-02T02:00:00Z', 'ladder'],
    [3, [1, 3], '2026-01-04T02:00:00Z', 'mandate_frequency'],
    [3, [3], '2026-01-04T02:00:00Z', 'ladder'],
    [3, [5], '2026-01-06T02:00:00Z', 'ladder'],
    [28, [1, 3], '2026-01-29T02:00:00Z', 'mandate_frequency'],
  ])('frequency %i with a ladder of %j', (frequency, ladder, at, rule) => {
    expect(next({ sentAt, frequency, ladder })).toBe(at);
    expect(afterDecline({ sentAt, frequency, ladder }).why.rule).toBe(rule);
  });

  it('an attempt two seconds past its hour lets the window of 28 days still hold day 28', () => {
    expect(next({ sentAt: '2026-01-01T02:00:02Z', frequency: 28 })).toBe('2026-01-29T02:00:00Z');
  });

  it('days that the window does not hold end the dunning', () => {
    expect(next({ sentAt, frequency: 28, windowDays: 27 })).toBe('give_up: window_over');
  });

  it.each([
    ['on the last day of the mandate', '2026-01-02', '2026-01-02T02:00:00Z'],
    ['the day after, another method may come until the window ends', '2026-01-01', 'wait_for_customer: mandate_over'],
  ])('%s', (_name, expiry, what) => {
    expect(next({ sentAt, expiry })).toBe(what);
  });

  it('its last day is a day of the subscription’s zone', () => {
    const late = { sentAt: '2026-01-01T23:00:00Z', chargeAt: '00:30', zone: 'Asia/Makassar' };
    expect(next(late)).toBe('2026-01-02T16:30:00Z');
    expect(next({ ...late, expiry: '2026-01-03' })).toBe('2026-01-02T16:30:00Z');
    expect(next({ ...late, expiry: '2026-01-02' })).toBe('wait_for_customer: mandate_over');
  });
});

describe('the window counts from the first attempt', () => {
  const firstAttemptAt = '2026-01-01T02:00:00Z';
  it.each([
    ['a retry at its very end', { sentAt: '2026-01-24T02:00:00Z', step: 2 }, '2026-01-29T02:00:00Z'],
    ['a retry past its end', { sentAt: '2026-01-24T17:00:00Z', step: 2 }, 'give_up: window_over'],
    ['a window of two days holds the first step', { sentAt: firstAttemptAt, windowDays: 2 }, '2026-01-02T02:00:00Z'],
    ['but not the second', { sentAt: '2026-01-02T02:00:00Z', step: 1, windowDays: 2 }, 'give_up: window_over'],
  ] satisfies readonly (readonly [string, Case, string])[])('%s', (_name, of, what) => {
    expect(next({ ...of, firstAttemptAt })).toBe(what);
  });

  it('28 days over a change of clocks end at the same time of day', () => {
    const summer = {
      firstAttemptAt: '2026-02-10T14:00:00Z',
      sentAt: '2026-03-05T14:00:00Z',
      step: 2,
      zone: 'America/New_York',
    };
    expect(next(summer)).toBe('2026-03-10T13:00:00Z');
    const winter = {
      firstAttemptAt: '2026-10-10T13:00:00Z',
      sentAt: '2026-11-02T14:00:00Z',
      step: 2,
      zone: 'America/New_York',
    };
    expect(next(winter)).toBe('2026-11-07T14:00:00Z');
  });
});
