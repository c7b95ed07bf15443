import type { Context } from '../../context.ts';
import { givenBack } from '../../domain/charges/return-moves.ts';
import { leftBeside } from '../../domain/refunds/left.ts';
import { MOST_QUESTIONS, nextQuestion } from '../../domain/refunds/looks.ts';
import { failed, putOff, succeeded, taken } from '../../domain/refunds/moves.ts';
import { failureOf } from '../../domain/refunds/refusal.ts';
import type { Refund } from '../../infra/gateway/refund.ts';
import { closeFindings } from '../../infra/tables/books/findings.ts';
import type { Change } from '../../infra/tables/change/changes.ts';
import { type ChargeDossier, chargeDossier } from '../../infra/tables/charges/charges.ts';
import { keepRefund, refundOf } from '../../infra/tables/refunds/refunds.ts';
import type { RefundRow } from '../../infra/tables/schema/refunds/refund-columns.ts';
import { isApplied, LOST, tooOften, untilApplied } from '../change/until-applied.ts';
import { carriedOut, endedDoubt, proposedAnew } from './carried-out.ts';
import { refundEntry } from './refund-entry.ts';
import { tellOfPending } from './tell-of-pending.ts';
import { tellOfReturned } from './tell-of-returned.ts';

/** `other`: Xendit speaks of another amount or payment than the refund's. `gone`: the refund or its charge is nobody's. */
export type Settled = 'settled' | 'other' | 'gone';

/**
 * Writes down what Xendit says of a refund of ours, whoever told and however often. The books follow: money that left is given back in
 * them, and money that came back after all is there again.
 */
export async function settleRefund(
  ctx: Context,
  { bucket, id }: Pick<RefundRow, 'bucket' | 'id'>,
  said: Refund,
): Promise<Settled> {
  return await untilApplied<Settled>(
    async () => {
      const refund = await refundOf(ctx.db, bucket, id);
      const dossier = refund === null ? null : await chargeDossier(ctx.db, bucket, refund.chargeId);
      if (refund === null || dossier === null) return 'gone';
      if (!isSame(refund, said)) return 'other';
      const now = await ctx.clock.now();
      if (said.status !== 'failed' && !fits(refund, dossier)) return await leave(ctx, refund, said);
      if (said.status === 'pending') return (await keepPending(ctx, refund, said, now)) ? 'settled' : LOST;
      const change = await changeOf(ctx, dossier, refund, said, now);
      if (change === null) return 'settled';
      if (!(await isApplied(ctx, change))) return LOST;
      if (said.status === 'failed') tellOfFailure(ctx, refund, said);
      return 'settled';
    },
    tooOften(`Refund ${id}`),
  );
}

/** The books cannot have it: a person is told, and it is not sent from here, where it waited to be. */
async function leave(ctx: Context, refund: RefundRow, said: Refund): Promise<'settled'> {
  const { subscriptionId, chargeId } = refund;
  await tellOfReturned(ctx, said, { subscriptionId, chargeId }, 'of which it had said otherwise, or nothing');
  if (refund.state === 'approved')
    await keepRefund(
      ctx.db,
      refund,
      putOff(refund, { at: null, code: null, why: 'Xendit has it already: withdraw it here.' }),
    );
  return 'settled';
}

/** Whether the charge has so much left for it, unless it has taken it: its bank may have taken the money of a refund that had not left. */
function fits({ state, amount }: RefundRow, { charge }: ChargeDossier): boolean {
  return state === 'succeeded' || leftBeside(charge, []) >= amount;
}

/** The customer has no money: somebody has to see to it. */
function tellOfFailure(ctx: Context, { id, chargeId }: RefundRow, { refundId, failureCode }: Refund): void {
  const why = failureOf(failureCode);
  ctx.log.error('refund failed', { refund: id, charge_id: chargeId, refund_id: refundId, why });
}

/** Whether Xendit speaks of this refund: the same payment, where it says which, and the same money. */
function isSame(refund: RefundRow, said: Refund): boolean {
  if (refund.refundId !== null && refund.refundId !== said.refundId) return false;
  if (said.paymentRequestId !== null && said.paymentRequestId !== refund.paymentRequestId) return false;
  return said.amount?.minor === refund.amount && said.amount.currency === refund.currency;
}

async function keepPending(ctx: Context, refund: RefundRow, said: Refund, now: Temporal.Instant): Promise<boolean> {
  // A final word is not taken back by one that is older; of one that was withdrawn Xendit had not said any.
  if (refund.settledAt !== null && refund.state !== 'withdrawn') return true;
  const asks = refund.state === 'pending' ? refund.asks + 1 : 0;
  if (!(await keepRefund(ctx.db, refund, taken(refund, toldOf(said), nextQuestion(asks, now))))) return false;
  await closeFindings(ctx.db, [refund.bucket], [doubtOf(refund)], now, 'Xendit has the refund.');
  if (asks === MOST_QUESTIONS) tellOfPending(ctx, refund);
  return true;
}

function doubtOf({ bucket, referenceId }: RefundRow) {
  return { bucket, kind: 'unknown_refund', reference: referenceId } as const;
}

async function changeOf(
  ctx: Context,
  dossier: ChargeDossier,
  refund: RefundRow,
  said: Refund,
  now: Temporal.Instant,
): Promise<Change | null> {
  if (said.status === 'succeeded')
    return refund.state === 'succeeded' ? null : await gone(ctx, dossier, refund, said, now);
  if (refund.state === 'failed') return null;
  return refund.state === 'succeeded'
    ? await cameBack(ctx, dossier, refund, said, now)
    : await neverLeft(ctx, dossier, refund, said, now);
}

/** The money left. */
async function gone(
  ctx: Context,
  dossier: ChargeDossier,
  refund: RefundRow,
  said: Refund,
  now: Temporal.Instant,
): Promise<Change> {
  const after = succeeded(refund, toldOf(said), now);
  const facts = { money: -refund.amount, outcome: 'succeeded', why: refund.note };
  return {
    seen: dossier.subscription,
    refunds: {
      changed: [{ seen: refund, after }],
      charges: [givenBack(dossier.charge, refund.amount)],
      closed: [...(await carriedOut(ctx, dossier.charge, after, now)), ...(await endedDoubt(ctx, after, now))],
    },
    entries: [refundEntry(ctx, dossier, after, 'refund.settled', now, facts)],
  };
}

/** Xendit told of a success, and of a failure after it: the charge has its money again. */
async function cameBack(
  ctx: Context,
  dossier: ChargeDossier,
  refund: RefundRow,
  said: Refund,
  now: Temporal.Instant,
): Promise<Change> {
  const after = failedAfter(refund, said, now);
  const facts = { money: refund.amount, outcome: 'failed', failureCode: after.failureCode, why: after.why };
  return {
    seen: dossier.subscription,
    refunds: {
      changed: [{ seen: refund, after }],
      charges: [givenBack(dossier.charge, -refund.amount)],
      closed: await proposedAnew(ctx, dossier.charge, refund),
    },
    entries: [refundEntry(ctx, dossier, after, 'refund.settled', now, facts)],
  };
}

async function neverLeft(
  ctx: Context,
  dossier: ChargeDossier,
  refund: RefundRow,
  said: Refund,
  now: Temporal.Instant,
): Promise<Change> {
  const after = failedAfter(refund, said, now);
  const facts = { outcome: 'failed', failureCode: after.failureCode, why: after.why };
  return {
    seen: dossier.subscription,
    refunds: { changed: [{ seen: refund, after }], closed: await endedDoubt(ctx, after, now) },
    entries: [refundEntry(ctx, dossier, after, 'refund.failed', now, facts)],
  };
}

function failedAfter(refund: RefundRow, said: Refund, now: Temporal.Instant): RefundRow {
  const { failureCode } = said;
  return failed(refund, { said: toldOf(said), code: failureCode ?? 'REFUND_FAILED', why: failureOf(failureCode) }, now);
}

function toldOf({ refundId, fee }: Refund) {
  return { refundId, fee: fee?.minor ?? null };
}
