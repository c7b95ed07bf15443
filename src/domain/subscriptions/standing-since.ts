import type { Pause } from './pause.ts';
import type { SubscriptionStatus } from './subscription.ts';

type Standing = {
  readonly status: SubscriptionStatus;
  readonly createdAt: Temporal.Instant;
  readonly activatedAt: Temporal.Instant | null;
  readonly pastDueSince: Temporal.Instant | null;
  readonly pause: Pause | null;
  readonly endedAt: Temporal.Instant | null;
};

/** Since when a subscription stands as it stands; null where nobody wrote it down: one that came back from past due has only its beginning. */
export function standingSince({
  status,
  createdAt,
  activatedAt,
  pastDueSince,
  pause,
  endedAt,
}: Standing): Temporal.Instant | null {
  switch (status) {
    case 'pending':
      return createdAt;
    case 'trialing':
      return activatedAt;
    case 'active':
      return null;
    case 'past_due':
      return pastDueSince;
    case 'paused':
      return pause?.since == null ? null : Temporal.Instant.from(pause.since);
    case 'canceled':
    case 'ended':
      return endedAt;
  }
}
