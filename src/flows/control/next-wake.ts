import type { Context } from '../../context.ts';
import { nextDue } from '../../infra/tables/subscriptions/agenda.ts';

/** Milliseconds until something falls due, at most `most`; whoever sleeps that long is not late. */
export async function msUntilDue(ctx: Context, most: number): Promise<number> {
  const now = await ctx.clock.now();
  const due = await nextDue(ctx.db, ctx.buckets, now);
  if (due === null) return most;
  return Math.min(most, Math.max(0, Math.ceil(due.since(now).total('milliseconds'))));
}
