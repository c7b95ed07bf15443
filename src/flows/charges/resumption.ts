import type { Context } from '../../context.ts';
import { held } from '../../domain/charges/moves.ts';
import { resumed } from '../../domain/subscriptions/moves.ts';
import type { OnResume } from '../../domain/subscriptions/pause.ts';
import type { Change } from '../../infra/tables/change/changes.ts';
import { openChargesOf } from '../../infra/tables/charges/charges.ts';
import type { Owned } from '../../infra/tables/subscriptions/subscriptions.ts';
import { withCreditReturned } from '../change/credit-returned.ts';
import { owedAfter } from '../change/owing-after.ts';
import { record } from '../change/record.ts';
import { type AtOnce, tryAtOnce } from './try-at-once.ts';
import { voidCharges } from './void-charges.ts';

const RESUMED = 'the subscription was resumed';
const NEVER_PAID = 'the subscription was resumed in a period that was never paid';

type Resuming = { readonly onResume: OnResume; readonly actor: string };

/**
 * A paused subscription goes on, its cycles from the anchor. What was due is charged at once, and so is the period that runs if
 * it was never paid; or it is void, or held for a person. Periods that passed entirely stay void.
 */
export async function resumptionOf(
  ctx: Context,
  dossier: Owned,
  { onResume, actor }: Resuming,
  now: Temporal.Instant,
): Promise<Change> {
  const { subscription } = dossier;
  const { charges, entries, inDunning } = await whatWasDue(ctx, dossier, { onResume, actor }, now);
  const { owed, onTrial } = await owedAfter(ctx, subscription, inDunning, charges);
  const after = resumed(subscription, owed, onTrial, now);
  const write = (kind: 'subscription.resumed' | 'subscription.ended') =>
    record(ctx.newId(subscription.bucket), now, kind, dossier, { actor });
  const change = {
    seen: subscription,
    subscription: after,
    charges,
    entries: [
      write('subscription.resumed'),
      ...entries,
      ...(after.status === 'ended' ? [write('subscription.ended')] : []),
    ],
  };
  return withCreditReturned(ctx, dossier, change, charges, { at: now, actor });
}

async function whatWasDue(
  ctx: Context,
  dossier: Owned,
  { onResume, actor }: Resuming,
  now: Temporal.Instant,
): Promise<AtOnce> {
  const { subscription } = dossier;
  if (onResume === 'void') {
    const open = await openChargesOf(ctx.db, subscription.id);
    const { charges, entries, outOfDunning } = voidCharges(ctx, dossier, open, RESUMED, now, actor);
    return { charges, entries, inDunning: subscription.inDunning - outOfDunning };
  }
  const tried = await tryAtOnce(ctx, dossier, { note: RESUMED, why: NEVER_PAID, actor }, now);
  if (onResume === 'charge') return tried;
  const charges = tried.charges.map((charge) => held(charge, 'by_hand', RESUMED));
  const entries = charges.map((charge) =>
    record(ctx.newId(charge.bucket), now, 'charge.held', { ...dossier, charge }, { why: RESUMED, actor }),
  );
  return { ...tried, charges, entries: [...tried.entries, ...entries] };
}
