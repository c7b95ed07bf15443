import type { Context } from '../../../context.ts';
import { bucketOf } from '../../../domain/charges/attempt.ts';
import { chargeDossier } from '../../../infra/tables/charges/charges.ts';
import { disputeOf, stoppedOf } from '../../../infra/tables/disputes/disputes.ts';
import { type DisputeView, disputeView } from '../disputes/dispute-view.ts';

export type DisputePage = {
  readonly dispute: DisputeView;
  readonly reference: string;
  readonly cycle: number | null;
  readonly timeZone: string;
  /** Subscriptions of its customer that are charged no more. */
  readonly stopped: number;
};

/** One dispute, with what waits for a decision about its customer; null when nobody has it. */
export async function disputePage({ db }: Context, id: string): Promise<DisputePage | null> {
  const dispute = await disputeOf(db, id);
  if (dispute === null) return null;
  const [dossier, stopped] = await Promise.all([
    chargeDossier(db, bucketOf(dispute.chargeId), dispute.chargeId),
    stoppedOf(db, dispute.bucket, dispute.customerId),
  ]);
  if (dossier === null) return null;
  const { charge, subscription } = dossier;
  return {
    dispute: disputeView(dispute),
    reference: subscription.referenceId,
    cycle: charge.cycle,
    timeZone: subscription.timeZone,
    stopped: stopped.length,
  };
}
