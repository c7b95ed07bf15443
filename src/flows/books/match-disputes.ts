import type { AccountContext } from '../../context.ts';
import { isOlder, takenBy } from '../../domain/disputes/dispute.ts';
import { isConnectionFault } from '../../infra/database/db.ts';
import type { Dispute } from '../../infra/gateway/dispute.ts';
import { errorFacts } from '../../infra/logger.ts';
import { disputesKnownAs } from '../../infra/tables/disputes/disputes.ts';
import type { DisputeRow } from '../../infra/tables/schema/disputes/dispute-columns.ts';
import { turnToLook } from '../charges/look-up.ts';
import { followSaid } from '../disputes/follow-dispute.ts';
import type { Followed } from '../disputes/followed.ts';
import type { Comparison, Fault } from './comparison.ts';
import { readDisputes } from './read-books.ts';

/** Longer than a dispute lasts: what was raised before and is still open is asked about by its id. */
const RAISED_WITHIN = { hours: 24 * 180 } as const;

/**
 * What Xendit's list says of disputes, against our books: one whose webhook was lost is written down with its charge. An account that has no
 * such list is told by webhooks alone.
 */
export async function matchDisputes(
  ctx: AccountContext,
  until: Temporal.Instant,
  { tally }: Comparison,
): Promise<Fault | null> {
  for await (const read of readDisputes(ctx, { since: until.subtract(RAISED_WITHIN) })) {
    if (read.kind === 'fault') return read.fault;
    tally.unreadable += read.page.unreadable;
    for (const said of await differing(ctx, read.page.disputes)) {
      const followed = await followSafely(ctx, said);
      if (followed?.kind === 'no_turn') return { kind: 'stopped', text: 'the process is shutting down' };
      if (followed === null || followed.kind === 'silent') tally.unanswered += 1;
      else if (followed.kind === 'followed' && followed.isNew) tally.disputes += 1;
    }
  }
  return null;
}

/** Null: it cannot be worked with, and holds up none of the others. */
async function followSafely(ctx: AccountContext, said: Dispute): Promise<Followed | null> {
  try {
    return await followSaid(ctx, said, turnToLook);
  } catch (error) {
    if (isConnectionFault(error)) throw error;
    ctx.log.error('dispute cannot be compared', { dispute: said.disputeId, ...errorFacts(error) });
    return null;
  }
}

/** Those that our books do not have, or have otherwise. */
async function differing(ctx: AccountContext, listed: readonly Dispute[]): Promise<readonly Dispute[]> {
  const known = await disputesKnownAs(
    ctx.db,
    listed.map(({ disputeId }) => disputeId),
  );
  const byId = new Map(known.map((row) => [row.disputeId, row]));
  return listed.filter((said) => {
    const row = byId.get(said.disputeId);
    return row === undefined || ((row.state !== said.state || lacks(row, said)) && !isOlder(said, row));
  });
}

/** Whether our books have less with its bank than it has: what a refund had taken may be there again. */
function lacks({ held, amount, channel }: DisputeRow, { state, terminal }: Dispute): boolean {
  return held < takenBy({ state, channel, amount, terminal: terminal?.minor ?? null });
}
