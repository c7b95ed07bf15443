import type { Context } from '../../../context.ts';
import { canceled, notCanceledAfterAll, toBeCanceled } from '../../../domain/subscriptions/moves.ts';
import { isPausePlanned, standsStill } from '../../../domain/subscriptions/pause.ts';
import { openChargesOf } from '../../../infra/tables/charges/charges.ts';
import type { SubscriptionDossier } from '../../../infra/tables/subscriptions/subscriptions.ts';
import { withVoided } from '../../change/after-void.ts';
import { record, withReason } from '../../change/record.ts';
import { plannedEnds } from '../../change/withdrawn-change.ts';
import { withItemsEnded } from '../../charges/lines/ended-items.ts';
import { voidCharges } from '../../charges/void-charges.ts';
import { closeOutdated } from '../../onboarding/close-outdated.ts';
import { type Changed, changeSubscription, type Decided } from '../change-subscription.ts';
import { withRefund } from './with-refund.ts';

export type CancelInput = {
  readonly at: 'now' | 'period_end';
  /** What is to be given back: nothing unless said, the share of the days that are not used, or the last payment. */
  readonly refund?: 'none' | 'unused' | 'last' | undefined;
  readonly reason: string | null;
  readonly actor: string;
};

/** Why one cannot be canceled at the end of a period that stands still for as long as nobody knows. */
export const NO_END =
  'The subscription is paused until somebody resumes it, and its calendar stands still: nobody knows when its period ends. Cancel it now, or resume it first.';

/**
 * Cancels a subscription. Now: no attempt starts after this commit, what was due is void with its reason. At the
 * period's end: it is billed no further, and canceled when its next cycle would have begun. Refunds are asked for with it.
 */
export async function cancelSubscription(ctx: Context, id: string, input: CancelInput): Promise<Changed> {
  const result = await changeSubscription(ctx, id, 'cancel', async (dossier, now) => {
    const { subscription } = dossier;
    const { status, resumesAt } = subscription;
    const stands = standsStill(subscription);
    if (input.at === 'period_end' && stands && resumesAt === null) return { refused: NO_END };
    const atOnce = input.at === 'now' || status === 'pending' || (subscription.nextCycleAt === null && !stands);
    const decided = atOnce
      ? await canceledNow(ctx, dossier, input, now)
      : await canceledLater(ctx, dossier, input, now);
    const end = atOnce ? now : (subscription.nextCycleAt ?? now);
    const whole = await withRefund(ctx, dossier, decided ?? { seen: subscription, entries: [] }, input, {
      at: end,
      now,
    });
    return 'entries' in whole && whole.entries.length === 0 ? null : whole;
  });
  if (result.kind === 'changed' && input.refund !== 'none') ctx.wake();
  if (result.kind === 'changed' && result.dossier.subscription.status === 'canceled') await closeOutdated(ctx, id);
  return result;
}

/** Takes back a cancellation that has not happened: the subscription goes on. */
export async function keepSubscription(
  ctx: Context,
  id: string,
  actor: string,
  reason: string | null = null,
): Promise<Changed> {
  return await changeSubscription(ctx, id, 'keep', async (dossier, now) => {
    const { subscription } = dossier;
    if (!subscription.cancelsAtPeriodEnd)
      return { refused: `The subscription is ${subscription.status}, and no cancellation of it is planned.` };
    const facts = { why: withReason('the cancellation that was planned is taken back', reason), actor };
    return {
      seen: subscription,
      subscription: notCanceledAfterAll(subscription),
      entries: [record(ctx.newId(subscription.bucket), now, 'subscription.cancel_withdrawn', dossier, facts)],
    };
  });
}

const CANCELED = 'the subscription was canceled';
const NOT_PAUSED = 'a cancellation takes the place of the pause that was planned';

async function canceledNow(
  ctx: Context,
  dossier: SubscriptionDossier,
  input: CancelInput,
  now: Temporal.Instant,
): Promise<Decided> {
  const { subscription } = dossier;
  const planned = await plannedEnds(ctx, dossier, { why: CANCELED, actor: input.actor }, now);
  const ended = new Set(planned.charges.map(({ id }) => id));
  const open = (await openChargesOf(ctx.db, subscription.id)).filter(({ id }) => !ended.has(id));
  const why = input.reason ?? 'canceled';
  const reason = input.reason ?? (subscription.cancelsAtPeriodEnd ? subscription.reason : null);
  const voided = voidCharges(ctx, dossier, open, `the subscription was canceled: ${why}`, now, input.actor);
  const change = {
    seen: subscription,
    subscription: canceled(
      { ...subscription, ...planned.subscription },
      { reason, outOfDunning: voided.outOfDunning },
      now,
    ),
    charges: [...planned.charges, ...voided.charges],
    ...planned.parts,
    ...(subscription.activatedAt === null && subscription.coupon !== null && { couponGivenBack: now }),
    entries: [
      record(ctx.newId(subscription.bucket), now, 'subscription.canceled', dossier, { why, actor: input.actor }),
      ...planned.entries,
      ...voided.entries,
    ],
  };
  const by = { at: now, actor: input.actor };
  return await withItemsEnded(ctx, dossier, await withVoided(ctx, dossier, change, change.charges, by), by);
}

async function canceledLater(
  ctx: Context,
  dossier: SubscriptionDossier,
  input: CancelInput,
  now: Temporal.Instant,
): Promise<Decided | null> {
  const { subscription } = dossier;
  const { actor } = input;
  const planned = await plannedEnds(ctx, dossier, { why: CANCELED, actor }, now);
  // Who cancels again and says why adds their reason; who says nothing new changes nothing, unless a change waits that was asked for since.
  const isSame = (input.reason ?? subscription.reason) === subscription.reason;
  if (subscription.cancelsAtPeriodEnd && isSame && planned.parts.replaces === undefined) return null;
  const why = input.reason ?? 'canceled at the end of the period';
  const write = (kind: 'subscription.cancel_requested' | 'subscription.pause_withdrawn', text: string) =>
    record(ctx.newId(subscription.bucket), now, kind, dossier, { why: text, actor });
  const unpaused = isPausePlanned(subscription) ? [write('subscription.pause_withdrawn', NOT_PAUSED)] : [];
  const change = {
    seen: subscription,
    subscription: toBeCanceled({ ...subscription, ...planned.subscription }, input.reason),
    charges: planned.charges,
    ...planned.parts,
    entries: [...unpaused, write('subscription.cancel_requested', why), ...planned.entries],
  };
  return await withVoided(ctx, dossier, change, planned.charges, { at: now, actor });
}
