import type { Context } from '../../context.ts';
import { OWN_ACCOUNT } from '../../domain/control/account.ts';
import { backlog } from '../../infra/tables/charges/charges.ts';
import { chargingState } from '../../infra/tables/charging/charging.ts';
import { attemptsInFlight } from '../../infra/tables/subscriptions/agenda.ts';
import { channelsOf } from './channels.ts';
import { chargingStanding } from './overview.ts';

/** The figures of /metrics, counted to the end. */
export async function figures(ctx: Context) {
  const now = await ctx.clock.now();
  const [due, inFlight, state, channels] = await Promise.all([
    backlog(ctx.db, now),
    attemptsInFlight(ctx.db),
    chargingState(ctx.db, OWN_ACCOUNT),
    channelsOf(ctx, now),
  ]);
  const { charging } = chargingStanding(ctx, state);
  const oldest = due.oldest === null ? now : Temporal.Instant.from(due.oldest.replace(' ', 'T'));
  return {
    dueCharges: due.count,
    oldestDueSeconds: Math.max(0, now.since(oldest).total('seconds')),
    inFlight,
    chargingStopped: charging !== 'on',
    disarmed: charging === 'disarmed',
    channels,
    expectedFinishSeconds: ctx.requestsPerMinute === null ? 0 : Math.ceil((due.count / ctx.requestsPerMinute) * 60),
  };
}
