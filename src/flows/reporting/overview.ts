import type { Context } from '../../context.ts';
import { attemptsInFlight } from '../../infra/postgres/agenda.ts';
import { backlog } from '../../infra/postgres/charges.ts';
import { chargingState } from '../../infra/postgres/charging.ts';
import { whyNot } from '../billing/may-charge.ts';

/** What stands open just now, for health, metrics and the operator. */
export async function overview(ctx: Context) {
  const now = await ctx.clock.now();
  const [due, inFlight, charging] = await Promise.all([
    backlog(ctx.db, now),
    attemptsInFlight(ctx.db),
    chargingState(ctx.db),
  ]);
  const reason = whyNot(ctx, charging);
  const oldest =
    due.oldest === null
      ? 0
      : Math.max(0, now.since(Temporal.Instant.from(due.oldest.replace(' ', 'T'))).total('seconds'));
  return {
    now,
    dueCharges: due.count,
    oldestDueSeconds: oldest,
    inFlight,
    chargingStopped: reason !== null,
    disarmed: reason !== charging.reason,
    stopReason: reason,
    stoppedAt: charging.stoppedAt,
    expectedFinishSeconds: ctx.requestsPerMinute === null ? 0 : Math.ceil((due.count / ctx.requestsPerMinute) * 60),
  };
}
