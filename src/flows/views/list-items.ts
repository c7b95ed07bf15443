import type { Context } from '../../context.ts';
import { bucketOf } from '../../domain/charges/attempt.ts';
import type { Currency } from '../../domain/money/money.ts';
import type { ItemRow } from '../../infra/tables/schema/item-columns.ts';
import { itemPage } from '../../infra/tables/subscriptions/items.ts';
import { subscriptionDossier } from '../../infra/tables/subscriptions/subscriptions.ts';
import { type Page, readCursor, writeCursor } from './cursor.ts';
import { major } from './subscription-view.ts';

export type ItemView = ReturnType<typeof itemView>;

/** A line that waits for the next charge, that a charge has, or that was withdrawn; major units. */
export function itemView(item: ItemRow, currency: Currency) {
  return {
    id: item.id,
    number: item.number,
    kind: item.kind,
    text: item.text,
    quantity: item.quantity,
    unit_amount: major(item.unitAmount, currency),
    amount: major(item.amount, currency),
    currency,
    period:
      item.periodStart === null || item.periodEnd === null
        ? null
        : { start: item.periodStart.toString(), end: item.periodEnd.toString() },
    why: item.why,
    state: stateOf(item),
    charge_id: item.chargeId,
    created_at: item.createdAt.toString(),
    withdrawn_at: item.withdrawnAt?.toString() ?? null,
  };
}

function stateOf({ chargeId, withdrawnAt }: ItemRow): 'charged' | 'waiting' | 'withdrawn' {
  if (withdrawnAt !== null) return 'withdrawn';
  return chargeId === null ? 'waiting' : 'charged';
}

/** A page of the items of a subscription, newest first; null when nobody has it. Throws CursorFault for a cursor that we never gave. */
export async function listItems(
  ctx: Context,
  id: string,
  cursor: string | null,
  limit: number,
): Promise<Page<ItemView> | null> {
  const after = readCursor(cursor, ['seq'] as const);
  const dossier = await subscriptionDossier(ctx.db, bucketOf(id), id);
  if (dossier === null) return null;
  const { bucket, currency } = dossier.subscription;
  const before = after === null ? null : Number(after.seq);
  const rows = await itemPage(ctx.db, { bucket, id }, before, limit + 1);
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const isMore = rows.length > limit && last !== undefined;
  return {
    data: shown.map((item) => itemView(item, currency)),
    next_cursor: isMore ? writeCursor({ seq: String(last.number) }) : null,
  };
}
