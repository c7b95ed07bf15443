import type { Context } from '../../context.ts';
import { bucketOf } from '../../domain/charges/attempt.ts';
import { type Currency, majorNumber } from '../../domain/money/money.ts';
import { standsStill } from '../../domain/subscriptions/pause.ts';
import { placeOf } from '../../domain/subscriptions/schedule.ts';
import type { ItemRow, NewItem } from '../../infra/tables/schema/item-columns.ts';
import { itemById } from '../../infra/tables/subscriptions/items.ts';
import type { SubscriptionDossier } from '../../infra/tables/subscriptions/subscriptions.ts';
import { type Facts, record } from '../change/record.ts';
import { unpaidCycles } from '../change/unpaid-cycles.ts';
import { itemDetail } from '../charges/lines/ended-items.ts';
import { newItem } from '../charges/lines/new-item.ts';
import { type AskedItem, itemOf } from './asked-items.ts';
import { type Changed, changeSubscription } from './change-subscription.ts';
import type { Fault } from './terms.ts';

/** `item`: the line that came, or went. */
export type ItemChanged =
  | { readonly kind: 'changed'; readonly item: ItemRow; readonly currency: Currency }
  | Exclude<Changed, { readonly kind: 'changed' }>;

/** Adds a line to the next charge of a subscription, of whatever is to be paid beside its plan. */
export async function addItem(ctx: Context, id: string, asked: AskedItem, actor: string): Promise<ItemChanged> {
  let added: NewItem | null = null;
  const changed = await changeSubscription(ctx, id, 'add_items', async (dossier, now) => {
    const { subscription } = dossier;
    if (!(await hasChargeToCome(ctx, dossier)))
      return { refused: 'No charge of the subscription is to come that could have it as a line.' };
    const item = itemOf(asked, subscription.currency, '');
    if ('faults' in item) return { faults: item.faults };
    const number = subscription.items + 1;
    added = newItem(ctx, subscription, { item, why: null, number }, now);
    const facts = { amount: added.amount, actor, why: added.text, detail: itemDetail(added) };
    return {
      seen: subscription,
      subscription: { items: number, waitingItems: subscription.waitingItems + 1 },
      addedItems: [added],
      entries: [told(ctx, dossier, 'subscription.item_added', facts, now)],
    };
  });
  return await answered(ctx, changed, added);
}

/** What a line would come to, in major units; nothing is written. */
export function previewItem(
  asked: AskedItem,
  currency: Currency,
): { readonly amount: number } | { readonly faults: readonly Fault[] } {
  const item = itemOf(asked, currency, '');
  return 'faults' in item ? item : { amount: majorNumber({ minor: item.amount, currency }) };
}

/** Takes a line back that waits for the next charge. */
export async function withdrawItem(ctx: Context, id: string, itemId: string, actor: string): Promise<ItemChanged> {
  const found = await itemById(ctx.db, bucketOf(id), itemId);
  if (found === null || found.subscriptionId !== id) return { kind: 'not_found' };
  const changed = await changeSubscription(ctx, id, 'add_items', async (dossier, now) => {
    const { subscription } = dossier;
    const item = await itemById(ctx.db, bucketOf(id), itemId);
    if (item === null || item.withdrawnAt !== null) return null;
    if (item.chargeId !== null) return { refused: `The item is a line of charge ${item.chargeId}, which has opened.` };
    const facts = { amount: item.amount, actor, why: item.text, detail: itemDetail(item) };
    return {
      seen: subscription,
      subscription: { waitingItems: subscription.waitingItems - 1 },
      items: [{ bucket: item.bucket, id: item.id, chargeId: null, withdrawnAt: now }],
      entries: [told(ctx, dossier, 'subscription.item_withdrawn', facts, now)],
    };
  });
  return await answered(ctx, changed, found);
}

async function hasChargeToCome(ctx: Context, { subscription }: SubscriptionDossier): Promise<boolean> {
  const { id, status, nextCycle, nextCycleAt } = subscription;
  if (status === 'pending') return true;
  const { over } = placeOf(subscription, [], (await unpaidCycles(ctx, [subscription])).get(id) ?? 0);
  const follows = nextCycleAt !== null || standsStill(subscription);
  return follows && (over === null || nextCycle < over);
}

function told(
  ctx: Context,
  dossier: SubscriptionDossier,
  kind: 'subscription.item_added' | 'subscription.item_withdrawn',
  facts: Facts,
  now: Temporal.Instant,
) {
  return record(ctx.newId(dossier.subscription.bucket), now, kind, dossier, facts);
}

async function answered(ctx: Context, changed: Changed, item: NewItem | null): Promise<ItemChanged> {
  if (changed.kind !== 'changed') return changed;
  const row = item === null ? null : await itemById(ctx.db, item.bucket, item.id);
  const { currency } = changed.dossier.subscription;
  return row === null ? { kind: 'not_found' } : { kind: 'changed', item: row, currency };
}
