import type { Context } from '../../context.ts';
import { attemptsInFlight } from '../../infra/postgres/agenda.ts';
import { backlog } from '../../infra/postgres/charges.ts';
import { chargingState, resumeCharging } from '../../infra/postgres/charging.ts';

/** What stands open just now, for health, metrics and the operator. */
export async function overview(ctx: Context) {
  const now = await ctx.clock.now();
  const [due, inFlight, charging] = await Promise.all([
    backlog(ctx.db, now),
    attemptsInFlight(ctx.db),
    chargingState(ctx.db),
  ]);
  const oldest =
    due.oldest === null
      ? 0
      : Math.max(0, now.since(Temporal.Instant.from(due.oldest.replace(' ', 'T'))).total('seconds'));
  return {
    now,
    dueCharges: due.count,
    oldestDueSeconds: oldest,
    inFlight,
    chargingStopped: charging.reason !== null,
    stopReason: charging.reason,
    stoppedAt: charging.stoppedAt,
    expectedFinishSeconds: ctx.requestsPerMinute === null ? 0 : Math.ceil((due.count / ctx.requestsPerMinute) * 60),
  };
}

/** Lets charging go on after a person has mended what stopped it; answers what that was, null when nothing was stopped. */
export async function arm(ctx: Context): Promise<string | null> {
  const reason = await resumeCharging(ctx.db);
  if (reason !== null) {
    ctx.log.warn('charging goes on', { stopped_for: reason });
    ctx.wake();
  }
  return reason;
}
