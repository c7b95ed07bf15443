import pMap from 'p-map';
import type { AccountContext, Context } from '../../context.ts';
import { pauseAfter } from '../../domain/declines/pauses.ts';
import { isConnectionFault } from '../../infra/database/db.ts';
import { errorFacts } from '../../infra/logger.ts';
import { type AttemptDossier, takeForRescue } from '../../infra/tables/charges/attempts.ts';
import { attemptsById, putOrphanOff } from '../../infra/tables/charges/orphans.ts';
import { dossiersOfAttempts } from '../charges/histories.ts';
import { lookUp } from '../charges/look-up.ts';
import { ofAccount } from '../control/of-account.ts';
import type { Answered } from '../due-date/attempt-charges.ts';
import { settleAttempts } from '../due-date/settle-attempts.ts';
import { askAboutOffer } from '../paying/ask-about-offer.ts';
import { repeatRequest, stillUnknown } from './repeat-request.ts';

const BATCH = 64;
/** Look-ups at once; Xendit's allowance for them is its own (docs/xendit.md 1). */
const AT_ONCE = 16;

/** Asks about attempts whose outcome nobody knows; never guesses, and never sends a new one (invariants 4 and 5). */
export async function rescueAttempts(ctx: Context): Promise<void> {
  while (!ctx.stopping.aborted) {
    const now = await ctx.clock.now();
    const ids = await takeForRescue(ctx.db, ctx.buckets, now, BATCH, ctx.lease.seconds);
    if (ids.length === 0) return;
    ctx.failpoint?.('after-rescue-claim');
    const dossiers = await dossiersOfAttempts(ctx, ids, now);
    await putOrphansOff(ctx, ids, dossiers, now);
    const answers = await pMap(dossiers, (dossier) => askSafely(ctx, dossier), { concurrency: AT_ONCE });
    const answered = answers.filter((answer) => answer !== null);
    await settleAttempts(ctx, answered, now);
    ctx.failpoint?.('after-rescue');
  }
}

/** In minutes, between two looks at an attempt whose rows are gone. */
const ORPHAN_PAUSES = { first: 2, longest: 24 * 60 } as const;
/** Looks at such a one, over about a week. */
const MOST_ORPHAN_LOOKS = 16;

/**
 * An attempt whose charge, token or customer is gone cannot be settled. It is told of and comes back, since somebody may
 * restore the rows: less and less often, and not for ever.
 */
async function putOrphansOff(
  ctx: Context,
  ids: readonly string[],
  dossiers: readonly AttemptDossier[],
  now: Temporal.Instant,
): Promise<void> {
  const whole = new Set(dossiers.map((dossier) => dossier.attempt.id));
  for (const { id, asks, referenceId } of await attemptsById(
    ctx.db,
    ids.filter((one) => !whole.has(one)),
  )) {
    const isLast = asks + 1 >= MOST_ORPHAN_LOOKS;
    await putOrphanOff(ctx.db, id, now, isLast ? null : now.add(pauseAfter(asks, ORPHAN_PAUSES)));
    const way_out = isLast
      ? 'nothing asks about it any more: look for its reference at Xendit'
      : 'restore the rows: what became of it cannot be written down without them';
    const facts = { attempt: id, reference_id: referenceId, way_out };
    ctx.log.error('attempt cannot be worked with: rows that it belongs to are gone', facts);
  }
}

/** A bug while asking about one leaves that one unknown, and holds up none of the others. */
async function askSafely(ctx: Context, dossier: AttemptDossier): Promise<Answered | null> {
  try {
    return await ask(ofAccount(ctx, dossier.charge.account), dossier);
  } catch (error) {
    if (isConnectionFault(error)) throw error;
    const about = { charge_id: dossier.charge.id, reference_id: dossier.attempt.referenceId };
    ctx.log.error('look-up broke', { ...about, ...errorFacts(error) });
    return { attemptId: dossier.attempt.id, outcome: stillUnknown(dossier, 'an internal error; see the log') };
  }
}

/** Null where nothing is left to settle, or the process is told to stop: another one asks when the lease is over. */
async function ask(ctx: AccountContext, dossier: AttemptDossier): Promise<Answered | null> {
  const { attempt } = dossier;
  if (attempt.via === 'session') {
    const outcome = await askAboutOffer(ctx, dossier);
    return outcome === null ? null : { attemptId: attempt.id, outcome };
  }
  ctx.failpoint?.('before-look-up');
  const found = await lookUp(ctx, attempt, attempt.paymentRequestId);
  ctx.failpoint?.('after-look-up');
  if (found === null) return null;
  switch (found.kind) {
    case 'found':
      return { attemptId: attempt.id, outcome: found.outcome };
    case 'unanswered':
      return { attemptId: attempt.id, outcome: stillUnknown(dossier, `the look-up was not answered: ${found.detail}`) };
    case 'absent':
      return {
        attemptId: attempt.id,
        outcome: (await repeatRequest(ctx, dossier)) ?? stillUnknown(dossier, 'Xendit does not show it yet'),
      };
  }
}
