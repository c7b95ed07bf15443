import type { Context } from '../../context.ts';
import type { Finding } from '../../domain/books/finding.ts';
import type { SessionEnd } from '../../domain/methods/onboarding-moves.ts';
import { writeFindings } from '../../infra/tables/books/findings.ts';
import { closeOnboarding, type Onboarding } from '../../infra/tables/methods/onboardings.ts';
import { onboardingsOf, subscriptionDossier } from '../../infra/tables/subscriptions/subscriptions.ts';
import { findingRow } from '../change/findings/proposed-refunds.ts';

const WAY_OUT = 'open a new link (POST /v1/subscriptions/{id}/onboarding) and send it to the customer';

/**
 * Closes a session that links no method. Where its status does not say why, a person is told, and it stays a finding until
 * the customer has saved another method; a subscription that is left without any link is told of once.
 */
export async function endOnboarding(
  ctx: Context,
  onboarding: Onboarding,
  end: SessionEnd,
  now: Temporal.Instant,
): Promise<void> {
  const { sessionId, subscriptionId } = onboarding;
  // Written first: a process that dies in between ends it once more.
  const fresh = end.why === null ? [] : await writeFindings(ctx.db, [findingRow(findingOf(onboarding, end.why), now)]);
  if (!(await closeOnboarding(ctx.db, onboarding, end, now))) return;
  const about = { session_id: sessionId, subscription_id: subscriptionId, status: end.as };
  if (fresh.length > 0) ctx.log.error('session ended without a method', { ...about, why: end.why, way_out: WAY_OUT });
  else if (await hasNoLink(ctx, onboarding))
    ctx.log.warn('subscription waits without a link', { ...about, way_out: WAY_OUT });
}

function findingOf({ sessionId, subscriptionId }: Onboarding, why: string): Finding {
  return {
    kind: 'unlinked_session',
    reference: sessionId,
    subscriptionId,
    chargeId: null,
    refund: null,
    paymentId: null,
    paymentRequestId: null,
    why: `${why} The customer needs a new link.`,
    closedWhy: null,
  };
}

async function hasNoLink(ctx: Context, { bucket, subscriptionId }: Onboarding): Promise<boolean> {
  const dossier = await subscriptionDossier(ctx.db, bucket, subscriptionId);
  if (dossier?.subscription.status !== 'pending') return false;
  const sessions = await onboardingsOf(ctx.db, bucket, subscriptionId);
  return sessions.every(({ status }) => status !== 'active');
}
