import type { Context } from '../../../context.ts';
import { reopened } from '../../../domain/methods/onboarding-moves.ts';
import type { ChargeRow, SubscriptionRow } from '../../../infra/tables/schema/change-columns.ts';
import type { OnboardingRow } from '../../../infra/tables/schema/method-columns.ts';
import { sessionsOf } from '../../../infra/tables/subscriptions/subscriptions.ts';

/**
 * Cycle 0 was to be paid in a session, and is paid elsewhere: what was paid for begins when that session is seen to have ended. Where all of them
 * had ended before, the newest is asked about again, since nobody would look at any of them.
 */
export async function lookedAtAgain(
  ctx: Context,
  { bucket, id, status }: SubscriptionRow,
  paid: readonly Pick<ChargeRow, 'cycle'>[],
  now: Temporal.Instant,
): Promise<readonly OnboardingRow[]> {
  if (status !== 'pending' || !paid.some(({ cycle }) => cycle === 0)) return [];
  const sessions = (await sessionsOf(ctx.db, bucket, id)).filter(({ attemptId }) => attemptId !== null);
  const [newest] = sessions;
  if (newest === undefined || sessions.some((session) => session.status === 'active')) return [];
  return newest.status === 'completed' ? [] : [{ ...newest, ...reopened(newest, now) }];
}
