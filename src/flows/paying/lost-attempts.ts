import type { AccountContext } from '../../context.ts';
import type { ChargeDossier } from '../../infra/tables/charges/charges.ts';
import type { AskedFirst } from '../../infra/tables/charges/due.ts';
import { BELIEVED_AFTER, latestLoss, nextKnownAttempt } from '../charges/next-known-attempt.ts';

/**
 * Why a session may not be opened for a charge of which rows may be lost: an attempt with the saved method that nobody here knows of
 * may have collected it, or be about to. Null: there is none, as far as Xendit shows.
 */
export async function whyMaybeTried(
  ctx: AccountContext,
  dossier: ChargeDossier,
  asked: AskedFirst,
  now: Temporal.Instant,
): Promise<string | null> {
  const { askedAt, dueAt } = dossier.charge;
  const until = latestLoss(asked);
  if (until === null || Temporal.Instant.compare(askedAt ?? dueAt, until) > 0) return null;
  const known = await nextKnownAttempt(ctx, dossier);
  if (known === null || known.found.kind === 'unanswered')
    return `${LOST}, and Xendit did not say whether it was tried`;
  if (known.found.kind === 'found') return `${LOST}, and Xendit knows an attempt of it that is not here yet`;
  const isBelieved = Temporal.Instant.compare(now, until.add(BELIEVED_AFTER)) >= 0;
  return isBelieved ? null : `${LOST}, and what Xendit shows is not believed so soon`;
}

const LOST = 'rows may have been lost';
