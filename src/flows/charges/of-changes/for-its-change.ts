import type { Context } from '../../../context.ts';
import { isOpen } from '../../../domain/charges/charge.ts';
import { voidedAfterTries } from '../../../domain/charges/moves.ts';
import type { Outcome } from '../../../domain/charges/outcome.ts';
import type { Decision } from '../../../domain/declines/decision.ts';
import { forAChange } from '../../../domain/dunning/for-a-change.ts';
import { paidDaysEnd } from '../../../domain/subscriptions/pay-first.ts';
import { may } from '../../../domain/subscriptions/subscription.ts';
import type { Change } from '../../../infra/tables/change/changes.ts';
import type { AttemptDossier } from '../../../infra/tables/charges/attempts.ts';
import type { ChargeRow } from '../../../infra/tables/schema/change-columns.ts';
import { changePaidBy } from '../../../infra/tables/subscriptions/terms.ts';
import { together } from '../../change/after-void.ts';
import { paidChange } from '../../change/changing/paid-change.ts';
import { record } from '../../change/record.ts';

/** A decision, and the change of its subscription that is made with it. */
export type ForItsChange = { readonly decision: Decision; readonly made: Omit<Change, 'seen'> | null };

/** The decision about a charge, as it is for one that pays for a change. Of a cycle's charge nothing is read. */
export async function forItsChange(
  ctx: Context,
  { charge, subscription, customer }: AttemptDossier,
  outcome: Outcome,
  decision: Decision,
  now: Temporal.Instant,
): Promise<ForItsChange> {
  const waited = charge.cycle === null ? await changePaidBy(ctx.db, charge) : null;
  if (waited === null) return { decision, made: null };
  const paid = decision.kind === 'paid' ? await paidChange(ctx, { subscription, charge, customer }, waited, now) : null;
  const over = paid !== null && 'over' in paid ? paid.over : null;
  const isOver = waited.state !== 'awaiting_payment' || !may('change', subscription.status);
  const endsAt = isOver ? now : paidDaysEnd(subscription, charge.periodEnd);
  const given = { status: charge.status, over, endsAt };
  return {
    decision: forAChange(outcome, decision, given),
    made: paid === null || 'over' in paid ? null : paid,
  };
}

/** The settlement of an extra charge with the change that it pays for. One that is paid too late is no longer owed. */
export function withItsChange(
  ctx: Context,
  dossier: AttemptDossier,
  settled: Change,
  made: ForItsChange['made'],
  {
    charge,
    decision,
    now,
  }: { readonly charge: ChargeRow; readonly decision: Decision; readonly now: Temporal.Instant },
): { readonly change: Change; readonly charge: ChargeRow } {
  if (made !== null) return { change: together(settled, made), charge };
  if (decision.kind !== 'overpaid' || !isOpen(charge.status)) return { change: settled, charge };
  const over = voidedAfterTries(charge, decision.why.text, now);
  const facts = { why: decision.why.text };
  const entry = record(ctx.newId(charge.bucket), now, 'charge.voided', dossier, facts);
  return { change: { ...settled, charges: [over], entries: [...settled.entries, entry] }, charge: over };
}
