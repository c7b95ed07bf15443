import type { Context } from '../../context.ts';
import { putInForce, storeCatalog } from '../../infra/tables/catalog/catalog-versions.ts';
import { isUnmoved } from '../../infra/tables/catalog/live-groups.ts';
import { diffCatalog } from './diff-catalog.ts';
import { movedSince } from './judge-edit.ts';
import type { EditSource } from './read-edit.ts';

export type ApplyInput = {
  readonly source: EditSource;
  /** Of the diff that somebody was shown. */
  readonly digest: string;
  readonly actor: string;
  readonly reason: string | null;
};

export type AppliedEdit =
  | { readonly kind: 'applied'; readonly from: number; readonly version: number; readonly digest: string }
  | { readonly kind: 'nothing_to_do'; readonly version: number }
  | { readonly kind: 'faults'; readonly faults: readonly string[] }
  | { readonly kind: 'refused'; readonly detail: string };

/** How often a book may move between the last look and the statement before somebody is told. */
const MOST_LOOKS = 5;

/**
 * Puts an edit in force that somebody was shown, and nothing else: the book is judged again, and the one statement that says which version
 * is in force looks once more whether each row is there that it was judged on.
 */
export async function applyCatalog(ctx: Context, input: ApplyInput): Promise<AppliedEdit> {
  for (let looks = 0; looks < MOST_LOOKS; looks += 1) {
    const applied = await applyOnce(ctx, input);
    if (applied !== 'again') return applied;
  }
  return { kind: 'refused', detail: 'The book moves under the look at it: try again when less is changed.' };
}

async function applyOnce(ctx: Context, { source, digest, actor, reason }: ApplyInput): Promise<AppliedEdit | 'again'> {
  const diffed = await diffCatalog(ctx, source);
  if (diffed.kind === 'faults') return diffed;
  const { diff, judged } = diffed;
  const { from, after, changes, rows } = judged;
  if (diff.nothing_to_do) return { kind: 'nothing_to_do', version: from.version };
  const moved = movedSince(digest, judged);
  if (moved !== null)
    return {
      kind: 'refused',
      detail: `It is not as it was shown: ${moved}. Nothing was changed: look at dueday catalog diff again.`,
    };
  if (diff.faults.length > 0) return { kind: 'refused', detail: `It cannot be applied: ${diff.faults.join('; ')}.` };
  const at = await ctx.clock.now();
  ctx.failpoint?.('before-storing-catalog');
  const to = await storeCatalog(ctx.db, after.digest, after.source, at);
  ctx.failpoint?.('before-putting-in-force');
  const edited = changes.map(({ plan }) => plan);
  const apply = { from: from.version, to, shown: { digest, diff }, actor, reason, at };
  const isDone = await putInForce(ctx.db, apply, isUnmoved(edited, rows));
  ctx.failpoint?.('after-putting-in-force');
  return isDone ? { kind: 'applied', from: from.version, version: to, digest } : 'again';
}
