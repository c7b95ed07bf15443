import type { Context } from '../../../context.ts';
import { isCollecting } from '../../../flows/control/is-collecting.ts';

/**
 * While charges are on their way, who has worked for so long rests for three times as long as that: two long answers leave half of the
 * process to others. Whether any are is looked at so often.
 */
const BURST_MS = 20;
const LOOK_EVERY_MS = 500;
const REST = 3;
const LONGEST_REST_MS = 200;

/** Called after each piece of a long answer: it lets others have their turn when it is time to, so that no answer is made at the cost of charging. */
export function breather(ctx: Context): () => Promise<void> | undefined {
  let began = ctx.monotonic();
  let looked = Number.NEGATIVE_INFINITY;
  let givesWay = false;
  const rest = async (worked: number): Promise<void> => {
    if (ctx.monotonic() - looked >= LOOK_EVERY_MS) {
      givesWay = await isCollecting(ctx);
      looked = ctx.monotonic();
    }
    await ctx.sleep(givesWay ? Math.min(REST * worked, LONGEST_REST_MS) : 0);
    began = ctx.monotonic();
  };
  return () => {
    const worked = ctx.monotonic() - began;
    return worked < BURST_MS ? undefined : rest(worked);
  };
}
