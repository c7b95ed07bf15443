import type { KnownAttempt, Verdict } from '../../domain/books/reconciliation.ts';
import type { NamedAttempt } from '../../infra/tables/charges/attempts.ts';

/** One reference of ours with what both books have under it. */
export type Judged = {
  readonly referenceId: string;
  readonly subscriptionId: string;
  readonly attempt: (KnownAttempt & { readonly chargeId: string }) | null;
  readonly verdicts: readonly Verdict[];
};

/** A row as the rules of reconciliation see it. */
export function knownAttempt(row: NamedAttempt): KnownAttempt & { readonly chargeId: string } {
  const amount = { minor: row.amount, currency: row.currency };
  return { ...row, amount, outcome: row.outcome };
}
