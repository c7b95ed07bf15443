import type { Currency } from '../../domain/money.ts';
import type { OutcomeKind } from '../../domain/outcome.ts';
import type { KnownAttempt, Verdict } from '../../domain/reconciliation.ts';
import type { NamedAttempt } from '../../infra/postgres/attempts.ts';

/** One reference of ours with what both books have under it. */
export type Judged = {
  readonly referenceId: string;
  readonly subscriptionId: string;
  readonly attempt: (KnownAttempt & { readonly chargeId: string }) | null;
  readonly verdicts: readonly Verdict[];
};

/** A row as the rules of reconciliation see it. */
export function knownAttempt(row: NamedAttempt): KnownAttempt & { readonly chargeId: string } {
  const amount = { minor: row.amount, currency: row.currency as Currency };
  return { ...row, amount, outcome: row.outcome as OutcomeKind | null };
}
