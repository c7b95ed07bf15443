import type { Context } from '../../context.ts';
import { lastStepBack } from '../../infra/tables/control/clock-watch.ts';

/**
 * What the sending of attempts is counted from. Nothing can have been sent later than now: where a row says so, the clock went
 * back since, and the attempt was sent before it did. Null: nothing is later than now.
 */
export async function sentBefore(
  ctx: Context,
  stored: readonly Temporal.Instant[],
  now: Temporal.Instant,
): Promise<((at: Temporal.Instant) => Temporal.Instant) | null> {
  const isAhead = (at: Temporal.Instant) => Temporal.Instant.compare(at, now) > 0;
  if (!stored.some(isAhead)) return null;
  const back = (await lastStepBack(ctx.db))?.to ?? now;
  const latest = isAhead(back) ? now : back;
  return (at) => (isAhead(at) ? latest : at);
}
