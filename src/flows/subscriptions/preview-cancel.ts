import type { Context } from '../../context.ts';
import { localDate } from '../../domain/calendar/cycle.ts';
import { bucketOf } from '../../domain/charges/attempt.ts';
import { majorNumber } from '../../domain/money/money.ts';
import { unusedShare } from '../../domain/money/unused-share.ts';
import { may, statesFor } from '../../domain/subscriptions/subscription.ts';
import { openChargesOf } from '../../infra/tables/charges/charges.ts';
import type { ChargeRow, SubscriptionRow } from '../../infra/tables/schema/change-columns.ts';
import { newestPaidCharge } from '../../infra/tables/subscriptions/cycles.ts';
import { subscriptionDossier } from '../../infra/tables/subscriptions/subscriptions.ts';

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
  const [last, open] = await Promise.all([newestPaidCharge(ctx.db, subscription), openChargesOf(ctx.db, id)]);
  const due = open.filter((charge) => charge.status === 'due');
  return { kind: 'previewed', preview: previewOf(subscription, { last, due }, at, now) };
}

type Charges = { readonly last: ChargeRow | null; readonly due: readonly ChargeRow[] };

function previewOf(
  subscription: SubscriptionRow,
  { last, due }: Charges,
  at: 'now' | 'period_end',
  now: Temporal.Instant,
) {
  const { currency, nextCycleAt } = subscription;
  const later = at === 'period_end' ? nextCycleAt : null;
  const paid = last === null ? 0n : last.collected - last.refunded;
  const ends = localDate(later ?? now, subscription.timeZone);
  const unused =
    last === null
      ? { amount: 0n, days: 0, ofDays: 0 }
      : unusedShare(paid, { start: last.periodStart, end: last.periodEnd }, ends);
  const major = (minor: bigint) => majorNumber({ minor, currency });
  return {
    at,
    cancel_at: (later ?? now).toString(),
    currency,
    unused: { amount: major(unused.amount), days: unused.days, of_days: unused.ofDays },
    last: { amount: major(paid), charge_id: last?.id ?? null },
    void: later === null ? due.map(({ id, amount }) => ({ charge_id: id, amount: major(amount) })) : [],
  };
}
