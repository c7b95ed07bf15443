import type { Context } from '../../context.ts';
import { savableCodes } from '../../domain/catalog/channels.ts';
import { type Breaker, BY_HAND, closed, opened } from '../../domain/control/breaker.ts';
import { breakerOf, isSavedIn, moveBreaker, stopBreaker, wakeCharges } from '../../infra/tables/charging/breakers.ts';
import { LOST, tooOften, untilApplied } from '../change/until-applied.ts';
import type { ByPerson } from '../charges/change-charge.ts';
import { releaseStreak } from './release-streak.ts';

/** Charges woken in one statement. */
const BATCH = 2_000;

export type ChannelMoved =
  | { readonly kind: 'done'; readonly before: Breaker; readonly after: Breaker }
  /** It stands already as it should. */
  | { readonly kind: 'unchanged'; readonly before: Breaker }
  | { readonly kind: 'refused'; readonly detail: string };

/** A person says that a channel is mended: what waited for it is due at once. */
export async function startChannel(ctx: Context, channel: string, by: ByPerson): Promise<ChannelMoved> {
  const moved = await move(
    ctx,
    channel,
    (breaker, now) => (breaker.state === 'closed' ? null : closed(breaker, said(by), now)),
    (before, after) => moveBreaker(ctx.db, before, after),
  );
  if (moved.kind !== 'done') return moved;
  await releaseStreak(ctx, moved.before, await ctx.clock.now());
  await wakeWaiting(ctx, channel);
  ctx.log.warn('channel was started by a person', { channel, was: moved.before.why, actor: by.actor });
  ctx.wake();
  return moved;
}

/** A person stops one channel, and no other; it stays so until a person starts it. */
export async function stopChannel(ctx: Context, channel: string, by: ByPerson): Promise<ChannelMoved> {
  const why = `stopped by hand${by.reason === null ? '' : `: ${by.reason}`}`;
  const { actor } = by;
  const reason = by.reason ?? 'none was given';
  const moved = await move(
    ctx,
    channel,
    (breaker, now) => (breaker.code === BY_HAND ? null : { ...opened(breaker, BY_HAND, why, now, null), by: by.actor }),
    (before, after, now) => stopBreaker(ctx.db, before, after, { now, reason, actor }),
  );
  if (moved.kind !== 'done') return moved;
  ctx.log.warn('channel was stopped by a person', { channel, why, actor });
  return moved;
}

function said({ actor, reason }: ByPerson): string {
  return reason === null ? actor : `${actor}: ${reason}`;
}

/** A name that is mistyped would stop, or start, nothing. */
async function move(
  ctx: Context,
  channel: string,
  decide: (breaker: Breaker, now: Temporal.Instant) => Breaker | null,
  write: (before: Breaker, after: Breaker, now: Temporal.Instant) => Promise<boolean>,
): Promise<ChannelMoved> {
  const known = savableCodes();
  if (!known.includes(channel) && !(await isSavedIn(ctx.db, channel)))
    return { kind: 'refused', detail: `Nothing was done: ${channel} is no channel; there are: ${known.join(', ')}.` };
  return await untilApplied(
    async () => {
      const before = await breakerOf(ctx.db, channel);
      const now = await ctx.clock.now();
      const after = decide(before, now);
      if (after === null) return { kind: 'unchanged', before };
      return (await write(before, after, now)) ? { kind: 'done', before, after } : LOST;
    },
    tooOften(`The breaker of ${channel}`),
  );
}

/** What waited for a channel that goes on is due at once; whoever finds it waiting does this, until none is left. */
export async function wakeWaiting(ctx: Context, channel: string): Promise<void> {
  const note = `${channel} goes on.`;
  while ((await wakeCharges(ctx.db, channel, BATCH, note)) === BATCH);
}
