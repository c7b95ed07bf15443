import type { Context } from '../../context.ts';
import { bucketOf } from '../../domain/charges/attempt.ts';
import { releasedFromHold } from '../../domain/charges/moves.ts';
import { isChargeable } from '../../domain/subscriptions/subscription.ts';
import type { Change } from '../../infra/tables/change/changes.ts';
import { openChargesOf } from '../../infra/tables/charges/charges.ts';
import { disputeOf, stoppedOf, undecidedOf } from '../../infra/tables/disputes/disputes.ts';
import type { ChargeRow } from '../../infra/tables/schema/change-columns.ts';
import type { DisputeRow } from '../../infra/tables/schema/disputes/dispute-columns.ts';
import { type SubscriptionDossier, subscriptionDossier } from '../../infra/tables/subscriptions/subscriptions.ts';
import { stillAsSeen } from '../change/as-seen.ts';
import { reopenedWindow } from '../change/policies.ts';
import { record, withReason } from '../change/record.ts';
import { isApplied, LOST, tooOften, untilApplied } from '../change/until-applied.ts';

export type DisputeDecided =
  | { readonly kind: 'decided'; readonly dispute: DisputeRow }
  | { readonly kind: 'not_found' }
  | { readonly kind: 'refused'; readonly detail: string };

type ByPerson = { readonly actor: string; readonly reason: string };

/**
 * A person decides that the customer of a dispute is charged again: every subscription of theirs that was stopped goes on, and what was held
 * for it is due. It decides all that is disputed of this customer, and may be sent again where it was broken off.
 */
export async function releaseDisputed(ctx: Context, disputeId: string, by: ByPerson): Promise<DisputeDecided> {
  const dispute = await disputeOf(ctx.db, disputeId);
  if (dispute === null) return { kind: 'not_found' };
  const { bucket, customerId, subscriptionId } = dispute;
  const stopped = await stoppedOf(ctx.db, bucket, customerId);
  if (stopped.length === 0)
    return {
      kind: 'refused',
      detail: 'No subscription of its customer is stopped: they are charged as their plans say.',
    };
  const own = await subscriptionDossier(ctx.db, bucket, subscriptionId);
  if (own !== null) stillAsSeen(ctx, own.subscription);
  const undecided = await undecidedOf(ctx.db, bucket, customerId);
  const ids = new Set([...stopped, ...undecided.map((one) => one.subscriptionId)]);
  // Its own comes last: until then nobody has decided.
  for (const id of [...ids].toSorted((a, b) => Number(a === subscriptionId) - Number(b === subscriptionId)))
    await releaseOne(ctx, id, by);
  ctx.wake();
  return { kind: 'decided', dispute: (await disputeOf(ctx.db, disputeId)) ?? dispute };
}

async function releaseOne(ctx: Context, id: string, by: ByPerson): Promise<void> {
  const bucket = bucketOf(id);
  await untilApplied<void>(
    async () => {
      const dossier = await subscriptionDossier(ctx.db, bucket, id);
      if (dossier === null) return;
      stillAsSeen(ctx, dossier.subscription);
      const change = await changeOf(ctx, dossier, by, await ctx.clock.now());
      if (!(await isApplied(ctx, change))) return LOST;
    },
    tooOften(`Subscription ${id}`),
  );
}

async function changeOf(
  ctx: Context,
  { subscription, customer }: SubscriptionDossier,
  { actor, reason }: ByPerson,
  now: Temporal.Instant,
): Promise<Change> {
  const { bucket, id, customerId } = subscription;
  const decided = (await undecidedOf(ctx.db, bucket, customerId)).filter((one) => one.subscriptionId === id);
  const held = (await openChargesOf(ctx.db, id)).filter(({ holdReason }) => holdReason === 'disputed');
  const why = withReason('to be charged again although a payment was disputed', reason);
  const charges = await Promise.all(
    held.map(async (charge) => ({ ...(await dueAgain(ctx, { charge, subscription }, now)), note: why })),
  );
  const write = (kind: 'subscription.released' | 'charge.released', charge?: ChargeRow) =>
    record(ctx.newId(bucket), now, kind, { subscription, customer, ...(charge && { charge }) }, { why, actor });
  return {
    seen: subscription,
    subscription: { stoppedBy: null },
    charges,
    disputes: { changed: decided.map((one) => ({ ...one, decidedAt: now, decidedBy: actor })) },
    entries: [write('subscription.released'), ...charges.map((charge) => write('charge.released', charge))],
  };
}

/** With its window anew where that is over: whoever decides late has it tried all the same. */
async function dueAgain(
  ctx: Context,
  about: Pick<SubscriptionDossier, 'subscription'> & { readonly charge: ChargeRow },
  now: Temporal.Instant,
): Promise<ChargeRow> {
  const at = isChargeable(about.subscription.status) ? now : null;
  return { ...releasedFromHold(about.charge, at), ...(await reopenedWindow(ctx, about, now)) };
}
