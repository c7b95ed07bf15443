import type { Context } from '../../../context.ts';
import { bucketOf } from '../../../domain/charges/attempt.ts';
import { chargeDossier } from '../../../infra/tables/charges/charges.ts';
import { chargeIdOf, subscriptionsNamed, subscriptionsOfCustomer } from '../named.ts';

export type Found =
  | { readonly kind: 'charge'; readonly id: string }
  | { readonly kind: 'subscription' | 'customer'; readonly name: string };

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** What somebody holds: a charge by its id or an attempt's reference, a subscription, or a customer; null: none of these. */
export async function findThing(ctx: Context, held: string): Promise<Found | null> {
  if (held === '') return null;
  const id = await chargeIdOf(ctx, held);
  if (id !== null && uuid.test(id) && (await chargeDossier(ctx.db, bucketOf(id), id)) !== null)
    return { kind: 'charge', id };
  if (!uuid.test(held) && (await subscriptionsNamed(ctx, held)).length > 0) return { kind: 'subscription', name: held };
  return !uuid.test(held) && (await subscriptionsOfCustomer(ctx, held)).length > 0
    ? { kind: 'customer', name: held }
    : null;
}
