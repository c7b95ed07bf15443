import type { Context } from '../../context.ts';
import { type Sign, writeSign } from '../../infra/tables/control/replicas.ts';

/** Tells the other processes, and whoever looks, that this one is at work, and how its jobs went. */
export async function showSign(ctx: Context, sign: Sign): Promise<void> {
  await writeSign(ctx.db, sign, await ctx.clock.now());
}
