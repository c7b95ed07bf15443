import type { Context } from '../../context.ts';
import { bucketOf, onboardingReference, readReference } from '../../domain/charges/attempt.ts';
import type { Notice, Token } from '../../infra/gateway/gateway.ts';
import {
  keepLastTry,
  newestOpenOf,
  type Onboarding,
  onboardingByReference,
} from '../../infra/tables/methods/onboardings.ts';
import { ownerOf } from '../../infra/tables/subscriptions/new-subscription.ts';
import { ofSubscription } from '../control/of-account.ts';
import { tokenInTurn } from './in-turn.ts';

type TokenNotice = Extract<Notice, { readonly kind: 'token' }>;

/**
 * A customer tried to save a method in an open session, and could not: the session stays open, and people see what the last try ended
 * with. What counts is what Xendit answers. Null: it was in no session of ours.
 */
export async function noteTry(ctx: Context, notice: TokenNotice, now: Temporal.Instant) {
  const session = await sessionOf(ctx, notice);
  if (session === null) return null;
  if (session.status !== 'active') return { kind: 'processed', note: 'its session is over' } as const;
  const answer = await tokenInTurn(await ofSubscription(ctx, session.subscriptionId), notice.tokenId);
  if (answer.kind !== 'ok') return { kind: 'later', note: `Xendit did not say: ${answer.kind}` } as const;
  const { status, failureCode = null } = answer.value;
  if (status !== 'failed') return { kind: 'unconfirmed', note: `the payment token is ${status} at Xendit` } as const;
  if (!(await isOfSession(ctx, session, answer.value)))
    return { kind: 'mismatched', note: 'Xendit knows the payment token in another session' } as const;
  await keepLastTry(ctx.db, session, { failure_code: failureCode, at: now.toString() });
  return { kind: 'processed', note: null } as const;
}

type Names = { readonly referenceId?: string | null; readonly customerId: string | null };

/** By the reference of the session, which Xendit appends to; else the newest open one of that customer. */
async function sessionOf(ctx: Context, { referenceId = null, customerId }: Names): Promise<Onboarding | null> {
  const named = readReference(referenceId);
  if (named?.kind === 'onboarding') {
    const { subscriptionId, number } = named;
    const reference = onboardingReference(subscriptionId, number);
    return await onboardingByReference(ctx.db, bucketOf(subscriptionId), subscriptionId, reference);
  }
  const owner = customerId === null ? null : await ownerOf(ctx.db, 'xendit_customer', customerId);
  if (owner === null || customerId === null) return null;
  return await newestOpenOf(ctx.db, bucketOf(owner.ownerId), customerId);
}

async function isOfSession(ctx: Context, session: Onboarding, said: Token): Promise<boolean> {
  const found = await sessionOf(ctx, said);
  return found?.subscriptionId === session.subscriptionId && found.number === session.number;
}
