import { describe, expect, it, test } from 'vitest';
import { accessOf, type Subscribed } from '../../src/domain/subscriptions/access.ts';
import { subscriptionStatuses } from '../../src/domain/subscriptions/subscription.ts';

const at = (text: string) => Temporal.Instant.from(text);
const now = at('2026-02-10T02:00:00Z');
const ends = at('2026-02-28T02:00:00Z');

function subscribed(more: Partial<Subscribed> = {}): Subscribed {
  return {
    status: 'active',
    nextCycle: 1,
    nextCycleAt: ends,
    endsAfter: null,
    cancelsAtPeriodEnd: false,
    pause: null,
    resumesAt: null,
    pastDueSince: null,
    graceUntil: null,
    endedAt: null,
    timeZone: 'Asia/Jakarta',
    ...more,
  };
}

/** "yes until ...", "no since ...": access at an instant. */
function said(more: Partial<Subscribed>, when = now, graceDays = 3): string {
  const { allowed, until } = accessOf(subscribed(more), graceDays, when);
  return `${allowed ? 'yes' : 'no'} ${until?.toString() ?? '-'}`;
}

const planned = { since: null, from_cycle: null, on_resume: 'charge', reason: null } as const;
const begun = { ...planned, since: '2026-02-05T02:00:00Z', from_cycle: 1 } as const;

describe('who pays is let in, and nothing ends it', () => {
  it.each(['active', 'trialing'] as const)('%s', (status) => {
    expect(said({ status })).toBe('yes -');
  });

  it('also while a cycle has fallen due that nobody has opened yet: they were not asked', () => {
    expect(said({}, at('2026-04-01T00:00:00Z'))).toBe('yes -');
  });
});

describe('who is past due is let in for some days', () => {
  const owing = { status: 'past_due', pastDueSince: at('2026-02-08T02:00:00Z') } as const;

  it('of the plan, from the first decline on, and not a moment longer', () => {
    expect(said(owing)).toBe('yes 2026-02-11T02:00:00Z');
    expect(said(owing, at('2026-02-11T01:59:59Z'))).toBe('yes 2026-02-11T02:00:00Z');
    expect(said(owing, at('2026-02-11T02:00:00Z'))).toBe('no 2026-02-11T02:00:00Z');
    expect(said(owing, now, 0)).toBe('no 2026-02-08T02:00:00Z');
  });

  it('which are days of the subscription’s zone', () => {
    const zone = { ...owing, timeZone: 'America/New_York', pastDueSince: at('2026-03-06T14:00:00Z') };
    expect(said(zone)).toBe('yes 2026-03-09T13:00:00Z');
  });

  it('and longer where somebody granted it, never shorter', () => {
    expect(said({ ...owing, graceUntil: at('2026-02-20T00:00:00Z') })).toBe('yes 2026-02-20T00:00:00Z');
    expect(said({ ...owing, graceUntil: at('2026-02-10T12:00:00Z') })).toBe('yes 2026-02-11T02:00:00Z');
    expect(said({ ...owing, graceUntil: at('2026-02-09T00:00:00Z') }, at('2026-02-12T00:00:00Z'))).toBe(
      'no 2026-02-11T02:00:00Z',
    );
    expect(said({ ...owing, graceUntil: at('2026-02-12T00:00:00Z') }, at('2026-02-12T00:00:00Z'))).toBe(
      'no 2026-02-11T02:00:00Z',
    );
  });

  it('but not beyond the end of a period for which they canceled', () => {
    const both = { ...owing, pastDueSince: at('2026-02-27T02:00:00Z'), cancelsAtPeriodEnd: true };
    expect(said(both, at('2026-02-27T12:00:00Z'))).toBe('yes 2026-02-28T02:00:00Z');
  });
});

describe('what is planned for the end of the period holds from then on, whether anybody carried it out or not', () => {
  const after = ends.add({ hours: 1 });
  it.each([
    ['a cancellation', { cancelsAtPeriodEnd: true }],
    ['the last cycle', { endsAfter: 1 }],
    ['a pause', { pause: planned }],
  ])('%s', (_, more) => {
    expect(said(more)).toBe('yes 2026-02-28T02:00:00Z');
    expect(said(more, ends)).toBe('no 2026-02-28T02:00:00Z');
    expect(said(more, after)).toBe('no 2026-02-28T02:00:00Z');
  });

  it('and a pause that was to be over by then is over', () => {
    const more = { pause: planned, resumesAt: at('2026-03-10T02:00:00Z') };
    expect(said(more, after)).toBe('no 2026-02-28T02:00:00Z');
    expect(said(more, at('2026-03-10T02:00:00Z'))).toBe('yes -');
  });

  it('but not a cycle that is not the last', () => {
    expect(said({ endsAfter: 2 })).toBe('yes -');
  });
});

describe('who is paused is not let in', () => {
  const paused = { status: 'paused', pause: begun } as const;

  it('until the pause is over by itself, to the moment', () => {
    const until = { ...paused, resumesAt: at('2026-02-20T02:00:00Z') };
    expect(said(paused)).toBe('no 2026-02-05T02:00:00Z');
    expect(said(until, at('2026-02-20T01:59:59Z'))).toBe('no 2026-02-05T02:00:00Z');
    expect(said(until, at('2026-02-20T02:00:00Z'))).toBe('yes -');
  });

  it('nor after it for longer than past due lets in', () => {
    const owes = { ...paused, resumesAt: at('2026-02-20T02:00:00Z'), pastDueSince: at('2026-02-04T02:00:00Z') };
    expect(said(owes, at('2026-02-20T02:00:00Z'))).toBe('no 2026-02-07T02:00:00Z');
  });
});

describe('who left, or never came, is not let in', () => {
  it.each([
    ['pending', 'no -'],
    ['canceled', 'no 2026-02-01T00:00:00Z'],
    ['ended', 'no 2026-02-01T00:00:00Z'],
  ] as const)('%s', (status, words) => {
    const endedAt = status === 'pending' ? null : at('2026-02-01T00:00:00Z');
    expect(said({ status, endedAt, nextCycleAt: null })).toBe(words);
  });
});

test.each(subscriptionStatuses)('of one that is %s there is a sentence why', (status) => {
  expect(accessOf(subscribed({ status }), 3, now).why).toMatch(/^[A-Z].*\.$/);
});
