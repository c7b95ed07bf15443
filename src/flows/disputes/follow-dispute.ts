import type { AccountContext } from '../../context.ts';
import { attemptNamed } from '../../domain/charges/attempt.ts';
import type { Dispute } from '../../infra/gateway/dispute.ts';
import type { Answer } from '../../infra/gateway/gateway.ts';
import { attemptByReference } from '../../infra/tables/charges/attempts.ts';
import { accountOf } from '../../infra/tables/subscriptions/account-of.ts';
import type { Followed, Turn } from './followed.ts';
import { tellOfUnknown } from './tell-of-unknown.ts';
import { writeDispute } from './write-dispute.ts';

/**
 * Brings the books to what Xendit says of a dispute of which somebody told, who may be nobody. Where the account does not have the calls
 * that read disputes, what was told is all that there is, and it has to name a payment of ours.
 */
export async function followDispute(ctx: AccountContext, told: Dispute, turn: Turn): Promise<Followed> {
  if (!(await turn(ctx))) return { kind: 'no_turn' };
  const answer = await ctx.gateway.disputeById(told.disputeId);
  if (answer.kind === 'ok') return await followSaid(ctx, answer.value, turn);
  if (answer.kind === 'silent' || answer.status !== 404) return unanswered(answer);
  if (!(await turn(ctx))) return { kind: 'no_turn' };
  const listed = await ctx.gateway.disputes({ paymentId: told.paymentId ?? told.disputeId }, null);
  if (listed.kind === 'ok') return { kind: 'unknown' };
  if (listed.kind === 'silent' || listed.status !== 404) return unanswered(listed);
  // Whoever sent it may have invented it: whose payment it is, Xendit says.
  return await followSaid(ctx, { ...told, referenceId: null }, turn);
}

function unanswered(answer: Exclude<Answer<unknown>, { readonly kind: 'ok' }>): Followed {
  if (answer.kind === 'silent') return answer;
  return { kind: 'silent', detail: `HTTP ${answer.status} ${answer.code}: ${answer.message}` };
}

/** The same for what Xendit itself said. */
export async function followSaid(ctx: AccountContext, said: Dispute, turn: Turn): Promise<Followed> {
  const reference = await referenceOf(ctx, said, turn);
  if (typeof reference !== 'string') return reference;
  const named = attemptNamed(reference);
  if (named === null) return { kind: 'foreign' };
  const { subscriptionId, bucket, referenceId } = named;
  if ((await accountOf(ctx.db, subscriptionId)) !== ctx.account) return { kind: 'foreign' };
  const attempt = await attemptByReference(ctx.db, bucket, referenceId);
  if (attempt === null) return await tellOfUnknown(ctx, said, { subscriptionId, chargeId: null });
  // A session may be paid twice: what is disputed then is another payment of the same charge.
  const isOther =
    !named.isOfSession && said.paymentId !== null && (attempt.paymentId ?? said.paymentId) !== said.paymentId;
  if (isOther) return { kind: 'other' };
  if (attempt.outcome !== 'succeeded') return { kind: 'silent', detail: 'the books do not have its payment yet' };
  return await writeDispute(ctx, said, attempt);
}

/** The reference under which the disputed payment was asked for; Xendit is asked where it is not told, or is not one of ours. */
async function referenceOf(
  ctx: AccountContext,
  { referenceId, paymentId }: Dispute,
  turn: Turn,
): Promise<string | Followed> {
  if (referenceId !== null && attemptNamed(referenceId) !== null) return referenceId;
  if (paymentId === null) return { kind: 'foreign' };
  if (!(await turn(ctx))) return { kind: 'no_turn' };
  const found = await ctx.gateway.referenceOf({ paymentRequestId: null, paymentId });
  if (found.kind === 'ok') return found.value;
  return found.kind === 'refused' && found.status === 404 ? { kind: 'foreign' } : unanswered(found);
}
