import type { Context } from '../../context.ts';
import type { Entry } from '../../domain/books/ledger.ts';
import { isToBePaid } from '../../domain/charges/waits.ts';
import { openChargesOf } from '../../infra/tables/charges/charges.ts';
import type { ChargeRow } from '../../infra/tables/schema/change-columns.ts';
import type { Owned } from '../../infra/tables/subscriptions/subscriptions.ts';
import { record } from '../change/record.ts';
import { triedAgain } from './tried-again.ts';
import { unpaidPeriod } from './unpaid-period.ts';

/** Why what is owed is tried at once: for the charges that are due, for the running period that was never paid, and by whom. */
export type Occasion = { readonly note: string; readonly why: string; readonly actor: string };

export type AtOnce = {
  /** As they will be. */
  readonly charges: readonly ChargeRow[];
  readonly entries: readonly Entry[];
  /** How many charges of the subscription are in dunning then. */
  readonly inDunning: number;
};

/**
 * All that a subscription owes is due now: what is due already, and the period that runs if it was never paid. What only its customer
 * can pay, on a page, is left to them.
 */
export async function tryAtOnce(
  ctx: Context,
  dossier: Owned,
  { note, why, actor }: Occasion,
  now: Temporal.Instant,
): Promise<AtOnce> {
  const { subscription } = dossier;
  const open = await openChargesOf(ctx.db, subscription.id);
  const due = open.filter((charge) => charge.status === 'due' && !isToBePaid(charge));
  const unpaid = await unpaidPeriod(ctx, subscription, now);
  const tried = (charge: ChargeRow) => triedAgain(ctx, { charge, subscription }, now);
  const owed = unpaid === null ? [] : [{ ...(await tried(unpaid)), note: why }];
  return {
    charges: [...(await Promise.all(due.map(tried))).map((charge) => ({ ...charge, note })), ...owed],
    entries: owed.map((charge) =>
      record(ctx.newId(charge.bucket), now, 'charge.released', { ...dossier, charge }, { why, actor }),
    ),
    inDunning: subscription.inDunning + owed.filter((one) => one.inDunning).length,
  };
}
