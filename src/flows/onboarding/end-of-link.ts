import type { Context } from '../../context.ts';
import { linkEnd } from '../../domain/catalog/link-life.ts';
import { systemClock } from '../../infra/clock.ts';

/** Xendit counts the life of a link in real time, whatever a test clock says; the sandbox lives by the test clock. */
export async function endOfLink(ctx: Context, minutes: number, now: Temporal.Instant): Promise<Temporal.Instant> {
  const isReal = ctx.clock.kind === 'virtual' && ctx.key.mode !== 'sandbox';
  return linkEnd(minutes, isReal ? await systemClock(ctx.db).now() : now);
}
