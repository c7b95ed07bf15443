import type { Context } from '../../context.ts';
import { findingsAbout, openUnder } from '../../infra/tables/books/findings.ts';
import { refundsOfCharge } from '../../infra/tables/refunds/refunds.ts';
import type { ChargeRow } from '../../infra/tables/schema/change-columns.ts';
import type { ClosedFinding, RefundRow } from '../../infra/tables/schema/refunds/refund-columns.ts';

/** The proposals that are carried out with this refund: all that was proposed of its payment has been given back. */
export async function carriedOut(
  ctx: Context,
  charge: ChargeRow,
  refund: Pick<RefundRow, 'id' | 'paymentRequestId' | 'amount' | 'referenceId'>,
  now: Temporal.Instant,
): Promise<readonly ClosedFinding[]> {
  const [proposed, refunds] = await Promise.all([
    findingsAbout(ctx.db, charge.bucket, charge.id),
    refundsOfCharge(ctx.db, charge.bucket, charge.id),
  ]);
  const before = refunds
    .filter(
      (one) => one.id !== refund.id && one.state === 'succeeded' && one.paymentRequestId === refund.paymentRequestId,
    )
    .reduce((sum, one) => sum + one.amount, 0n);
  const given = before + refund.amount;
  return proposed
    .filter(
      ({ closedAt, amount, paymentRequestId }) =>
        closedAt === null && amount !== null && amount <= given && paymentRequestId === refund.paymentRequestId,
    )
    .map(({ bucket, kind, reference }) => ({
      bucket,
      kind,
      reference,
      closedAt: now,
      closedWhy: givenBackBy(refund),
    }));
}

function givenBackBy({ referenceId }: Pick<RefundRow, 'referenceId'>): string {
  return `It was given back by refund ${referenceId}.`;
}

/** The proposals that this refund had carried out, which failed after all: they stand open again. */
export async function proposedAnew(
  ctx: Context,
  charge: ChargeRow,
  refund: Pick<RefundRow, 'referenceId'>,
): Promise<readonly ClosedFinding[]> {
  const about = await findingsAbout(ctx.db, charge.bucket, charge.id);
  return about
    .filter(({ closedWhy }) => closedWhy === givenBackBy(refund))
    .map(({ bucket, kind, reference }) => ({ bucket, kind, reference, closedAt: null, closedWhy: null }));
}

/** The doubt about a refund of which it is known now what became of it. */
export async function endedDoubt(
  ctx: Context,
  { bucket, referenceId }: Pick<RefundRow, 'bucket' | 'referenceId'>,
  now: Temporal.Instant,
): Promise<readonly ClosedFinding[]> {
  const open = await openUnder(ctx.db, [bucket], 'unknown_refund', [{ bucket, referenceId }]);
  return open.map((reference) => ({
    bucket,
    kind: 'unknown_refund' as const,
    reference,
    closedAt: now,
    closedWhy: 'It is known what became of the refund.',
  }));
}
