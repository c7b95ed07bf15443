import type { Context } from '../../context.ts';
import type { Token } from '../../infra/gateway/gateway.ts';
import { applyChanges, type Change } from '../../infra/postgres/changes.ts';
import { type TokenBook, tokenBooks } from '../../infra/postgres/tokens.ts';
import { record } from '../record.ts';

const MOST_ROUNDS = 10;

/**
 * A webhook says that a payment token has ended. Xendit is asked whether it has: then nothing more is charged to it, and
 * charges of its subscriptions wait for the customer from their next attempt on. An activation says nothing that the
 * session does not say better.
 */
export async function endToken(ctx: Context, tokenId: string, said: Token['status'], now: Temporal.Instant) {
  if (isGood(said)) return { status: 'ignored', note: 'the session tells when a method is saved' } as const;
  if ((await tokenBooks(ctx.db, tokenId)).length === 0)
    return { status: 'ignored', note: 'the payment token is none of ours' } as const;
  const answer = await ctx.gateway.token(tokenId);
  if (answer.kind !== 'ok') return { status: 'later', note: `Xendit did not say: ${answer.kind}` } as const;
  const { status } = answer.value;
  if (isGood(status)) return { status: 'unconfirmed', note: `the payment token is ${status} at Xendit` } as const;
  return await end(ctx, tokenId, status, now);
}

function isGood(status: Token['status']): boolean {
  return status === 'active' || status === 'pending';
}

/** Each subscription that is charged to it has its own mandate and its own ledger. */
async function end(ctx: Context, tokenId: string, status: Token['status'], now: Temporal.Instant) {
  let note: string | null = 'already known';
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const books = await tokenBooks(ctx.db, tokenId);
    const alive = books.filter(({ token }) => token.status === 'active');
    if (alive.length === 0) return { status: 'processed', note } as const;
    const changes = alive.map((book) => ended(ctx, book, status, now));
    if ((await applyChanges(ctx.db, ctx.buckets, changes)).size > 0) note = null;
  }
  return { status: 'later', note: 'the subscription is being changed' } as const;
}

function ended(ctx: Context, book: TokenBook, status: Token['status'], now: Temporal.Instant): Change {
  const { token, subscription } = book;
  const why = `Xendit says that the payment token is ${status}.`;
  const about = { ...book, channel: token.channelCode };
  return {
    seen: subscription,
    tokens: [{ bucket: token.bucket, id: token.id, status, endedReason: why, endedAt: now }],
    entries: [record(ctx.newId(token.bucket), now, 'token.ended', about, { why, actor: 'xendit' })],
  };
}
