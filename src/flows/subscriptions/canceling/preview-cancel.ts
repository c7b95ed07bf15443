import type { Context } from '../../../context.ts';
import { bucketOf } from '../../../domain/charges/attempt.ts';
import { majorNumber } from '../../../domain/money/money.ts';
import { standsStill } from '../../../domain/subscriptions/pause.ts';
import { afterShift } from '../../../domain/subscriptions/shift.ts';
import { may, statesFor } from '../../../domain/subscriptions/subscription.ts';
import { openChargesOf } from '../../../infra/tables/charges/charges.ts';
import type { ChargeRow, SubscriptionRow } from '../../../infra/tables/schema/change-columns.ts';
import type { ItemRow } from '../../../infra/tables/schema/item-columns.ts';
import type { TermsRow } from '../../../infra/tables/schema/terms-columns.ts';
import { newestPaidCharge } from '../../../infra/tables/subscriptions/cycles.ts';
import { waitingItems } from '../../../infra/tables/subscriptions/items.ts';
import { subscriptionDossier } from '../../../infra/tables/subscriptions/subscriptions.ts';
import { laterOf } from '../../../infra/tables/subscriptions/terms.ts';
import { NO_END } from './cancel-subscription.ts';
import { refundableOnCancel } from './refundable.ts';

export type CancelPreview = ReturnType<typeof previewOf>;

export type Previewed =
  | { readonly kind: 'previewed'; readonly preview: CancelPreview }
  | { readonly kind: 'not_found' }
  | { readonly kind: 'refused'; readonly detail: string };

/** What canceling would void and could give back. Nothing is written, and nothing opened that has fallen due. */
export async function previewCancel(ctx: Context, id: string, at: 'now' | 'period_end'): Promise<Previewed> {
  const now = await ctx.clock.now();
  const dossier = await subscriptionDossier(ctx.db, bucketOf(id), id);
  if (dossier === null) return { kind: 'not_found' };
  const { subscription } = dossier;
  const { status } = subscription;
  if (!may('cancel', status))
    return {
      kind: 'refused',
      detail: `The subscription is ${status}; this needs one of: ${statesFor('cancel').join(', ')}.`,
    };
  if (at === 'period_end' && standsStill(subscription) && subscription.resumesAt === null)
    return { kind: 'refused', detail: NO_END };
  const [last, open, agreed, items] = await Promise.all([
    newestPaidCharge(ctx.db, subscription),
    openChargesOf(ctx.db, id),
    laterOf(ctx.db, [subscription]),
    subscription.waitingItems === 0 ? new Map<string, readonly ItemRow[]>() : waitingItems(ctx.db, [id]),
  ]);
  const due = open.filter((charge) => charge.status === 'due');
  const terms = agreed.get(id)?.terms ?? [];
  return {
    kind: 'previewed',
    preview: previewOf(subscription, { last, due, terms, waiting: items.get(id) ?? [] }, at, now),
  };
}

type Known = {
  readonly last: ChargeRow | null;
  readonly due: readonly ChargeRow[];
  /** Agreed for cycles to come. */
  readonly terms: readonly TermsRow[];
  /** Lines that wait for a charge which would not come. */
  readonly waiting: readonly ItemRow[];
};

function previewOf(
  subscription: SubscriptionRow,
  { last, due, terms, waiting }: Known,
  at: 'now' | 'period_end',
  now: Temporal.Instant,
) {
  const { currency } = subscription;
  const lasting = standsStill(subscription) ? afterShift(subscription, terms).subscription : subscription;
  const later = at === 'period_end' ? lasting.nextCycleAt : null;
  const { paid, unused } = refundableOnCancel(subscription, last, terms, later ?? now);
  const major = (minor: bigint) => majorNumber({ minor, currency });
  return {
    at,
    cancel_at: (later ?? now).toString(),
    currency,
    unused: { amount: major(unused.amount), days: unused.days, of_days: unused.ofDays },
    last: { amount: major(paid), charge_id: last?.id ?? null },
    items: waiting.map(({ id, text, amount }) => ({ item_id: id, text, amount: major(amount) })),
    void: later === null ? due.map(({ id, amount }) => ({ charge_id: id, amount: major(amount) })) : [],
  };
}
