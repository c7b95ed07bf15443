import type { Context } from '../../context.ts';
import { bucketOf } from '../../domain/attempt.ts';
import { type ChargeFilter, chargeBook, chargePage } from '../../infra/postgres/charges.ts';
import { chargeView, wholeChargeView } from './charge-view.ts';
import { type Page, readCursor, writeCursor } from './cursor.ts';

export type ChargeView = ReturnType<typeof chargeView>;
export type WholeChargeView = Awaited<ReturnType<typeof wholeChargeView>>;

/** A page of charges, oldest due first. Throws CursorFault for a cursor that we never gave. */
export async function listCharges(
  ctx: Context,
  filter: ChargeFilter,
  cursor: string | null,
  limit: number,
): Promise<Page<ChargeView>> {
  const books = await chargePage(ctx.db, filter, readCursor(cursor, ['at', 'id'] as const), limit + 1);
  const shown = books.slice(0, limit);
  const last = shown.at(-1)?.charge;
  const more = books.length > limit && last !== undefined;
  return {
    data: shown.map((book) => chargeView(book.charge, book)),
    next_cursor: more ? writeCursor({ at: last.dueAt.toString(), id: last.id }) : null,
  };
}

/** One charge with its attempts; null when nobody has it. */
export async function showCharge(ctx: Context, id: string): Promise<WholeChargeView | null> {
  const book = await chargeBook(ctx.db, bucketOf(id), id);
  return book === null ? null : await wholeChargeView(ctx, book.charge, book);
}
