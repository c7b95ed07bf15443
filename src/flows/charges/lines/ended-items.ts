import type { Context } from '../../../context.ts';
import { canonicalJson } from '../../../domain/books/canonical-json.ts';
import { itemLine } from '../../../domain/charges/parts.ts';
import { storedLine } from '../../../domain/money/lines.ts';
import { isOver } from '../../../domain/subscriptions/subscription.ts';
import type { Change } from '../../../infra/tables/change/changes.ts';
import type { NewItem } from '../../../infra/tables/schema/item-columns.ts';
import { waitingItems } from '../../../infra/tables/subscriptions/items.ts';
import { record, type Subject } from '../../change/record.ts';

/**
 * The change with what follows for the lines that wait, where it ends the subscription: no charge follows that could have them, so they are
 * withdrawn and told, and nobody is asked for them.
 */
export async function withItemsEnded(
  ctx: Context,
  subject: Subject,
  change: Change,
  { at, actor }: { readonly at: Temporal.Instant; readonly actor: string },
): Promise<Change> {
  const { seen, subscription = {}, items = [], entries } = change;
  const waits = subscription.waitingItems ?? seen.waitingItems;
  if (waits === 0 || !isOver(subscription.status ?? seen.status) || isOver(seen.status)) return change;
  const taken = new Set(items.map(({ id }) => id));
  const left = ((await waitingItems(ctx.db, [seen.id])).get(seen.id) ?? []).filter(({ id }) => !taken.has(id));
  const told = left.map((item) => {
    const facts = { amount: item.amount, actor, why: `${item.text}: ${NO_CHARGE}`, detail: itemDetail(item) };
    return record(ctx.newId(seen.bucket), at, 'subscription.item_withdrawn', subject, facts);
  });
  return {
    ...change,
    subscription: { ...subscription, waitingItems: 0 },
    items: [...items, ...left.map(({ bucket, id }) => ({ bucket, id, chargeId: null, withdrawnAt: at }))],
    entries: [...entries, ...told],
  };
}

const NO_CHARGE = 'the subscription is over, and no charge follows';

/** An item as its entry in the ledger tells it. */
export function itemDetail(item: NewItem): string {
  return canonicalJson({ number: item.number, line: storedLine({ ...itemLine(item), tax: null }) });
}
