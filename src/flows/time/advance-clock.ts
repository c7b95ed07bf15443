import type { Context } from '../../context.ts';
import { aimTestClock, readTestClock, restTestClock, setTestClock } from '../../infra/tables/control/test-clock.ts';
import { nextDue } from '../../infra/tables/subscriptions/agenda.ts';
import { sweepBooks } from '../books/sweep-books.ts';
import { toldAhead } from '../edits/owing-notices.ts';
import { workDue } from './work-due.ts';

export type ClockState = { readonly now: Temporal.Instant; readonly status: 'advancing' | 'ready' };

export type Aimed =
  | { readonly kind: 'aimed'; readonly state: ClockState }
  | { readonly kind: 'refused'; readonly detail: string };

/** Where the test clock stands. */
export async function clockState(ctx: Context): Promise<ClockState> {
  const clock = await readTestClock(ctx.db);
  return { now: clock.now, status: clock.target === null ? 'ready' : 'advancing' };
}

/**
 * Says where the test clock goes; `advanceClock` then takes it there. With `jump` it is there at once, as if the daemon
 * had been down meanwhile.
 */
export async function aimClock(ctx: Context, target: Temporal.Instant, jump: boolean): Promise<Aimed> {
  const before = await readTestClock(ctx.db);
  if (before.target !== null)
    return {
      kind: 'refused',
      detail: `The clock is on its way to ${before.target.toString()}: wait until it is ready.`,
    };
  if (!(await aimTestClock(ctx.db, target, jump))) {
    return { kind: 'refused', detail: `The clock stands at ${before.now.toString()} and only goes forward.` };
  }
  return { kind: 'aimed', state: await clockState(ctx) };
}

/**
 * Moves the test clock to its target, stopping at every instant at which something falls due and doing that work before
 * it goes on (docs/design.md section 7). Goes on where it was when the process died on the way.
 */
export async function advanceClock(ctx: Context): Promise<void> {
  while (!ctx.stopping.aborted) {
    // Read anew at each stop: another daemon may have taken the clock further, or somewhere else since.
    const { now, target } = await readTestClock(ctx.db);
    if (target === null) return;
    await ctx.clockMoved(now);
    // What came in unheard, before what is owed is tried again. It makes no stop of its own: nothing falls due by it.
    await sweepBooks(ctx);
    await workDue(ctx);
    if (ctx.stopping.aborted) return;
    if (Temporal.Instant.compare(now, target) < 0) await setTestClock(ctx.db, await nextStop(ctx, now, target));
    else await rest(ctx, target);
  }
}

/** The order is carried out, unless it is no longer the one that was: then the next one waits. */
async function rest(ctx: Context, target: Temporal.Instant): Promise<void> {
  const current = (await readTestClock(ctx.db)).target;
  if (current?.equals(target) === true) await restTestClock(ctx.db);
}

/** The next instant with work, at most the target. What could not be done at this one holds the clock no longer. */
async function nextStop(ctx: Context, now: Temporal.Instant, target: Temporal.Instant): Promise<Temporal.Instant> {
  const due = await nextDue(ctx.db, ctx.buckets, now, toldAhead(ctx.catalog.current));
  return due === null || Temporal.Instant.compare(due, target) > 0 ? target : due;
}
