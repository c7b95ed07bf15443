import type { Context } from '../../../context.ts';
import type { Sums } from '../../../domain/money/sums.ts';
import type { NewTerms } from '../../../domain/subscriptions/new-terms.ts';
import { type PayFirst, payFirstBy, waitEnd } from '../../../domain/subscriptions/pay-first.ts';
import type { ProratedLine } from '../../../domain/subscriptions/proration.ts';
import type { SubscriptionDossier } from '../../../infra/tables/subscriptions/subscriptions.ts';
import { askedOn } from '../../change/prorated-change.ts';
import { payable } from '../../charges/lines/payable.ts';
import { whyNotOutside } from '../../methods/outside-the-plan.ts';
import type { Refusal } from '../change-subscription.ts';

/** What a change costs that is paid before it applies: how it is asked for, and until when its customer may pay it. */
export type PaidFirst = {
  readonly by: PayFirst;
  readonly sums: Sums;
  /** Null: the saved method is tried at once. */
  readonly until: Temporal.Instant | null;
};

/**
 * How a change is paid that costs something now; or why it cannot be asked for that way. Null: it applies at once, and its lines wait
 * for the next charge, as they do where they come to less than the method's channel takes.
 */
export async function paidFirst(
  ctx: Context,
  { subscription, token }: SubscriptionDossier,
  change: NewTerms,
  { lines, credit }: { readonly lines: readonly ProratedLine[]; readonly credit: bigint },
  now: Temporal.Instant,
): Promise<PaidFirst | Refusal | null> {
  const { plans } = ctx.catalog.current;
  const by = payFirstBy(plans.get(change.before.plan) ?? null, plans.get(change.terms.plan) ?? null);
  if (by === null) return null;
  const asked = { ...askedOn(ctx, change, lines, change.on), credit };
  const sums = await payable(asked, subscription, true, async () => token);
  if (sums.carried !== null) return null;
  const fault = by === 'unscheduled' && sums.amount > 0n ? await whyNotOutside(ctx, subscription, token) : null;
  if (fault !== null) return { refused: fault };
  const lastDay = change.nextStartsOn.subtract({ days: 1 });
  return { by, sums, until: by === 'pay_link' ? waitEnd(subscription, lastDay, now) : null };
}
