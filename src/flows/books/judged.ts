import type { BookedPayment, KnownAttempt, Verdict } from '../../domain/books/reconciliation.ts';
import type { NamedAttempt } from '../../infra/tables/charges/attempts.ts';

/** One attempt's reference with what both books have under it. */
export type Judged = {
  readonly referenceId: string;
  readonly subscriptionId: string;
  readonly attempt: (KnownAttempt & { readonly chargeId: string }) | null;
  /** Those that were read together; of a session each has a reference of its own. */
  readonly payments: readonly BookedPayment[];
  readonly verdicts: readonly Verdict[];
};

/** A row as the rules of reconciliation see it. */
export function knownAttempt(row: NamedAttempt): KnownAttempt & { readonly chargeId: string } {
  const amount = { minor: row.amount, currency: row.currency };
  return { ...row, amount, outcome: row.outcome };
}
