import type { Context } from '../../context.ts';
import { channelKey } from '../../domain/control/channel-key.ts';
import type { ChargeDossier } from '../../infra/tables/charges/charges.ts';
import { type Parked, parkCharges, type Standings } from '../../infra/tables/charging/breakers.ts';
import { decideEach } from '../change/apply-each.ts';
import { windowEndOf } from '../change/policies.ts';

/** The key of the channel that a charge goes over; of one without a method no channel's. */
export function keyOf({ charge, token }: Pick<ChargeDossier, 'charge' | 'token'>): string {
  return channelKey(charge.account, token?.channelCode ?? '');
}

/** Whether its channel lets no charge out. */
export function isOverStopped(dossier: ChargeDossier, channels: Standings): boolean {
  const standing = dossier.token === null ? undefined : channels.get(keyOf(dossier));
  return standing !== undefined && standing.state !== 'closed';
}

/**
 * Charges of a stopped channel wait for it outside the queue, at most until their windows end. One whose window cannot be told
 * is left where it is, for the others' sake.
 */
export async function parkForChannel(ctx: Context, dossiers: readonly ChargeDossier[]): Promise<void> {
  const { decided } = await decideEach(ctx, dossiers, async (dossier): Promise<Parked> => {
    const { bucket, id, nextAttemptAt } = dossier.charge;
    const waitsUntil = await windowEndOf(ctx, dossier);
    return { bucket, id, nextAttemptAt, waitsFor: keyOf(dossier), waitsUntil };
  });
  await parkCharges(ctx.db, decided, 'Its channel is stopped, and it is tried once that goes on.');
}
