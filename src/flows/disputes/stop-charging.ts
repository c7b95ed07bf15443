import type { Context } from '../../context.ts';
import { bucketOf } from '../../domain/charges/attempt.ts';
import { held } from '../../domain/charges/moves.ts';
import { isOver } from '../../domain/subscriptions/subscription.ts';
import { isConnectionFault } from '../../infra/database/db.ts';
import type { Change } from '../../infra/tables/change/changes.ts';
import { type AttemptDossier, attemptDossiers } from '../../infra/tables/charges/attempts.ts';
import { paySessionOf } from '../../infra/tables/charges/by-hand/pay-sessions.ts';
import { openChargesOf } from '../../infra/tables/charges/charges.ts';
import { disputeOf } from '../../infra/tables/disputes/disputes.ts';
import { tokenDossiers, tokenSavedIn } from '../../infra/tables/methods/tokens.ts';
import type { SubscriptionRow } from '../../infra/tables/schema/change-columns.ts';
import type { DisputeRow } from '../../infra/tables/schema/disputes/dispute-columns.ts';
import { subscriptionDossier } from '../../infra/tables/subscriptions/subscriptions.ts';
import { isWaitedFor } from '../change/changing/awaited-change.ts';
import { record, type Subject } from '../change/record.ts';
import { isApplied, LOST, tooOften, untilApplied } from '../change/until-applied.ts';
import { DISPUTED } from '../charges/holding/hold-disputed.ts';

type Stopping = Required<Pick<Change, 'subscription' | 'charges' | 'entries'>>;

/**
 * What a dispute makes of a subscription whose plan waits for a person then: it is charged no more, and what is due of it is held. Null: it
 * goes on, it is over, or it is stopped already. `except`: the charge that is disputed, which the same change writes.
 */
export async function stopping(
  ctx: Context,
  subject: Subject & { readonly subscription: SubscriptionRow },
  { disputeId, except = null }: { readonly disputeId: string; readonly except?: string | null },
  now: Temporal.Instant,
): Promise<Stopping | null> {
  const { subscription } = subject;
  if (isOver(subscription.status) || subscription.stoppedBy !== null || !(await stops(ctx, subscription))) return null;
  const due = (await openChargesOf(ctx.db, subscription.id)).filter(
    ({ status, id }) => status === 'due' && id !== except,
  );
  const waited = await Promise.all(due.map((charge) => isWaitedFor(ctx, charge)));
  const charges = due.filter((_, index) => waited[index] === false).map((charge) => held(charge, 'disputed', DISPUTED));
  const write = (kind: 'subscription.stopped' | 'charge.held', about: Subject) =>
    record(ctx.newId(subscription.bucket), now, kind, about, { why: DISPUTED, outcome: disputeId });
  const { customer } = subject;
  return {
    subscription: { stoppedBy: disputeId },
    charges,
    entries: [
      write('subscription.stopped', { subscription, customer }),
      ...charges.map((charge) => write('charge.held', { subscription, customer, charge })),
    ],
  };
}

/** By the plan that is in force; where that cannot be read a person is waited for. */
async function stops({ catalog }: Context, { plan, catalogVersion }: SubscriptionRow): Promise<boolean> {
  try {
    return (await catalog.version(catalogVersion)).plans.get(plan)?.onDispute !== 'go_on';
  } catch (error) {
    if (isConnectionFault(error)) throw error;
    return true;
  }
}

/** Stops the other subscriptions that are charged to the method of the disputed payment, each by its own plan. Safe to repeat. */
export async function stopOthers(
  ctx: Context,
  {
    disputeId,
    attemptId,
    bucket,
    subscriptionId,
  }: Pick<DisputeRow, 'disputeId' | 'attemptId' | 'bucket' | 'subscriptionId'>,
): Promise<void> {
  const [of] = await attemptDossiers(ctx.db, [bucket], [attemptId]);
  const tokenId = of === undefined ? null : await methodOf(ctx, of);
  if (tokenId === null) return;
  const ids = new Set((await tokenDossiers(ctx.db, tokenId)).map(({ subscription }) => subscription.id));
  ids.delete(subscriptionId);
  for (const id of ids) await stopOne(ctx, id, disputeId);
}

/** What a payment was made with: a saved method, or the one that its customer saved with it; null: none is kept. */
async function methodOf({ db }: Context, { attempt, token }: AttemptDossier): Promise<string | null> {
  if (token !== null) return token.tokenId;
  const session = await paySessionOf(db, attempt);
  return session === null ? null : await tokenSavedIn(db, attempt.bucket, session.sessionId);
}

async function stopOne(ctx: Context, id: string, disputeId: string): Promise<void> {
  await untilApplied<void>(
    async () => {
      const dossier = await subscriptionDossier(ctx.db, bucketOf(id), id);
      const dispute = await disputeOf(ctx.db, disputeId);
      if (dossier === null || (dispute !== null && dispute.decidedAt !== null)) return;
      const change = await stopping(ctx, dossier, { disputeId }, await ctx.clock.now());
      if (change === null) return;
      if (!(await isApplied(ctx, { seen: dossier.subscription, ...change }))) return LOST;
      ctx.log.warn('subscription is stopped', { subscription_id: id, dispute: disputeId, why: DISPUTED });
    },
    tooOften(`Subscription ${id}`),
  );
}
