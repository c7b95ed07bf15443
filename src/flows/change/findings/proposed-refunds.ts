import { type Finding, findingOf } from '../../../domain/books/finding.ts';
import { bucketOf } from '../../../domain/charges/attempt.ts';
import type { Decision } from '../../../domain/declines/decision.ts';
import { majorText } from '../../../domain/money/money.ts';
import type { AttemptDossier } from '../../../infra/tables/charges/attempts.ts';
import type { AttemptOutcome, NewFinding } from '../../../infra/tables/schema/change-columns.ts';

/** The refund that a settlement proposes, if it does: written down with the money that it is about. */
export function proposalOf(
  dossier: AttemptDossier,
  after: AttemptOutcome,
  decision: Decision,
  now: Temporal.Instant,
): readonly NewFinding[] {
  const { attempt, charge, subscription } = dossier;
  const amount = { minor: attempt.amount, currency: attempt.currency };
  const settled = {
    referenceId: attempt.referenceId,
    known: attempt.outcome,
    charge: { id: charge.id, status: charge.status, amount },
    subscription: { id: subscription.id, status: subscription.status },
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
  const { amount: minor, currency } = row;
  const refund = minor === null || currency === null ? null : `${currency} ${majorText({ minor, currency })}`;
  return {
    finding: row.kind,
    reference_id: row.reference,
    subscription_id: row.subscriptionId,
    payment_id: row.paymentId,
    proposed_refund: refund,
    why: row.why,
  };
}
