import type { Context } from '../../context.ts';
import type { SubscriptionRow } from '../../infra/tables/schema/change-columns.ts';

/** What somebody decided on is no longer so: nothing is done. */
export class MovedMeanwhile extends Error {
  override readonly name = 'MovedMeanwhile';
}

/** Whoever decided with a subscription before their eyes decides about nothing newer: their context says what place in the ledger they saw. */
export function stillAsSeen({ asSeen }: Context, { id, ledgerSeq }: SubscriptionRow): void {
  if (asSeen !== undefined && asSeen.subscription === id && asSeen.seq !== ledgerSeq)
    throw new MovedMeanwhile(`Subscription ${id} is at entry ${ledgerSeq}; decided was at ${asSeen.seq}.`);
}
