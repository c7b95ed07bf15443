import type { Context } from '../../context.ts';
import type { Entry } from '../../domain/ledger.ts';
import type { ChargeRow, ChargeState } from '../../infra/postgres/change-columns.ts';
import { record, type Subject } from '../record.ts';

export type Voided = {
  readonly charges: readonly ChargeState[];
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
    charges: due.map((charge) => ({
      ...charge,
      status: 'void',
      nextAttemptAt: null,
      waitsUntil: null,
      inDunning: false,
      settledAt: now,
      note: why,
    })),
    entries: due.map((charge) =>
      record(ctx.newId(charge.bucket), now, 'charge.voided', { ...subject, charge }, { why, actor }),
    ),
    outOfDunning: due.filter((charge) => charge.inDunning).length,
  };
}
