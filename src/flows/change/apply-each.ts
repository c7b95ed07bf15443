import type { Context } from '../../context.ts';
import { isConnectionFault, isLockTimeout } from '../../infra/database/db.ts';
import { errorFacts } from '../../infra/logger.ts';
import { applyChanges, type Change } from '../../infra/tables/change/changes.ts';
import type { ApplyOptions } from '../../infra/tables/change/moves.ts';
import type { SubscriptionRow } from '../../infra/tables/schema/change-columns.ts';

/** What became of changes, by subscription; those in none of the parts were decided on an old state. */
export type Applied = {
  /** The subscriptions whose change was applied, as they are now. */
  readonly done: ReadonlyMap<string, SubscriptionRow>;
  /** Their rows cannot be worked with. */
  readonly broken: ReadonlySet<string>;
  /** Somebody else held on to their rows for longer than a statement waits. */
  readonly held: ReadonlySet<string>;
};

/** So many held rows, each waited for by itself, mean that somebody holds a whole table. */
const MOST_WAITS = 3;

/**
 * Applies changes in one statement; when the database refuses it, each by itself, so that one row that cannot be written
 * or that somebody else holds (a session forgotten at a prompt, say) holds up none of the others. A lost connection says
 * nothing about a row: it is thrown, and so is the wait for a table that somebody else has locked.
 */
export async function applyEach(
  ctx: Context,
  changes: readonly Change[],
  options: ApplyOptions = {},
): Promise<Applied> {
  return await apply(ctx, changes, options, { waits: 0 });
}

async function apply(
  ctx: Context,
  changes: readonly Change[],
  options: ApplyOptions,
  patience: { waits: number },
): Promise<Applied> {
  try {
    return { ...nothing, done: await applyChanges(ctx.db, ctx.buckets, changes, options) };
  } catch (error) {
    const isHeld = isLockTimeout(error);
    if (!isHeld && isConnectionFault(error)) throw error;
    if (isHeld && options.skipLocked !== true) {
      const applied = await apply(ctx, changes, { ...options, skipLocked: true }, patience);
      return { ...applied, held: remainingOf(ctx, changes, applied) };
    }
    const [only] = changes;
    if (changes.length !== 1 || only === undefined) return await oneByOne(ctx, changes, options, patience);
    if (!isHeld) {
      tellBroken(ctx, only.seen.id, error);
      return { ...nothing, broken: new Set([only.seen.id]) };
    }
    // The subscription and its rows are free, so it is a row that everybody needs, or a table.
    patience.waits += 1;
    if (patience.waits === MOST_WAITS) throw error;
    return { ...nothing, held: remainingOf(ctx, changes, nothing) };
  }
}

const nothing: Applied = { done: new Map(), broken: new Set(), held: new Set() };

async function oneByOne(
  ctx: Context,
  changes: readonly Change[],
  options: ApplyOptions,
  patience: { waits: number },
): Promise<Applied> {
  const all = { done: new Map<string, SubscriptionRow>(), broken: new Set<string>(), held: new Set<string>() };
  for (const change of changes) {
    const applied = await applyUnless(ctx, change, options, patience, all.done.size > 0);
    if (applied === null) break;
    for (const [id, now] of applied.done) all.done.set(id, now);
    for (const id of applied.broken) all.broken.add(id);
    for (const id of applied.held) all.held.add(id);
  }
  return all;
}

/** Null: the database failed, and what was applied before must not be lost with it. A claim that nobody hears of is never sent. */
async function applyUnless(
  ctx: Context,
  change: Change,
  options: ApplyOptions,
  patience: { waits: number },
  isPartDone: boolean,
): Promise<Applied | null> {
  try {
    return await apply(ctx, [change], options, patience);
  } catch (error) {
    if (!isPartDone) throw error;
    ctx.log.warn('changes are left for later', { subscription_id: change.seen.id, ...errorFacts(error) });
    return null;
  }
}

/** What could be had without the rows that somebody holds is done; the others are told of. */
function remainingOf(ctx: Context, changes: readonly Change[], { done, broken, held }: Applied): ReadonlySet<string> {
  const remaining = changes.map(({ seen }) => seen.id).filter((id) => !done.has(id) && !broken.has(id));
  const wayOut = 'end the other session (pg_blocking_pids tells which); until then it is left for later';
  for (const id of remaining.filter((one) => !held.has(one)))
    ctx.log.warn('subscription is held by somebody else', { subscription_id: id, way_out: wayOut });
  return new Set(remaining);
}

/**
 * Decides about each of these by itself. One about which nothing can be decided is told of and left out.
 * @returns what was decided, and the subscriptions that cannot be worked with.
 */
export async function decideEach<Book extends { readonly subscription: { readonly id: string } }, Decided>(
  ctx: Context,
  dossiers: readonly Book[],
  decide: (dossier: Book) => Promise<Decided>,
): Promise<{ readonly decided: readonly Decided[]; readonly broken: ReadonlySet<string> }> {
  const results = await Promise.allSettled(dossiers.map((dossier) => decide(dossier)));
  const broken = new Set<string>();
  const decided: Decided[] = [];
  for (const [index, result] of results.entries()) {
    if (result.status === 'fulfilled') decided.push(result.value);
    else if (isConnectionFault(result.reason)) throw result.reason;
    else {
      const id = dossiers[index]?.subscription.id ?? '';
      tellBroken(ctx, id, result.reason);
      broken.add(id);
    }
  }
  return { decided, broken };
}

function tellBroken(ctx: Context, subscriptionId: string, error: unknown): void {
  ctx.log.error('subscription cannot be worked with', { subscription_id: subscriptionId, ...errorFacts(error) });
}
