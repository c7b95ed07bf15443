import type { Context } from '../../context.ts';
import { bucketOf, readReference } from '../../domain/attempt.ts';
import type { Currency } from '../../domain/money.ts';
import { isFinal, type Outcome, type OutcomeKind } from '../../domain/outcome.ts';
import type { Notice } from '../../infra/gateway/gateway.ts';
import { attemptBooks, attemptByReference } from '../../infra/postgres/attempts.ts';
import type { AttemptRow } from '../../infra/postgres/change-columns.ts';
import { settleAttempts } from '../billing/settle-attempts.ts';
import type { Fate } from './process-webhooks.ts';

type PaymentNotice = Extract<Notice, { readonly kind: 'payment' }>;

/**
 * Follows a payment's webhook to the attempt that it is about. Money is believed only after ids, amount, currency and
 * reference match our own attempt; where Xendit's own id was not known to us yet, Xendit is asked.
 */
export async function followPayment(ctx: Context, notice: PaymentNotice, now: Temporal.Instant): Promise<Fate> {
  const reference = readReference(notice.referenceId);
  if (reference?.kind !== 'attempt') return { status: 'ignored', note: 'the payment is none of ours' };
  const attempt = await attemptByReference(ctx.db, bucketOf(reference.subscriptionId), notice.referenceId ?? '');
  if (attempt === null)
    return { status: 'mismatched', note: 'the reference looks like ours, but we made no such attempt' };
  const known = attempt.outcome as OutcomeKind | null;
  const mismatch = await mismatchOf(ctx, attempt, notice);
  if (mismatch !== null) return { status: 'mismatched', note: mismatch };
  if (known === 'succeeded' || (isFinal(known) && notice.outcome.kind !== 'succeeded'))
    return { status: 'processed', note: 'already known' };
  const outcome = await confirmed(ctx, attempt, notice);
  if (outcome === null) return { status: 'later', note: 'Xendit did not confirm it yet' };
  await settleAttempts(ctx, [{ attemptId: attempt.id, outcome }], now);
  return { status: 'processed', note: null };
}

async function mismatchOf(ctx: Context, attempt: AttemptRow, notice: PaymentNotice): Promise<string | null> {
  const { amount } = notice;
  if (amount === null) return 'it carries no amount';
  if (amount.minor !== attempt.amount || amount.currency !== attempt.currency) {
    return `it says ${amount.minor} minor units of ${amount.currency}, the attempt was for ${attempt.amount} of ${attempt.currency}`;
  }
  if (attempt.paymentRequestId !== null && notice.paymentRequestId !== attempt.paymentRequestId)
    return 'it names another payment request than ours';
  if (notice.tokenId === null) return null;
  const [book] = await attemptBooks(ctx.db, [attempt.id]);
  return book?.token?.tokenId === notice.tokenId ? null : 'it names another payment token than ours';
}

/** The callback token is static and can be replayed: what we could not tie to an id of ours, Xendit itself must confirm. */
async function confirmed(ctx: Context, attempt: AttemptRow, notice: PaymentNotice): Promise<Outcome | null> {
  if (attempt.paymentRequestId !== null) return notice.outcome;
  const trace = {
    referenceId: attempt.referenceId,
    paymentRequestId: notice.paymentRequestId,
    amount: { minor: attempt.amount, currency: attempt.currency as Currency },
  };
  const found = await ctx.gateway.lookUp(trace);
  return found.kind === 'found' ? found.outcome : null;
}
