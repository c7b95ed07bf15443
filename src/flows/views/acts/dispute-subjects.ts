import type { AsSeen, Context } from '../../../context.ts';
import type { DisputeState } from '../../../domain/disputes/dispute.ts';
import type { Currency } from '../../../domain/money/money.ts';
import { disputesKnownAs, stoppedOf } from '../../../infra/tables/disputes/disputes.ts';
import type { DisputeRow } from '../../../infra/tables/schema/disputes/dispute-columns.ts';
import { subscriptionDossier } from '../../../infra/tables/subscriptions/subscriptions.ts';
import { major } from '../subscription-view.ts';

/** A dispute as somebody has it before their eyes who decides about it. */
export type DisputeSubject = {
  readonly id: string;
  readonly reference: string;
  readonly state: DisputeState;
  readonly amount: number;
  readonly held: number;
  readonly currency: Currency;
  /** Subscriptions of its customer that are charged no more. */
  readonly stopped: number;
  readonly seen: AsSeen;
};

/** These disputes, as they stand now; one that nobody has is missing. */
export async function disputeSubjects(ctx: Context, ids: readonly string[]): Promise<readonly DisputeSubject[]> {
  const rows = await disputesKnownAs(ctx.db, ids);
  return (await Promise.all(rows.map((row) => subjectOf(ctx, row)))).flat();
}

async function subjectOf({ db }: Context, dispute: DisputeRow): Promise<readonly DisputeSubject[]> {
  const { bucket, customerId, subscriptionId, currency, disputeId: id, state } = dispute;
  const [dossier, stopped] = await Promise.all([
    subscriptionDossier(db, bucket, subscriptionId),
    stoppedOf(db, bucket, customerId),
  ]);
  if (dossier === null) return [];
  const { referenceId: reference, ledgerSeq: seq } = dossier.subscription;
  return [
    {
      id,
      reference,
      state,
      amount: major(dispute.amount, currency),
      held: major(dispute.held, currency),
      currency,
      stopped: stopped.length,
      seen: { subscription: subscriptionId, seq },
    },
  ];
}
