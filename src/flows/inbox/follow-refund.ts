import type { Context } from '../../context.ts';
import { attemptNamed } from '../../domain/charges/attempt.ts';
import type { Notice } from '../../infra/gateway/gateway.ts';
import { writeFindings } from '../../infra/tables/books/findings.ts';
import { attemptByReference } from '../../infra/tables/charges/attempts.ts';
import { referenceAside } from '../charges/look-up.ts';
import { findingRow } from '../refunds/proposed-refunds.ts';
import type { Fate } from './follow-payment.ts';

type RefundNotice = Extract<Notice, { readonly kind: 'refund' }>;

/**
 * Money went back to a customer, and dueday did not ask for it: somebody refunded the payment in Xendit's dashboard. The
 * books still show the charge as collected, so a person is told; nothing is moved by what a webhook says.
 */
export async function followRefund(ctx: Context, notice: RefundNotice, now: Temporal.Instant): Promise<Fate> {
  const found = await referenceAside(ctx, notice);
  if (found === null) return { kind: 'no_turn', note: 'all that may be asked in this minute was asked' };
  if (found.kind === 'refused' && found.status === 404)
    return { kind: 'ignored', note: 'Xendit knows no such payment' };
  if (found.kind !== 'ok') return { kind: 'later', note: `Xendit did not say whose payment it was: ${found.kind}` };
  const named = attemptNamed(found.value);
  if (named === null) return { kind: 'ignored', note: 'the payment is none of ours' };
  const { subscriptionId } = named;
  const attempt = await attemptByReference(ctx.db, named.bucket, named.referenceId);
  const { refundId, paymentId, paymentRequestId, written } = notice;
  const why = `Xendit gave ${written} of attempt ${found.value} back to the customer, and dueday did not ask for it: a person decides what the charge is now.`;
  const chargeId = attempt?.chargeId ?? null;
  const about = { subscriptionId, chargeId, paymentId, paymentRequestId, why };
  const finding = { kind: 'returned', reference: refundId, refund: null, closedWhy: null, ...about } as const;
  const fresh = await writeFindings(ctx.db, [findingRow(finding, now)]);
  if (fresh.length > 0) ctx.log.error('payment was given back', { charge_id: chargeId, refund: refundId, why });
  return { kind: 'processed', note: null };
}
