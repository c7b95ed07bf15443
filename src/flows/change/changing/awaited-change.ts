import type { Context } from '../../../context.ts';
import { voided } from '../../../domain/charges/moves.ts';
import type { Change } from '../../../infra/tables/change/changes.ts';
import { chargeDossier } from '../../../infra/tables/charges/charges.ts';
import type { ChargeRow, SubscriptionRow } from '../../../infra/tables/schema/change-columns.ts';
import type { ChangeRow, ChangeRowState } from '../../../infra/tables/schema/terms-columns.ts';
import { awaitingOf, changePaidBy } from '../../../infra/tables/subscriptions/terms.ts';
import { record, type Subject } from '../record.ts';

/** A change that applies once its charge is paid. */
export type Awaited = { readonly change: ChangeRow; readonly charge: ChargeRow };

/** The change of a subscription that waits to be paid; null: none does. Nothing is read of one that was never changed. */
export async function awaitedOf({ db }: Context, subscription: SubscriptionRow): Promise<Awaited | null> {
  const change = subscription.changes === 0 ? null : await awaitingOf(db, subscription);
  if (change === null || change.chargeId === null) return null;
  const dossier = await chargeDossier(db, subscription.bucket, change.chargeId);
  return dossier === null ? null : { change, charge: dossier.charge };
}

/** Whether a change waits for a charge: it is paid, or the change comes to nothing. */
export async function isWaitedFor({ db }: Context, charge: ChargeRow): Promise<boolean> {
  return charge.cycle === null && (await changePaidBy(db, charge))?.state === 'awaiting_payment';
}

/** The credit that its charge gives back where it is withdrawn. */
export function creditBackOf(awaited: Awaited | null): bigint {
  return awaited !== null && isVoidable(awaited.charge) ? awaited.charge.creditUsed : 0n;
}

function isVoidable({ status }: ChargeRow): boolean {
  return status === 'due' || status === 'held';
}

/** A change that comes to nothing. */
export function endedChange(
  change: ChangeRow,
  state: 'withdrawn' | 'lapsed',
  why: string,
  now: Temporal.Instant,
): ChangeRowState {
  return { ...change, state, appliesAt: null, closedAt: now, why };
}

/**
 * A change that waits is withdrawn, and nothing is asked for it any more. Money that is on its way is left to what is still to be
 * learned of it: where it comes, it is given back.
 */
export function awaitedEnds(
  ctx: Context,
  subject: Subject,
  { change, charge }: Awaited,
  { why, actor }: { readonly why: string; readonly actor: string },
  now: Temporal.Instant,
): Required<Pick<Change, 'entries'>> & {
  readonly changes: readonly ChangeRowState[];
  readonly charges: readonly ChargeRow[];
} {
  const isLeft = !isVoidable(charge);
  const note = `change ${change.number}, which it pays for: ${why}`;
  const entry = () =>
    record(ctx.newId(charge.bucket), now, 'charge.voided', { ...subject, charge }, { why: note, actor });
  return {
    changes: [endedChange(change, 'withdrawn', why, now)],
    charges: isLeft ? [] : [voided(charge, note, now)],
    entries: isLeft ? [] : [entry()],
  };
}
