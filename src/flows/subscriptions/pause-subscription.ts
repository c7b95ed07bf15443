import type { Context } from '../../context.ts';
import { parked } from '../../domain/charges/waits.ts';
import { paused, resumed } from '../../domain/subscriptions/moves.ts';
import type { Change } from '../../infra/tables/change/changes.ts';
import { openChargesOf } from '../../infra/tables/charges/charges.ts';
import type { SubscriptionDossier } from '../../infra/tables/subscriptions/subscriptions.ts';
import { owedAfter } from '../change/owing-after.ts';
import { record } from '../change/record.ts';
import { tryAtOnce } from '../charges/try-at-once.ts';
import { type Changed, changeSubscription } from './change-subscription.ts';

const RESUMED = 'the subscription was resumed';
const NEVER_PAID = 'the subscription was resumed in a period that was never paid';

/**
 * Pauses a subscription: no attempt starts after this commit. Cycles that fall due meanwhile are opened as void, so that each
 * has its row; the one whose period still runs when somebody resumes is due then.
 */
export async function pauseSubscription(
  ctx: Context,
  id: string,
  actor: string,
  why: string | null = null,
): Promise<Changed> {
  return await changeSubscription(ctx, id, 'pause', async (dossier, now) => {
    const { subscription } = dossier;
    const open = await openChargesOf(ctx.db, subscription.id);
    const due = open.filter((charge) => charge.status === 'due');
    return {
      seen: subscription,
      subscription: paused(subscription),
      charges: due.map((charge) => parked(charge, 'the subscription is paused')),
      entries: [record(ctx.newId(subscription.bucket), now, 'subscription.paused', dossier, { actor, why })],
    };
  });
}

/**
 * Resumes a paused subscription: charges that were left alone are due again at once, and so is the period that runs if it
 * was never paid; periods that passed entirely stay void. Cycles go on from the anchor.
 */
export async function resumeSubscription(ctx: Context, id: string, actor: string): Promise<Changed> {
  return await changeSubscription(ctx, id, 'resume', (dossier, now) => resumedNow(ctx, dossier, actor, now));
}

async function resumedNow(
  ctx: Context,
  dossier: SubscriptionDossier,
  actor: string,
  now: Temporal.Instant,
): Promise<Change> {
  const { subscription } = dossier;
  const { charges, entries, inDunning } = await tryAtOnce(ctx, dossier, { note: RESUMED, why: NEVER_PAID, actor }, now);
  const { owed, onTrial } = await owedAfter(ctx, subscription, inDunning, charges);
  const after = resumed(subscription, owed, onTrial, now);
  const write = (kind: 'subscription.resumed' | 'subscription.ended') =>
    record(ctx.newId(subscription.bucket), now, kind, dossier, { actor });
  return {
    seen: subscription,
    subscription: after,
    charges,
    entries: [
      write('subscription.resumed'),
      ...entries,
      ...(after.status === 'ended' ? [write('subscription.ended')] : []),
    ],
  };
}
