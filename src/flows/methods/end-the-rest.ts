import type { Context } from '../../context.ts';
import type { Database } from '../../infra/database/db.ts';
import { endedInPart } from '../../infra/tables/methods/tokens.ts';
import { endMethod } from './end-method.ts';

/** As far as the first look of a process goes back: whoever was to end the rest may have been down since. */
const FIRST_LOOK = { hours: 35 * 24 } as const;
/** A settlement is committed somewhat later than the instant that it writes. */
const AGAIN = { hours: 1 } as const;

/** Up to when each process has looked. */
const looked = new WeakMap<Database, Temporal.Instant>();

/**
 * Ends payment methods for the rest of their subscriptions, where whoever settled the decline of one died before it was told to
 * the others, or somebody held their rows: nobody shall see such a method as active until its next charge, which may be a year away.
 */
export async function endTheRest(ctx: Context): Promise<void> {
  const now = await ctx.clock.now();
  let isLeft = false;
  for (const { tokenId, as, why, at } of await endedInPart(ctx.db, ctx.buckets, sinceWhen(ctx, now))) {
    if (tokenId === null) continue;
    if ((await endMethod(ctx, tokenId, { as, why, actor: 'dueday', at }, now)) === 'busy') isLeft = true;
  }
  // Where somebody holds the rows of one, the next look goes as far back as this one.
  if (!isLeft) looked.set(ctx.db, now);
}

/** A clock that went back takes a look back with it. */
function sinceWhen({ db }: Context, now: Temporal.Instant): Temporal.Instant {
  const last = looked.get(db);
  if (last === undefined) return now.subtract(FIRST_LOOK);
  return (Temporal.Instant.compare(last, now) < 0 ? last : now).subtract(AGAIN);
}
