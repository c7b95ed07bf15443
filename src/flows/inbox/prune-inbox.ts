import type { Context } from '../../context.ts';
import { dropBodies } from '../../infra/tables/inbox/inbox.ts';

const BATCH = 500;

/** Drops bodies that nobody will read any more, so that the inbox does not grow for ever, whoever fills it. */
export async function pruneInbox(ctx: Context): Promise<void> {
  while (!ctx.stopping.aborted) {
    const now = await ctx.clock.now();
    if ((await dropBodies(ctx.db, ctx.buckets, now, BATCH)) < BATCH) return;
  }
}
