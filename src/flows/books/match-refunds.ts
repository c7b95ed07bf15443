import type { AccountContext } from '../../context.ts';
import type { Window } from '../../domain/books/reconciliation.ts';
import { readReference } from '../../domain/charges/attempt.ts';
import { isConnectionFault } from '../../infra/database/db.ts';
import type { BookedRefund } from '../../infra/gateway/refund.ts';
import { errorFacts } from '../../infra/logger.ts';
import { refundsKnownAs } from '../../infra/tables/refunds/refunds.ts';
import { turnToLook } from '../charges/look-up.ts';
import { followRefund } from '../refunds/follow-refund.ts';
import type { Followed } from '../refunds/followed.ts';
import type { Comparison, Fault } from './comparison.ts';
import { readRefunds } from './read-books.ts';

/** Refunds of an account that bills elsewhere too are asked about one by one, at every comparison: so many at most in a part of it. */
const MOST_ASKED = 200;
const DAY_MS = 24 * 3_600_000;

/**
 * What Xendit's books say was given back, against ours: a refund whose webhook was lost is settled, and one that was made in Xendit's
 * dashboard is written down with its charge. Refunds of payments that are not ours leave nothing, so that they are asked about again:
 * where they are many others have their turn each day, behind those that have a name of ours.
 */
export async function matchRefunds(ctx: AccountContext, part: Window, { tally }: Comparison): Promise<Fault | null> {
  const found: Named[] = [];
  for await (const read of readRefunds(ctx, part)) {
    if (read.kind === 'fault') return read.fault;
    tally.unreadable += read.page.unreadable + read.page.refunds.filter(({ refundId }) => refundId === null).length;
    found.push(...(await differing(ctx, read.page.refunds)));
  }
  const turns = inTurn(found, await ctx.clock.now());
  tally.unanswered += Math.max(0, turns.length - MOST_ASKED);
  for (const { refundId } of turns.slice(0, MOST_ASKED)) {
    const followed = await followSafely(ctx, refundId);
    if (followed?.kind === 'no_turn') return { kind: 'stopped', text: 'the process is shutting down' };
    if (followed === null || followed.kind === 'silent') tally.unanswered += 1;
    else if (followed.kind === 'followed' && followed.isNew) tally.refunds += 1;
  }
  return null;
}

/** Null: it cannot be worked with, and holds up none of the others. */
async function followSafely(ctx: AccountContext, refundId: string): Promise<Followed | null> {
  try {
    return await followRefund(ctx, { refundId, referenceId: null }, turnToLook);
  } catch (error) {
    if (isConnectionFault(error)) throw error;
    ctx.log.error('refund cannot be compared', { refund_id: refundId, ...errorFacts(error) });
    return null;
  }
}

type Named = { readonly refundId: string; readonly referenceId: string };

/** Those with a name of ours first; of the others each has its day to be among the first. */
function inTurn(found: readonly Named[], now: Temporal.Instant): readonly Named[] {
  const isOurs = ({ referenceId }: Named) => readReference(referenceId) !== null;
  const others = found.filter((one) => !isOurs(one));
  const start = (Math.floor(now.epochMilliseconds / DAY_MS) * MOST_ASKED) % Math.max(1, others.length);
  return [...found.filter(isOurs), ...others.slice(start), ...others.slice(0, start)];
}

/** Those of which our books say something else. */
async function differing(ctx: AccountContext, listed: readonly BookedRefund[]): Promise<readonly Named[]> {
  const named = listed.flatMap(({ refundId, referenceId, isGone }) =>
    refundId === null ? [] : [{ refundId, referenceId, isGone }],
  );
  const known = await refundsKnownAs(
    ctx.db,
    named.map(({ refundId }) => refundId),
  );
  const gone = new Map(known.map((row) => [row.refundId, row.state === 'succeeded']));
  return named.filter(({ refundId, isGone }) => gone.get(refundId) !== isGone);
}
