import type { Context, Pages } from '../../../../context.ts';
import type { Mode } from '../../../../domain/control/binding.ts';
import type { ChargingStanding } from '../../../../domain/control/readiness.ts';
import { queueCount } from '../../../../flows/queue/queue.ts';
import { standingOfHouse } from '../../../../flows/views/overview.ts';
import { errorFacts } from '../../../../infra/logger.ts';
import { rarely } from '../../../../infra/rarely.ts';
import { sharedLook } from '../../shared-look.ts';

/** What every page says of the whole installation. */
export type House = {
  readonly mode: Mode;
  readonly isTestClock: boolean;
  readonly zone: string;
  readonly now: Temporal.Instant;
  readonly standing: ChargingStanding;
  /** Since when the oldest charge is in line, where that is too long; null: nothing is late. */
  readonly late: Temporal.Instant | null;
  /** How many matters wait for a person; null: it could not be counted in time. */
  readonly matters: number | null;
  /** How many processes are at work, and for how long no job of theirs has ended. */
  readonly atWork: { readonly replicas: number; readonly lastRunSecondsAgo: number | null };
};

/** So long a page waits for the number in its menu. */
const PATIENCE_MS = 1_000;

/** One look a second for all who open a page. */
export function houseOf(ctx: Context, pages: Pages): () => Promise<House> {
  const matters = mattersOf(ctx, pages);
  return sharedLook(async () => {
    const [standing, count] = await Promise.all([standingOfHouse(ctx), matters()]);
    return {
      mode: ctx.key.mode,
      isTestClock: ctx.clock.kind === 'virtual',
      zone: ctx.catalog.current.defaults.timeZone,
      matters: count,
      ...standing,
    };
  });
}

/** No page fails for want of its menu's number: whoever has to stop or arm charging comes to those pages all the same. */
function mattersOf(ctx: Context, pages: Pages): () => Promise<number | null> {
  const count = sharedLook(async () => {
    const now = await ctx.clock.now();
    return await pages.look((db) => queueCount({ ...ctx, db }, now));
  }, PATIENCE_MS);
  return () =>
    count().catch((error: unknown) => {
      rarely(ctx.log).say('warn', 'menu without a number', 'menu without a number', errorFacts(error));
      return null;
    });
}
