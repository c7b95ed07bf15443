import type { Context } from '../../context.ts';
import type { ChargeBook } from '../../infra/tables/charges/charges.ts';
import { type Parked, parkCharges, type Standings } from '../../infra/tables/charging/breakers.ts';
import { decideEach } from '../change/apply-each.ts';
import { windowEndOf } from '../change/policies.ts';

/** Whether its channel lets no charge out. */
export function isOverStopped({ token }: ChargeBook, channels: Standings): boolean {
  const standing = token === null ? undefined : channels.get(token.channelCode);
  return standing !== undefined && standing.state !== 'closed';
}

/**
 * Charges of a stopped channel wait for it outside the queue, at most until their windows end. One whose window cannot be told
 * is left where it is, for the others' sake.
 */
export async function parkForChannel(ctx: Context, books: readonly ChargeBook[]): Promise<void> {
  const { decided } = await decideEach(ctx, books, async (book): Promise<Parked> => {
    const { bucket, id, nextAttemptAt } = book.charge;
    const waitsUntil = await windowEndOf(ctx, book);
    return { bucket, id, nextAttemptAt, waitsFor: book.token?.channelCode ?? '', waitsUntil };
  });
  await parkCharges(ctx.db, decided, 'Its channel is stopped, and it is tried once that goes on.');
}
