import type { Context } from '../../context.ts';
import { OWN_ACCOUNT } from '../../domain/control/account.ts';
import type { Channels, ChargingStanding, Held } from '../../domain/control/readiness.ts';
import { oldestInLine, standing } from '../../infra/tables/charges/standing.ts';
import { type Charging, chargingState } from '../../infra/tables/charging/charging.ts';
import { type AtWork, atWork } from '../../infra/tables/control/replicas.ts';
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
    chargingState(ctx.db, OWN_ACCOUNT),
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

/** A queue that is worked off is no fault: a charge in line for longer is. */
const LATE_MINUTES = 15;

/** What every page says before its own: whether charging goes on, and whether it is late. */
export async function standingOfHouse(ctx: Context): Promise<{
  readonly now: Temporal.Instant;
  readonly standing: ChargingStanding;
  readonly late: Temporal.Instant | null;
  readonly atWork: AtWork;
}> {
  const now = await ctx.clock.now();
  const [charging, oldest, working] = await Promise.all([
    chargingState(ctx.db, OWN_ACCOUNT),
    oldestInLine(ctx.db, now),
    atWork(ctx.db),
  ]);
  const isLate = oldest !== null && now.since(oldest).total('minutes') > LATE_MINUTES;
  return { now, standing: chargingStanding(ctx, charging), late: isLate ? oldest : null, atWork: working };
}
