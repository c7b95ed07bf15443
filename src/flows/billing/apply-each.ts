import type { Context } from '../../context.ts';
import { errorFacts } from '../../infra/logger.ts';
import type { SubscriptionRow } from '../../infra/postgres/change-columns.ts';
import { type ApplyOptions, applyChanges, type Change } from '../../infra/postgres/changes.ts';
import { isConnectionFault } from '../../infra/postgres/db.ts';

/** The subscriptions whose change was applied, as they are now, and those whose rows cannot be worked with. */
export type Applied = {
  readonly done: ReadonlyMap<string, SubscriptionRow>;
  readonly broken: ReadonlySet<string>;
};

/**
 * Applies changes in one statement; when the database refuses it, each by itself, so that one row that cannot be written
 * holds up none of the others. A lost connection says nothing about a row: it is thrown.
 */
export async function applyEach(
  ctx: Context,
  changes: readonly Change[],
  options: ApplyOptions = {},
): Promise<Applied> {
  try {
    return { done: await applyChanges(ctx.db, ctx.buckets, changes, options), broken: new Set() };
  } catch (error) {
    if (isConnectionFault(error)) throw error;
    const [only] = changes;
    if (changes.length !== 1 || only === undefined) return await oneByOne(ctx, changes, options);
    tellBroken(ctx, only.seen.id, error);
    return { done: new Map(), broken: new Set([only.seen.id]) };
  }
}

async function oneByOne(ctx: Context, changes: readonly Change[], options: ApplyOptions): Promise<Applied> {
  const done = new Map<string, SubscriptionRow>();
  const broken = new Set<string>();
  for (const change of changes) {
    const applied = await applyEach(ctx, [change], options);
    for (const [id, now] of applied.done) done.set(id, now);
    for (const id of applied.broken) broken.add(id);
  }
  return { done, broken };
}

/**
 * Decides about each of these by itself. One about which nothing can be decided is told of and left out.
 * @returns what was decided, and the subscriptions that cannot be worked with.
 */
export async function decideEach<Book extends { readonly subscription: { readonly id: string } }, Decided>(
  ctx: Context,
  books: readonly Book[],
  decide: (book: Book) => Promise<Decided>,
): Promise<{ readonly decided: readonly Decided[]; readonly broken: ReadonlySet<string> }> {
  const results = await Promise.allSettled(books.map((book) => decide(book)));
  const broken = new Set<string>();
  const decided: Decided[] = [];
  for (const [index, result] of results.entries()) {
    if (result.status === 'fulfilled') decided.push(result.value);
    else if (isConnectionFault(result.reason)) throw result.reason;
    else {
      const id = books[index]?.subscription.id ?? '';
      tellBroken(ctx, id, result.reason);
      broken.add(id);
    }
  }
  return { decided, broken };
}

function tellBroken(ctx: Context, subscriptionId: string, error: unknown): void {
  ctx.log.error('subscription cannot be worked with', { subscription_id: subscriptionId, ...errorFacts(error) });
}
