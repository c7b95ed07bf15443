import type { Context } from '../../context.ts';
import type { Window } from '../../domain/books/reconciliation.ts';
import type { BookedRefund } from '../../infra/gateway/refund.ts';
import { refundsKnownAs } from '../../infra/tables/refunds/refunds.ts';
import { turnToLook } from '../charges/look-up.ts';
import { followRefund } from '../refunds/follow-refund.ts';
import type { Comparison, Fault } from './comparison.ts';
import { readRefunds } from './read-books.ts';

/** Refunds of an account that bills elsewhere too are asked about one by one, at every comparison: so many at most. */
const MOST_ASKED = 200;

/**
 * What Xendit's books say was given back, against ours: a refund whose webhook was lost is settled, and one that was made in Xendit's
 * dashboard is written down with its charge. Refunds of payments that are not ours leave nothing.
 */
export async function matchRefunds(ctx: Context, part: Window, { tally, asked }: Comparison): Promise<Fault | null> {
  for await (const read of readRefunds(ctx, part)) {
    if (read.kind === 'fault') return read.fault;
    tally.unreadable += read.page.unreadable;
    for (const { refundId } of await differing(ctx, read.page.refunds)) {
      if (asked.has(refundId)) continue;
      if (asked.size >= MOST_ASKED) return { kind: 'silent', text: TOO_MANY };
      asked.add(refundId);
      const followed = await followRefund(ctx, { refundId, referenceId: null }, turnToLook);
      if (followed.kind === 'no_turn') return { kind: 'stopped', text: 'the process is shutting down' };
      if (followed.kind === 'silent') tally.unanswered += 1;
      if (followed.kind === 'followed' && followed.isNew) tally.refunds += 1;
    }
  }
  return null;
}

const TOO_MANY = `more than ${MOST_ASKED} refunds of these days are not in our books: the others are asked about the next time`;

/** Those of which our books say something else. */
async function differing(
  ctx: Context,
  listed: readonly BookedRefund[],
): Promise<readonly { readonly refundId: string }[]> {
  const named = listed.flatMap(({ refundId, isGone }) => (refundId === null ? [] : [{ refundId, isGone }]));
  const known = await refundsKnownAs(
    ctx.db,
    named.map(({ refundId }) => refundId),
  );
  const gone = new Map(known.map((row) => [row.refundId, row.state === 'succeeded']));
  return named.filter(({ refundId, isGone }) => gone.get(refundId) !== isGone);
}
