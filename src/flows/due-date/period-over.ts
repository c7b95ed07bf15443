import type { Context } from '../../context.ts';
import type { Entry } from '../../domain/books/ledger.ts';
import { canceled, ended, paused } from '../../domain/subscriptions/moves.ts';
import { hasCycles } from '../../domain/subscriptions/subscription.ts';
import { openChargesOf } from '../../infra/tables/charges/charges.ts';
import type { ChargeRow, SubscriptionRow } from '../../infra/tables/schema/change-columns.ts';
import type { Owned } from '../../infra/tables/subscriptions/subscriptions.ts';
import { record } from '../change/record.ts';
import { parkedCharges } from '../charges/parked-charges.ts';
import { voidCharges } from '../charges/void-charges.ts';

/** What becomes of a subscription, and of its charges, when a period of it is over. */
type PeriodOver = {
  readonly subscription: SubscriptionRow;
  readonly charges: readonly ChargeRow[];
  readonly entries: readonly Entry[];
};

/** Its period is over, and its pause was planned for then. */
export async function pausing(
  ctx: Context,
  dossier: Owned,
  opened: SubscriptionRow,
  now: Temporal.Instant,
): Promise<PeriodOver> {
  const { pause, nextCycle, nextCycleAt, resumesAt, bucket } = dossier.subscription;
  const begun = pause === null ? null : { ...pause, since: (nextCycleAt ?? now).toString(), from_cycle: nextCycle };
  const facts = { why: pause?.reason ?? 'paused at the end of the period', actor: 'schedule' };
  return {
    subscription: paused(opened, { pause: begun, resumesAt }, pause?.reason ?? null),
    charges: await parkedCharges(ctx, opened),
    entries: [record(ctx.newId(bucket), now, 'subscription.paused', dossier, facts)],
  };
}

/** The subscription's last period is over: it was canceled for this moment, or its plan has no more cycles. */
export async function closing(
  ctx: Context,
  dossier: Owned,
  opened: SubscriptionRow,
  now: Temporal.Instant,
): Promise<PeriodOver | null> {
  const { subscription } = dossier;
  if (!hasCycles(subscription.status)) return null;
  const write = (kind: 'subscription.ended' | 'subscription.canceled', why: string) =>
    record(ctx.newId(subscription.bucket), now, kind, dossier, { why, actor: 'schedule' });
  // It ends when somebody resumes it, or is canceled: what it still owes would otherwise be left paused for ever.
  if (!subscription.cancelsAtPeriodEnd && subscription.status === 'paused') return null;
  if (!subscription.cancelsAtPeriodEnd) {
    const entry = write('subscription.ended', `its ${subscription.endsAfter ?? 0} cycles are over`);
    return { subscription: ended(opened, now), charges: [], entries: [entry] };
  }
  const why = subscription.reason ?? 'canceled at the end of the period';
  const { outOfDunning, charges, entries } = voidCharges(
    ctx,
    dossier,
    await openChargesOf(ctx.db, subscription.id),
    why,
    now,
    'schedule',
  );
  return {
    subscription: canceled(opened, { reason: subscription.reason, outOfDunning }, now),
    charges,
    entries: [write('subscription.canceled', why), ...entries],
  };
}
