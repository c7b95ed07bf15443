import type { Context } from '../../../../context.ts';
import type { Mode } from '../../../../domain/control/binding.ts';
import type { ChargingStanding } from '../../../../domain/control/readiness.ts';
import { queueCount } from '../../../../flows/queue/queue.ts';
import { standingOfHouse } from '../../../../flows/views/overview.ts';
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
  /** How many matters wait for a person. */
  readonly matters: number;
  /** How many processes are at work, and for how long no job of theirs has ended. */
  readonly atWork: { readonly replicas: number; readonly lastRunSecondsAgo: number | null };
};

/** One look a second for all who open a page. */
export function houseOf(ctx: Context): () => Promise<House> {
  return sharedLook(async () => {
    const standing = await standingOfHouse(ctx);
    return {
      mode: ctx.key.mode,
      isTestClock: ctx.clock.kind === 'virtual',
      zone: ctx.catalog.current.defaults.timeZone,
      matters: await queueCount(ctx, standing.now),
      ...standing,
    };
  });
}
