import type { Context } from '../../context.ts';
import { OWN_ACCOUNT } from '../../domain/control/account.ts';
import { chargingState } from '../../infra/tables/charging/charging.ts';
import { disarmCharging as disarm } from '../../infra/tables/charging/disarmings.ts';

export type Disarmed = {
  /** False: a person had stopped it before. */
  readonly changed: boolean;
  /** Why nothing is charged now, with who said so. */
  readonly reason: string | null;
};

/**
 * A person stops charging as a whole: no attempt is claimed, repeated or begun until a person arms it again; a restart
 * does not. What is on its way already is settled as it comes.
 */
export async function disarmCharging(
  ctx: Context,
  by: { readonly actor: string; readonly reason: string },
): Promise<Disarmed> {
  const changed = await disarm(ctx.db, { ...by, now: await ctx.clock.now() });
  return { changed, reason: (await chargingState(ctx.db, OWN_ACCOUNT)).reason };
}
