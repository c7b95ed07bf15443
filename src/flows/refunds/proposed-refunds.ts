import { type Finding, findingOf } from '../../domain/books/finding.ts';
import { bucketOf } from '../../domain/charges/attempt.ts';
import type { ChargeStatus } from '../../domain/charges/charge.ts';
import type { OutcomeKind } from '../../domain/charges/outcome.ts';
import type { Decision } from '../../domain/declines/decision.ts';
import { type Currency, majorText } from '../../domain/money/money.ts';
import type { SubscriptionStatus } from '../../domain/subscriptions/subscription.ts';
import type { AttemptBook } from '../../infra/tables/charges/attempts.ts';
import type { AttemptOutcome, NewFinding } from '../../infra/tables/schema/change-columns.ts';

/** The refund that a settlement proposes, if it does: written down with the money that it is about. */
export function proposalOf(
  book: AttemptBook,
  after: AttemptOutcome,
  decision: Decision,
  now: Temporal.Instant,
): readonly NewFinding[] {
  const { attempt, charge, subscription } = book;
  const amount = { minor: attempt.amount, currency: attempt.currency as Currency };
  const settled = {
    referenceId: attempt.referenceId,
    known: attempt.outcome as OutcomeKind | null,
    charge: { id: charge.id, status: charge.status as ChargeStatus, amount },
    subscription: { id: subscription.id, status: subscription.status as SubscriptionStatus },
    paymentId: after.paymentId,
    paymentRequestId: after.paymentRequestId,
  };
  const finding = findingOf(settled, decision);
  return finding === null ? [] : [findingRow(finding, now)];
}

/** A finding as it is written down: in the bucket of its subscription, which may exist no longer. */
export function findingRow(finding: Finding, now: Temporal.Instant): NewFinding {
  const { refund, closedWhy, ...rest } = finding;
  return {
    ...rest,
    bucket: bucketOf(finding.subscriptionId),
    amount: refund?.minor ?? null,
    currency: refund?.currency ?? null,
    foundAt: now,
    closedAt: closedWhy === null ? null : now,
    closedWhy,
  };
}

/** What an admin reads of a proposal in the log. */
export function proposedRefund(row: NewFinding): Readonly<Record<string, string | null>> {
  const refund =
    row.amount === null
      ? null
      : `${row.currency} ${majorText({ minor: row.amount, currency: row.currency as Currency })}`;
  return {
    finding: row.kind,
    reference_id: row.reference,
    subscription_id: row.subscriptionId,
    payment_id: row.paymentId,
    proposed_refund: refund,
    why: row.why,
  };
}
