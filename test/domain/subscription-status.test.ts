import { describe, expect, it, test } from 'vitest';
import type { ChargeStatus } from '../../src/domain/charges/charge.ts';
import type { SubscriptionStatus } from '../../src/domain/subscriptions/subscription.ts';
import { decidedOf, newestDecided, statusOf } from '../../src/domain/subscriptions/subscription-status.ts';

const running = { decided: null, onTrial: false } as const;

describe('a subscription that runs', () => {
  test.each([
    ['owes nothing that is decided', 0, null, 'active'],
    ['has paid its newest period', 0, 'paid', 'active'],
    ['was given its newest period back', 0, 'refunded', 'active'],
    ['has a charge in dunning', 1, 'paid', 'past_due'],
    ['has a first charge in dunning', 1, null, 'past_due'],
    ['has given up its newest period', 0, 'uncollectible', 'past_due'],
  ] as const)('and %s', (_, inDunning, newest, status) => {
    expect(statusOf({ ...running, owed: { inDunning, newest } })).toBe(status);
  });

  it('and is on trial until it owes something', () => {
    expect(statusOf({ decided: null, onTrial: true, owed: { inDunning: 0, newest: null } })).toBe('trialing');
    expect(statusOf({ decided: null, onTrial: true, owed: { inDunning: 1, newest: null } })).toBe('past_due');
    expect(statusOf({ decided: null, onTrial: true, owed: { inDunning: 0, newest: 'paid' } })).toBe('active');
  });
});

it.each(['pending', 'paused', 'canceled', 'ended'] as const)('what is decided outranks what is owed: %s', (decided) => {
  expect(statusOf({ decided, onTrial: false, owed: { inDunning: 1, newest: 'uncollectible' } })).toBe(decided);
  expect(decidedOf(decided)).toBe(decided);
});

it.each(['trialing', 'active', 'past_due'] as const)('%s is not decided by anybody: it follows', (status) => {
  expect(decidedOf(status satisfies SubscriptionStatus)).toBeNull();
});

describe('the newest period that is decided', () => {
  const of = (...statuses: readonly ChargeStatus[]) =>
    newestDecided(statuses.map((status, cycle) => ({ cycle, status, byHand: null })));

  it('is that of the highest cycle, in whatever order they come', () => {
    expect(of('paid', 'uncollectible')).toBe('uncollectible');
    expect(of('uncollectible', 'paid')).toBe('paid');
    expect(
      newestDecided([
        { cycle: 3, status: 'paid', byHand: null },
        { cycle: 2, status: 'uncollectible', byHand: null },
      ]),
    ).toBe('paid');
  });

  it('is none of those that are void, due, attempted or held', () => {
    expect(of('uncollectible', 'void', 'due')).toBe('uncollectible');
    expect(of('paid', 'held', 'attempting')).toBe('paid');
    expect(of('void', 'due')).toBeNull();
  });

  it('counts what was forgiven as paid, and what is void otherwise not at all', () => {
    const byHand = { retries: 0, asked: false, planned: null, closed: 'forgiven' } as const;
    const older = { cycle: 2, status: 'uncollectible', byHand: null } as const;
    expect(newestDecided([older, { cycle: 3, status: 'void', byHand }])).toBe('paid');
    expect(newestDecided([older, { cycle: 3, status: 'void', byHand: null }])).toBe('uncollectible');
  });
});
