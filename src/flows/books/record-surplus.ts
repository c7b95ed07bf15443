import type { AccountContext, Context } from '../../context.ts';
import type { Finding } from '../../domain/books/finding.ts';
import {
  type BookedPayment,
  confirmedPayment,
  identityOf,
  type KnownAttempt,
  surplus,
} from '../../domain/books/reconciliation.ts';
import { attemptNamed } from '../../domain/charges/attempt.ts';
import { overpaid } from '../../domain/charges/moves.ts';
import { isFound } from '../../infra/tables/books/findings.ts';
import type { Change } from '../../infra/tables/change/changes.ts';
import { type AttemptDossier, attemptDossiers, attemptsByReference } from '../../infra/tables/charges/attempts.ts';
import type { NewFinding } from '../../infra/tables/schema/change-columns.ts';
import { findingRow } from '../change/findings/proposed-refunds.ts';
import { record } from '../change/record.ts';
import { isApplied, LOST, tooOften, untilApplied } from '../change/until-applied.ts';
import type { Comparison } from './comparison.ts';
import { type Judged, knownAttempt } from './judged.ts';
import { readBooks } from './read-books.ts';
import { tell } from './write-down.ts';

/**
 * Attempts that may have been collected more than once under one reference, which only cards are safe from: Xendit is
 * asked for all payments of the reference, and each one too many is an overpayment with a refund proposed.
 */
export async function recordSurplus(
  ctx: AccountContext,
  suspects: readonly Judged[],
  comparison: Comparison,
): Promise<void> {
  for (const { referenceId, attempt, payments: read } of suspects) {
    if (attempt === null) continue;
    // Those of a session are found under no common reference: what is not among these is met when it is read itself.
    const isOfSession = attemptNamed(referenceId)?.isOfSession === true;
    const payments = isOfSession ? besideKnown(read, attempt) : await paymentsOf(ctx, referenceId);
    if (payments === null) comparison.tally.unanswered += 1;
    else await recordEach(ctx, attempt.id, payments, comparison);
  }
}

/** Beside the payment that the attempt is known by, only what names itself can be told from it. */
function besideKnown(read: readonly BookedPayment[], attempt: KnownAttempt): readonly BookedPayment[] {
  const named = read.filter((one) => one.paymentId !== null);
  const { paymentId } = attempt;
  const [first] = named;
  if (first === undefined || paymentId === null) return named;
  return [confirmedPayment({ paymentId, paymentRequestId: null }, attempt, first.createdAt), ...named];
}

/** All that Xendit has under one reference; null when it did not tell. */
export async function paymentsOf(ctx: AccountContext, referenceId: string): Promise<readonly BookedPayment[] | null> {
  const payments: BookedPayment[] = [];
  for await (const read of readBooks(ctx, { referenceId })) {
    if (read.kind === 'fault') return null;
    payments.push(...read.page.payments.filter((payment) => payment.referenceId === referenceId));
  }
  return payments;
}

async function recordEach(
  ctx: Context,
  attemptId: string,
  payments: readonly BookedPayment[],
  { tally }: Comparison,
): Promise<void> {
  const [book] = await attemptDossiers(ctx.db, ctx.buckets, [attemptId]);
  if (book === undefined) return;
  const { bucket, referenceId } = book.attempt;
  const [row] = await attemptsByReference(ctx.db, ctx.buckets, [{ bucket, referenceId }]);
  if (row === undefined) return;
  for (const payment of surplus(payments, knownAttempt(row))) {
    const row = await recordOne(ctx, attemptId, payment);
    if (row === null) continue;
    tally.found.second_payment += 1;
    tell(ctx, row);
  }
}

/** Once, whoever else is at it: the row of the finding and the fence are looked at, in this order, on what was read last. */
export async function recordOne(ctx: Context, attemptId: string, payment: BookedPayment): Promise<NewFinding | null> {
  return await untilApplied(
    async () => {
      const [book] = await attemptDossiers(ctx.db, ctx.buckets, [attemptId]);
      if (book === undefined || payment.amount === null) return null;
      if (await isFound(ctx.db, book.charge.bucket, 'second_payment', identityOf(payment))) return null;
      const now = await ctx.clock.now();
      const row = findingRow(findingOf(book, payment), now);
      return (await isApplied(ctx, changeOf(ctx, book, payment, row, now))) ? row : LOST;
    },
    tooOften(`Attempt ${attemptId}`),
  );
}

function findingOf({ attempt, charge, subscription }: AttemptDossier, payment: BookedPayment): Finding {
  return {
    kind: 'second_payment',
    reference: identityOf(payment),
    subscriptionId: subscription.id,
    chargeId: charge.id,
    refund: payment.amount,
    paymentId: payment.paymentId,
    paymentRequestId: payment.paymentRequestId,
    why: `Xendit collected attempt ${attempt.referenceId} more than once: give this payment back.`,
    closedWhy: null,
  };
}

function changeOf(
  ctx: Context,
  book: AttemptDossier,
  payment: BookedPayment,
  finding: NewFinding,
  now: Temporal.Instant,
): Change {
  const { charge, subscription, token } = book;
  const money = payment.amount?.minor ?? 0n;
  const { paymentId, paymentRequestId } = payment;
  const subject = {
    ...book,
    attempt: { ...book.attempt, paymentId, paymentRequestId },
    channel: token?.channelCode ?? null,
  };
  const facts = { money, outcome: 'succeeded', decision: 'overpaid', why: finding.why };
  return {
    seen: subscription,
    charges: [overpaid(charge, money, finding.why)],
    entries: [record(ctx.newId(charge.bucket), now, 'payment.overpaid', subject, facts)],
    findings: [finding],
  };
}
