import type { Context } from '../../../context.ts';
import { bucketOf } from '../../../domain/charges/attempt.ts';
import { chargesPaidBy } from '../../../infra/tables/books/log-list.ts';
import { chargeDossier } from '../../../infra/tables/charges/charges.ts';
import { subscriptionDossier } from '../../../infra/tables/subscriptions/subscriptions.ts';
import { chargeIdOf, subscriptionsNamed, subscriptionsOfCustomer } from '../named.ts';

/** What a text that somebody holds in their hand names: charges, and subscriptions by themselves or by their customer. */
export type Found = { readonly charges: readonly string[]; readonly subscriptions: readonly string[] };

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** Of Xendit: a payment, a request to pay, as its reports and its dashboard name them. */
const ofXendit = /^(py|pr|pay|pymt)-/;

/**
 * Finds by whatever finance holds: a reference of the product, our id or Xendit's of a customer, our id of a subscription or a charge,
 * an attempt's reference, a payment or a payment request of Xendit. Each is a look-up by key, in no case a reading of a table.
 */
export async function find(ctx: Context, text: string): Promise<Found> {
  const held = text.trim();
  if (ofXendit.test(held)) return { charges: await chargesPaidBy(ctx.db, held), subscriptions: [] };
  const [charges, named, ofCustomer] = await Promise.all([
    chargesNamed(ctx, held),
    subscriptionsNamed(ctx, held),
    subscriptionsOfCustomer(ctx, held),
  ]);
  const there = await Promise.all([...new Set([...named, ...ofCustomer])].map((id) => isThere(ctx, id)));
  return { charges, subscriptions: there.flat() };
}

/** An id that is nobody's names no subscription. */
async function isThere({ db }: Context, id: string): Promise<readonly string[]> {
  return (await subscriptionDossier(db, bucketOf(id), id)) === null ? [] : [id];
}

/** By our id, or by the reference of one of its attempts. */
async function chargesNamed(ctx: Context, text: string): Promise<readonly string[]> {
  const id = await chargeIdOf(ctx, text.toLowerCase().startsWith('due_') ? text : text.toLowerCase());
  if (id === null || !uuid.test(id)) return [];
  return (await chargeDossier(ctx.db, bucketOf(id), id)) === null ? [] : [id];
}
