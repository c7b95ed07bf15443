import { expect, test } from 'vitest';
import { standingSince } from '../../src/domain/subscriptions/standing-since.ts';
import { subscriptionStatuses } from '../../src/domain/subscriptions/subscription.ts';

const at = (day: number) => Temporal.Instant.from(`2026-01-0${day}T02:00:00Z`);
const all = {
  createdAt: at(1),
  activatedAt: at(2),
  pastDueSince: at(3),
  pause: { since: at(4).toString(), from_cycle: 1, on_resume: 'void', reason: null } as const,
  endedAt: at(5),
};

test('a subscription stands as it does since what made it so, where that was written down', () => {
  const days = subscriptionStatuses.map((status) => {
    const since = standingSince({ ...all, status });
    return [status, since === null ? null : since.toZonedDateTimeISO('UTC').day];
  });
  expect(Object.fromEntries(days)).toEqual({
    pending: 1,
    trialing: 2,
    active: null,
    past_due: 3,
    paused: 4,
    canceled: 5,
    ended: 5,
  });
  expect(standingSince({ ...all, status: 'paused', pause: null })).toBeNull();
});
