import type { Context } from '../../context.ts';
import type { Entry } from '../../domain/books/ledger.ts';
import { voided } from '../../domain/charges/moves.ts';
import type { Change } from '../../infra/tables/change/changes.ts';
import { type ChargeDossier, openChargesOf } from '../../infra/tables/charges/charges.ts';
import type { ChargeRow } from '../../infra/tables/schema/change-columns.ts';
import { withVoided } from '../change/after-void.ts';
import { withoutPlan } from '../change/lapsed-plan.ts';
import { record, type Subject } from '../change/record.ts';
import { withItemsEnded } from './lines/ended-items.ts';

export type Voided = {
  readonly charges: readonly ChargeRow[];
  readonly entries: readonly Entry[];
  /** How many of them were in dunning and leave it. */
  readonly outOfDunning: number;
};

/**
 * Voids the due charges among these: nothing more is attempted, each keeps its row and its reason. An attempt on its way
 * and a charge that a person holds are left to what is still to be learned about them.
 */
export function voidCharges(
  ctx: Context,
  subject: Subject,
  charges: readonly ChargeRow[],
  why: string,
  now: Temporal.Instant,
  actor: string,
): Voided {
  const due = charges.filter((charge) => charge.status === 'due');
  return {
    charges: due.map((charge) => voided(charge, why, now)),
    entries: due.map((charge) =>
      record(ctx.newId(charge.bucket), now, 'charge.voided', { ...subject, charge }, { why, actor }),
    ),
    outOfDunning: due.filter((charge) => charge.inDunning).length,
  };
}

/**
 * When a charge's end cancels its subscription, what else it owed is void, so that nothing is left half open. A change
 * that does not cancel is answered as it is.
 */
export async function andVoidTheRest(
  ctx: Context,
  dossier: ChargeDossier,
  change: Change,
  now: Temporal.Instant,
): Promise<Change> {
  const { subscription = {} } = change;
  if (subscription.status !== 'canceled' || dossier.subscription.status === 'canceled') return change;
  const open = await openChargesOf(ctx.db, dossier.subscription.id);
  const others = open.filter((charge) => charge.id !== dossier.charge.id);
  const why = 'the subscription was canceled with an uncollectible charge';
  const voided = voidCharges(ctx, dossier, others, why, now, 'dueday');
  const inDunning = (subscription.inDunning ?? dossier.subscription.inDunning) - voided.outOfDunning;
  const whole = {
    ...change,
    subscription: { ...subscription, inDunning },
    charges: [...(change.charges ?? []), ...voided.charges],
    entries: [...change.entries, ...voided.entries],
  };
  const ended = await withoutPlan(ctx, dossier, whole, why, now);
  const by = { at: now, actor: 'dueday' };
  return await withItemsEnded(ctx, dossier, await withVoided(ctx, dossier, ended, voided.charges, by), by);
}
