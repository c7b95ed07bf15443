import type { Context } from '../../context.ts';
import type { PaymentOfCharge } from '../../domain/refunds/chosen-payment.ts';
import { findingsAbout } from '../../infra/tables/books/findings.ts';
import { attemptDossiers, attemptsOf } from '../../infra/tables/charges/attempts.ts';
import type { ChargeRow, FindingRow } from '../../infra/tables/schema/change-columns.ts';

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
  const channels = new Map(dossiers.map(({ attempt, token }) => [attempt.id, token?.channelCode ?? null]));
  const tooMuch = new Set(proposed.map(({ reference }) => reference));
  const payments = collected.map((attempt) => ({
    paymentRequestId: attempt.paymentRequestId,
    paymentId: attempt.paymentId,
    channel: channels.get(attempt.id) ?? null,
    amount: attempt.amount,
    paidAt: attempt.outcomeAt ?? attempt.sentAt,
    isTooMuch: tooMuch.has(attempt.referenceId),
  }));
  return { payments: [...payments, ...beside(proposed, payments)], proposed };
}

/** What Xendit collected under the reference of an attempt once more has no attempt of its own. */
function beside(proposed: readonly FindingRow[], payments: readonly PaymentOfCharge[]): readonly PaymentOfCharge[] {
  const known = new Set(payments.map(({ paymentRequestId }) => paymentRequestId));
  return proposed.flatMap(({ kind, amount, paymentRequestId, paymentId, foundAt }) =>
    kind !== 'second_payment' || amount === null || known.has(paymentRequestId)
      ? []
      : [{ paymentRequestId, paymentId, channel: null, amount, paidAt: foundAt, isTooMuch: true }],
  );
}
