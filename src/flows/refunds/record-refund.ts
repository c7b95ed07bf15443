import type { AccountContext, Context } from '../../context.ts';
import { attemptNamed, readReference } from '../../domain/charges/attempt.ts';
import { givenBack } from '../../domain/charges/return-moves.ts';
import { nextQuestion } from '../../domain/refunds/looks.ts';
import { foundAtXendit } from '../../domain/refunds/moves.ts';
import { isOpenRefund } from '../../domain/refunds/refund.ts';
import type { Refund } from '../../infra/gateway/refund.ts';
import type { Change } from '../../infra/tables/change/changes.ts';
import { attemptByReference } from '../../infra/tables/charges/attempts.ts';
import { type ChargeDossier, chargeDossier } from '../../infra/tables/charges/charges.ts';
import { lastRefundNumber, refundsKnownAs, refundsOfCharge } from '../../infra/tables/refunds/refunds.ts';
import type { AttemptRow } from '../../infra/tables/schema/change-columns.ts';
import type { NewRefund } from '../../infra/tables/schema/refunds/refund-columns.ts';
import { isApplied, LOST, tooOften, untilApplied } from '../change/until-applied.ts';
import { carriedOut } from './carried-out.ts';
import type { Followed, Turn } from './followed.ts';
import { refundEntry } from './refund-entry.ts';
import { type ReturnedFor, tellOfReturned } from './tell-of-returned.ts';

/** Who asked for it; Xendit does not say. */
const SOMEBODY = 'xendit';

/**
 * Writes down a refund that the books do not have: somebody made it in Xendit's dashboard, or its row was lost. One that the books cannot
 * have, since it gives back more than came in, is told to a person.
 */
export async function recordRefund(ctx: AccountContext, said: Refund, turn: Turn): Promise<Followed> {
  if (said.status === 'failed') return { kind: 'foreign' };
  if (!(await turn(ctx))) return { kind: 'no_turn' };
  const { paymentRequestId, paymentId } = said;
  const found = await ctx.gateway.referenceOf({ paymentRequestId, paymentId });
  if (found.kind === 'silent') return found;
  if (found.kind === 'refused')
    return found.status === 404
      ? { kind: 'foreign' }
      : { kind: 'silent', detail: `HTTP ${found.status} ${found.code}` };
  const named = attemptNamed(found.value);
  const attempt = named === null ? null : await attemptByReference(ctx.db, named.bucket, named.referenceId);
  if (named === null) return { kind: 'foreign' };
  if (attempt === null) return await foreign(ctx, said, { subscriptionId: named.subscriptionId, chargeId: null });
  return await write(ctx, said, attempt, named.subscriptionId);
}

async function write(
  ctx: AccountContext,
  said: Refund,
  attempt: AttemptRow,
  subscriptionId: string,
): Promise<Followed> {
  const { bucket, chargeId } = attempt;
  return await untilApplied<Followed>(
    async () => {
      const dossier = await chargeDossier(ctx.db, bucket, chargeId);
      const [known] = await refundsKnownAs(ctx.db, [said.refundId]);
      if (known !== undefined) return { kind: 'followed', said, isNew: false };
      if (dossier === null || dossier.charge.account !== ctx.account || !fits(dossier, said))
        return await foreign(ctx, said, { subscriptionId, chargeId });
      if (said.status === 'pending' && (await isSpokenFor(ctx, dossier, said, attempt)))
        return {
          kind: 'silent',
          detail: 'another refund of its payment is open here: it is written down once it is over',
        };
      const change = await changeOf(ctx, dossier, attempt, said, await ctx.clock.now());
      if (!(await isApplied(ctx, change))) return LOST;
      const about = { charge_id: chargeId, refund_id: said.refundId, amount: said.written };
      ctx.log.warn('payment was given back, and dueday had not asked for it', about);
      return { kind: 'followed', said, isNew: true };
    },
    tooOften(`Charge ${chargeId}`),
  );
}

/** Whether a refund of the same payment is open: the books have one at a time. */
async function isSpokenFor(
  ctx: Context,
  { charge }: ChargeDossier,
  said: Refund,
  attempt: AttemptRow,
): Promise<boolean> {
  const request = said.paymentRequestId ?? attempt.paymentRequestId;
  const others = await refundsOfCharge(ctx.db, charge.bucket, charge.id);
  return others.some(({ state, paymentRequestId }) => isOpenRefund(state) && paymentRequestId === request);
}

/** Whether as much came in, and is not given back yet. */
function fits({ charge }: ChargeDossier, { amount }: Refund): boolean {
  const left = charge.collected + charge.overpaid - charge.refunded - charge.chargedBack;
  return amount !== null && amount.currency === charge.currency && amount.minor > 0n && amount.minor <= left;
}

async function changeOf(
  ctx: Context,
  dossier: ChargeDossier,
  attempt: AttemptRow,
  said: Refund,
  now: Temporal.Instant,
): Promise<Change> {
  const refund = await rowOf(ctx, dossier, attempt, said, now);
  const isGone = refund.state === 'succeeded';
  const facts = { outcome: refund.state, why: refund.note, actor: SOMEBODY };
  const entry = isGone
    ? refundEntry(ctx, dossier, refund, 'refund.settled', now, { ...facts, money: -refund.amount })
    : refundEntry(ctx, dossier, refund, 'refund.requested', now, facts);
  return {
    seen: dossier.subscription,
    refunds: {
      asked: [refund],
      charges: isGone ? [givenBack(dossier.charge, refund.amount)] : [],
      closed: isGone ? await carriedOut(ctx, dossier.charge, refund, now) : [],
    },
    entries: [entry],
  };
}

async function rowOf(
  ctx: Context,
  { charge, subscription }: ChargeDossier,
  attempt: AttemptRow,
  said: Refund,
  now: Temporal.Instant,
): Promise<NewRefund> {
  const lost = readReference(said.referenceId);
  const isOurs = lost?.kind === 'refund' && lost.subscriptionId === subscription.id;
  const last = isOurs ? await lastRefundNumber(ctx.db, subscription.bucket, subscription.id) : 0;
  const note = isOurs
    ? 'its row was lost: Xendit has it under a reference of ours'
    : "somebody gave it back in Xendit's dashboard";
  return {
    bucket: charge.bucket,
    id: ctx.newId(charge.bucket),
    customerId: charge.customerId,
    account: charge.account,
    subscriptionId: subscription.id,
    chargeId: charge.id,
    // So that no later refund of ours has the name of the one that was lost.
    number: isOurs && lost.number > last ? lost.number : null,
    origin: 'xendit',
    referenceId: said.refundId,
    amount: said.amount?.minor ?? 0n,
    currency: charge.currency,
    paymentRequestId: said.paymentRequestId ?? attempt.paymentRequestId ?? said.refundId,
    paymentId: said.paymentId ?? attempt.paymentId,
    channel: null,
    reason: said.reason,
    note,
    request: null,
    askedBy: SOMEBODY,
    askedAt: now,
    ...foundAtXendit(
      {
        refundId: said.refundId,
        fee: said.fee?.minor ?? null,
        isPending: said.status === 'pending',
      },
      now,
      nextQuestion(0, now),
    ),
  };
}

async function foreign(ctx: Context, said: Refund, about: ReturnedFor): Promise<Followed> {
  await tellOfReturned(ctx, said, about, 'dueday did not ask for it');
  return { kind: 'foreign' };
}
