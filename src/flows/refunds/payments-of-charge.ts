import type { Context } from '../../context.ts';
import { leftOfPayment, type PaymentOfCharge } from '../../domain/refunds/chosen-payment.ts';
import { leftBeside } from '../../domain/refunds/left.ts';
import { findingsAbout } from '../../infra/tables/books/findings.ts';
import { attemptDossiers, attemptsOf } from '../../infra/tables/charges/attempts.ts';
import { disputesOfCharge } from '../../infra/tables/disputes/disputes.ts';
import { refundsOfCharge } from '../../infra/tables/refunds/refunds.ts';
import type { ChargeRow, FindingRow } from '../../infra/tables/schema/change-columns.ts';
import type { DisputeRow } from '../../infra/tables/schema/disputes/dispute-columns.ts';
import type { RefundRow } from '../../infra/tables/schema/refunds/refund-columns.ts';

/** What came in for a charge, a payment each, and the refunds of them that are proposed. */
export type CameIn = { readonly payments: readonly PaymentOfCharge[]; readonly proposed: readonly FindingRow[] };

export async function cameInFor(ctx: Context, charge: ChargeRow): Promise<CameIn> {
  const proposed = (await findingsAbout(ctx.db, charge.bucket, charge.id)).filter(({ amount }) => amount !== null);
  const collected = (await attemptsOf(ctx.db, charge.bucket, charge.id)).filter(
    ({ outcome }) => outcome === 'succeeded',
  );
  const dossiers = await attemptDossiers(
    ctx.db,
    [charge.bucket],
    collected.map(({ id }) => id),
  );
  const disputes = await disputesOfCharge(ctx.db, charge.bucket, charge.id);
  const channels = new Map(dossiers.map(({ attempt, token }) => [attempt.id, token?.channelCode ?? null]));
  const tooMuch = new Set(proposed.map(({ reference }) => reference));
  const payments = collected.map((attempt) => ({
    paymentRequestId: attempt.paymentRequestId,
    paymentId: attempt.paymentId,
    channel: channels.get(attempt.id) ?? null,
    amount: attempt.amount,
    taken: heldOf(disputes, (one) => one.attemptId === attempt.id && isOf(one, attempt.paymentId)),
    paidAt: attempt.outcomeAt ?? attempt.sentAt,
    isTooMuch: tooMuch.has(attempt.referenceId),
  }));
  return { payments: [...payments, ...beside(proposed, payments, disputes)], proposed };
}

/** What Xendit collected under the reference of an attempt once more has no attempt of its own. */
function beside(
  proposed: readonly FindingRow[],
  payments: readonly PaymentOfCharge[],
  disputes: readonly DisputeRow[],
): readonly PaymentOfCharge[] {
  const known = new Set(payments.map(({ paymentRequestId }) => paymentRequestId));
  return proposed.flatMap(({ kind, amount, paymentRequestId, paymentId, foundAt }) =>
    kind !== 'second_payment' || amount === null || known.has(paymentRequestId)
      ? []
      : [
          {
            paymentRequestId,
            paymentId,
            channel: null,
            amount,
            taken: paymentId === null ? 0n : heldOf(disputes, (one) => one.paymentId === paymentId),
            paidAt: foundAt,
            isTooMuch: true,
          },
        ],
  );
}

function heldOf(disputes: readonly DisputeRow[], isAbout: (dispute: DisputeRow) => boolean): bigint {
  return disputes.reduce((sum, one) => (isAbout(one) ? sum + one.held : sum), 0n);
}

/** In a session two payments may be made: a dispute says of which it is. */
function isOf(dispute: DisputeRow, paymentId: string | null): boolean {
  return dispute.paymentId === null || paymentId === null || dispute.paymentId === paymentId;
}

/** Whether a refund that waits here may be sent now: its money is there, in the charge and in the payment that it is of. */
export async function isLeftFor(ctx: Context, charge: ChargeRow, refund: RefundRow): Promise<boolean> {
  const [{ payments }, refunds] = await Promise.all([
    cameInFor(ctx, charge),
    refundsOfCharge(ctx.db, charge.bucket, charge.id),
  ]);
  const own = payments.find(({ paymentRequestId }) => paymentRequestId === refund.paymentRequestId);
  const { amount } = refund;
  return leftBeside(charge, refunds) >= amount && (own === undefined || leftOfPayment(own, refunds) >= amount);
}
