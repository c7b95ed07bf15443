import type { AccountContext } from '../../context.ts';
import { readBooks } from '../books/read-books.ts';

/** A day on either side: Xendit dates its list by a clock of its own. */
const MARGIN = { hours: 24 } as const;

/**
 * The references of all payments that Xendit lists between two instants. Null where that cannot be told: the list was not
 * read to its end, holds what cannot be read, goes on after `mostPages`, or is dated by another clock than ours.
 */
export async function listedReferences(
  ctx: AccountContext,
  from: Temporal.Instant,
  until: Temporal.Instant,
  mostPages: number,
): Promise<ReadonlySet<string> | null> {
  if (ctx.clock.kind === 'virtual') return null;
  const references = new Set<string>();
  let pages = 0;
  for await (const read of readBooks(ctx, { from: from.subtract(MARGIN), until: until.add(MARGIN) })) {
    if (read.kind === 'fault' || read.page.unreadable > 0) return null;
    for (const { referenceId } of read.page.payments) references.add(referenceId);
    pages += 1;
    if (pages >= mostPages && read.page.next !== null) return null;
  }
  return references;
}
