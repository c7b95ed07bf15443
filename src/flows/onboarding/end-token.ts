import type { Context } from '../../context.ts';
import type { Notice, Token } from '../../infra/gateway/gateway.ts';
import { tokenDossiers } from '../../infra/tables/methods/tokens.ts';
import { ofAccount } from '../control/of-account.ts';
import { endMethod } from '../methods/end-method.ts';
import { tokenInTurn } from './in-turn.ts';
import { noteTry } from './note-try.ts';

/**
 * A webhook says that a payment token has ended. Xendit is asked whether it has: then nothing more is charged to it, and
 * charges of its subscriptions wait for the customer from their next attempt on. An activation says nothing that the
 * session does not say better, and a failure of one that nobody has saved is a try inside its session.
 */
export async function followTokenNotice(
  ctx: Context,
  notice: Extract<Notice, { readonly kind: 'token' }>,
  now: Temporal.Instant,
) {
  const { tokenId, status: said } = notice;
  if (isGood(said)) return { kind: 'ignored', note: 'the session tells when a method is saved' } as const;
  const [known] = await tokenDossiers(ctx.db, tokenId);
  if (known === undefined) {
    const noted = said === 'failed' ? await noteTry(ctx, notice, now) : null;
    if (noted !== null) return noted;
    return { kind: 'ignored', note: 'the payment token is none of ours' } as const;
  }
  const answer = await tokenInTurn(ofAccount(ctx, known.subscription.account), tokenId);
  if (answer.kind !== 'ok') return { kind: 'later', note: `Xendit did not say: ${answer.kind}` } as const;
  const { status } = answer.value;
  if (isGood(status)) return { kind: 'unconfirmed', note: `the payment token is ${status} at Xendit` } as const;
  const why = `Xendit says that the payment token is ${status}.`;
  const ended = await endMethod(ctx, tokenId, { as: status, why, actor: 'xendit', at: now }, now);
  if (ended === 'busy') return { kind: 'later', note: 'the subscription is being changed' } as const;
  return { kind: 'processed', note: ended === 'known' ? 'already known' : null } as const;
}

function isGood(status: Token['status']): status is 'active' | 'pending' {
  return status === 'active' || status === 'pending';
}
