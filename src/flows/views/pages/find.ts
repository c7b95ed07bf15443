import type { Context } from '../../../context.ts';
import { bucketOf } from '../../../domain/charges/attempt.ts';
import { chargeDossier } from '../../../infra/tables/charges/charges.ts';
import { subscriptionDossier } from '../../../infra/tables/subscriptions/subscriptions.ts';
import { chargeIdOf, subscriptionsNamed, subscriptionsOfCustomer } from '../named.ts';

export type Found =
  | { readonly kind: 'charge' | 'subscription'; readonly id: string }
  | { readonly kind: 'customer'; readonly name: string };

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** What somebody holds: a charge by its id or an attempt's reference, a subscription by its id or reference, or a customer; null: none of these. */
export async function findThing(ctx: Context, held: string): Promise<Found | null> {
  if (held === '') return null;
  const id = await chargeIdOf(ctx, held);
  if (id !== null && uuid.test(id) && (await chargeDossier(ctx.db, bucketOf(id), id)) !== null)
    return { kind: 'charge', id };
  if (uuid.test(held))
    return (await subscriptionDossier(ctx.db, bucketOf(held), held)) === null
      ? null
      : { kind: 'subscription', id: held };
  const [named] = await subscriptionsNamed(ctx, held);
  if (named !== undefined) return { kind: 'subscription', id: named };
  return (await subscriptionsOfCustomer(ctx, held)).length > 0 ? { kind: 'customer', name: held } : null;
}
