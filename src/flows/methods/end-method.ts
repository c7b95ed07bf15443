import type { Context } from '../../context.ts';
import { ended, type TokenEnd } from '../../domain/methods/token-moves.ts';
import { applyChanges, type Change } from '../../infra/tables/change/changes.ts';
import { type TokenBook, tokenBooks } from '../../infra/tables/methods/tokens.ts';
import { record } from '../change/record.ts';
import { LOST, untilApplied } from '../change/until-applied.ts';

/** How a payment method ended, in one sentence why, and who said so. */
export type Ending = { readonly as: TokenEnd; readonly why: string; readonly actor: string };

/**
 * Ends a payment method for every subscription that is charged to it: each has its own mandate and its own ledger.
 * `busy`: some of them were being changed all the time.
 */
export async function endMethod(
  ctx: Context,
  tokenId: string,
  ending: Ending,
  now: Temporal.Instant,
): Promise<'ended' | 'known' | 'busy'> {
  let answer: 'ended' | 'known' = 'known';
  const round = async () => {
    const alive = await aliveOf(ctx, tokenId);
    if (alive.length === 0) return answer;
    const changes = alive.map((book) => endedOf(ctx, book, ending, now));
    if ((await applyChanges(ctx.db, ctx.buckets, changes)).size > 0) answer = 'ended';
    return LOST;
  };
  return await untilApplied<'ended' | 'known' | 'busy'>(round, () => 'busy');
}

/**
 * The same as changes, for whoever writes them with the outcome that ended the method: for every subscription that is charged to it but
 * those that are written anyway. One that changed meanwhile keeps its method until its next charge is admitted, which finds the end
 * in the rows of the others.
 */
export async function endingsElsewhere(
  ctx: Context,
  tokenId: string,
  ending: Ending,
  written: ReadonlySet<string>,
  now: Temporal.Instant,
): Promise<readonly Change[]> {
  const others = (await aliveOf(ctx, tokenId)).filter(({ subscription }) => !written.has(subscription.id));
  return others.map((book) => endedOf(ctx, book, ending, now));
}

async function aliveOf(ctx: Context, tokenId: string): Promise<readonly TokenBook[]> {
  const books = await tokenBooks(ctx.db, tokenId);
  return books.filter(({ token }) => token.status === 'active');
}

function endedOf(ctx: Context, book: TokenBook, { as, why, actor }: Ending, now: Temporal.Instant): Change {
  const { token, subscription } = book;
  const about = { ...book, channel: token.channelCode };
  return {
    seen: subscription,
    tokens: [ended(token, as, why, now)],
    entries: [record(ctx.newId(token.bucket), now, 'token.ended', about, { why, actor })],
  };
}
