import type { Context } from '../../context.ts';
import type { Permits } from '../../infra/tables/control/pace.ts';

/** A window of the pace, and so about a round; well within the time after which a silent run is taken for one that hangs. */
const LONGEST_WAIT_MS = 65_000;

/**
 * Waits until asking for permits again is worth it. Xendit may want nothing for an hour: after each window the clock is read,
 * a sign of life for whoever watches over the run.
 */
export async function waitForPace(ctx: Context, { waitMs }: Permits): Promise<void> {
  await ctx.sleep(Math.min(waitMs, LONGEST_WAIT_MS));
  await ctx.clock.now();
}
