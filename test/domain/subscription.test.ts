import { describe, expect, it } from 'vitest';
import {
  hasCycles,
  isChargeable,
  may,
  type SubscriptionStatus,
  statesFor,
  subscriptionStatuses,
  type Transition,
} from '../../src/domain/subscriptions/subscription.ts';

// Which attempts are made, which cycles opened, and what a person or the product may do.
const promises: Readonly<
  Record<SubscriptionStatus, { charged: boolean; cycles: boolean; may: readonly Transition[] }>
> = {
  pending: { charged: false, cycles: false, may: ['cancel', 'replace_method'] },
  trialing: { charged: true, cycles: true, may: ['change', 'cancel', 'keep', 'pause', 'replace_method'] },
  active: { charged: true, cycles: true, may: ['change', 'cancel', 'keep', 'pause', 'replace_method'] },
  past_due: { charged: true, cycles: true, may: ['change', 'cancel', 'keep', 'pause', 'replace_method'] },
  // Its cycles are opened as void, so that none lacks its row.
  paused: { charged: false, cycles: true, may: ['cancel', 'keep', 'resume', 'replace_method'] },
  canceled: { charged: false, cycles: false, may: [] },
  // It may still owe its last cycle, and its method may be replaced to pay it.
  ended: { charged: true, cycles: false, may: ['replace_method'] },
};

describe.each(subscriptionStatuses)('a subscription that is %s', (status) => {
  const promise = promises[status];

  it(`${promise.charged ? 'has' : 'does not have'} its charges attempted`, () => {
    expect(isChargeable(status)).toBe(promise.charged);
  });

  it(`${promise.cycles ? 'goes' : 'does not go'} on to new cycles`, () => {
    expect(hasCycles(status)).toBe(promise.cycles);
  });

  it(`may: ${promise.may.join(', ') || 'nothing'}`, () => {
    const all: readonly Transition[] = ['change', 'cancel', 'keep', 'pause', 'resume', 'replace_method'];
    expect(all.filter((transition) => may(transition, status))).toEqual(promise.may);
  });
});

describe('a message that names the states from which something is allowed', () => {
  it.each(['change', 'cancel', 'keep', 'pause', 'resume', 'add_items', 'replace_method'] as const)(
    'is right for %s',
    (transition) => {
      expect(subscriptionStatuses.filter((status) => statesFor(transition).includes(status))).toEqual(
        subscriptionStatuses.filter((status) => may(transition, status)),
      );
    },
  );

  it('a paused subscription is neither paused twice nor resumed while it runs', () => {
    expect(statesFor('resume')).toEqual(['paused']);
    expect(statesFor('pause')).not.toContain('paused');
  });
});
