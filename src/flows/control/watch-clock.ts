import type { Context } from '../../context.ts';
import { acceptStep, endPlannedLooks, endRealWaits, stepBack } from '../../infra/tables/control/clock-watch.ts';

/**
 * Notices that Postgres' clock went back, by an hour or by ten years. The clock is believed: nothing is charged before its
 * hour by it. But what waited for an instant of the time that did not come would wait as long as the step, so those waits end. The
 * step is accepted last, so that a process that dies on the way leaves it to be noticed again.
 */
export async function watchClock(ctx: Context): Promise<void> {
  const step = await stepBack(ctx.db);
  if (step === null) return;
  await endRealWaits(ctx.db, ctx.buckets, ctx.lease.seconds);
  // A test clock goes its own way, and never back.
  if (ctx.clock.kind === 'system') await endPlannedLooks(ctx.db, ctx.buckets, await ctx.clock.now());
  if (!(await acceptStep(ctx.db, step))) return;
  const [from, to] = [step.from.toString(), step.to.toString()];
  const way_out =
    'look at the clock of the database server (NTP); retries that were planned meanwhile come later by as much: dueday charges retry';
  ctx.log.error('the clock of the database went back', { from, to, way_out });
  ctx.wake();
}
