import type { Context } from '../../context.ts';
import { attemptNamed } from '../../domain/charges/attempt.ts';
import { chargesNamed } from '../../infra/tables/charges/charges.ts';
import type { NameKind } from '../../infra/tables/schema/methods.ts';
import { ownerOf } from '../../infra/tables/subscriptions/new-subscription.ts';
import { subscriptionIdsOf } from '../../infra/tables/subscriptions/subscriptions.ts';

/** Before somebody's own reference where an id is taken. */
const BY_REFERENCE = 'ref:';
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The id that a call means: itself, or that of the subscription with the reference in `ref:sub-1001`; null: there is none. */
export async function subscriptionIdOf({ db }: Context, asked: string): Promise<string | null> {
  if (!asked.startsWith(BY_REFERENCE)) return asked;
  return (await ownerOf(db, 'subscription', asked.slice(BY_REFERENCE.length)))?.ownerId ?? null;
}

/** The charge that a call means: by its id, or by the reference that Xendit shows of an attempt; null: there is none. */
export async function chargeIdOf({ db, buckets }: Context, asked: string): Promise<string | null> {
  const named = attemptNamed(asked);
  if (named === null) return asked;
  return (await chargesNamed(db, buckets, [named]))[0]?.chargeId ?? null;
}

/** The subscriptions that a filter names: by our id, or by the product's reference, with or without `ref:`. */
export async function subscriptionsNamed(ctx: Context, text: string): Promise<readonly string[]> {
  return await owners(ctx, ['subscription'], text);
}

/** All subscriptions of the customer whom a filter names: by our id, the product's reference, or Xendit's id. */
export async function subscriptionsOfCustomer(ctx: Context, text: string): Promise<readonly string[]> {
  const customers = await owners(ctx, ['customer', 'xendit_customer'], text);
  const owned = await Promise.all(customers.map((id) => subscriptionIdsOf(ctx.db, id)));
  return owned.flat();
}

/** What all filters that name some leave; undefined: none of them names any. */
export async function idsAsked(
  named: readonly (Promise<readonly string[]> | null)[],
): Promise<readonly string[] | undefined> {
  const lists = await Promise.all(named.filter((one) => one !== null));
  return lists.reduce<readonly string[] | undefined>(
    (left, list) => (left === undefined ? list : left.filter((id) => list.includes(id))),
    undefined,
  );
}

/** A name looks up one row by its key; a filter over the table would read all of it. */
async function owners({ db }: Context, kinds: readonly NameKind[], text: string): Promise<readonly string[]> {
  const byReference = text.startsWith(BY_REFERENCE);
  const name = byReference ? text.slice(BY_REFERENCE.length) : text;
  const found = await Promise.all(kinds.map((kind) => ownerOf(db, kind, name)));
  const ids = found.flatMap((owner) => (owner === null ? [] : [owner.ownerId]));
  return byReference || !uuid.test(text) ? ids : [...new Set([...ids, text.toLowerCase()])];
}
