import type { Context } from '../../context.ts';
import type { Token } from '../../infra/gateway/gateway.ts';
import { applyChanges } from '../../infra/postgres/changes.ts';
import { tokenBook } from '../../infra/postgres/tokens.ts';
import { record } from '../record.ts';

const MOST_ROUNDS = 10;

/**
 * A webhook says that a payment token has ended. Xendit is asked whether it has: then nothing more is charged to it, and
 * charges of its subscription wait for the customer from their next attempt on. An activation says nothing that the
 * session does not say better.
 */
export async function endToken(ctx: Context, tokenId: string, said: Token['status'], now: Temporal.Instant) {
  if (isGood(said)) return { status: 'ignored', note: 'the session tells when a method is saved' } as const;
  if ((await tokenBook(ctx.db, tokenId)) === null)
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

async function end(ctx: Context, tokenId: string, status: Token['status'], now: Temporal.Instant) {
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const book = await tokenBook(ctx.db, tokenId);
    if (book === null) return { status: 'ignored', note: 'the payment token is none of ours' } as const;
    const { token, subscription } = book;
    if (token.status !== 'active') return { status: 'processed', note: 'already known' } as const;
    const why = `Xendit says that the payment token is ${status}.`;
    const applied = await applyChanges(ctx.db, ctx.buckets, [
      {
        seen: subscription,
        tokens: [{ bucket: token.bucket, id: token.id, status, endedReason: why, endedAt: now }],
        entries: [
          record(
            ctx.newId(token.bucket),
            now,
            'token.ended',
            { ...book, channel: token.channelCode },
            { why, actor: 'xendit' },
          ),
        ],
      },
    ]);
    if (applied.size > 0) return { status: 'processed', note: null } as const;
  }
  return { status: 'later', note: 'the subscription is being changed' } as const;
}
