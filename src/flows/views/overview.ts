import type { Context } from '../../context.ts';
import type { Channels, ChargingStanding, Held } from '../../domain/control/readiness.ts';
import { standing } from '../../infra/tables/charges/standing.ts';
import { type Charging, chargingState } from '../../infra/tables/charging/charging.ts';
import { whyNot } from '../control/may-charge.ts';
import { channelsOf } from './channels.ts';

export type Overview = ChargingStanding & {
  readonly channels: Channels;
  readonly held: Held;
  /** Ten thousand means that many or more. */
  readonly dueCharges: number;
};

/** How charging stands just now, at a cost that does not grow with what is due. */
export async function overview(ctx: Context): Promise<Overview> {
  const now = await ctx.clock.now();
  const [open, charging, channels] = await Promise.all([
    standing(ctx.db, now),
    chargingState(ctx.db),
    channelsOf(ctx, now),
  ]);
  return { ...chargingStanding(ctx, charging), channels, ...open };
}

/** Whether anything is charged at all, and why not. */
export function chargingStanding(ctx: Pick<Context, 'key'>, state: Charging): ChargingStanding {
  const reason = whyNot(ctx, state);
  if (reason === null) return { charging: 'on', reason, stoppedSince: null };
  if (reason !== state.reason) return { charging: 'disarmed', reason, stoppedSince: null };
  return { charging: 'stopped', reason, stoppedSince: state.stoppedAt };
}
