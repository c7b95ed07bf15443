import type { Context } from '../../../context.ts';
import type { Coupon } from '../../../domain/catalog/coupon.ts';
import { isConnectionFault } from '../../../infra/database/db.ts';
import { sha256 } from '../../../infra/ids.ts';
import { type CouponUse, type Spent, whyNotTaken } from '../../../infra/tables/catalog/coupon-uses.ts';
import {
  insertSubscription,
  isNameTaken,
  type NewSubscription,
} from '../../../infra/tables/subscriptions/new-subscription.ts';
import { type SubscriptionDossier, subscriptionDossier } from '../../../infra/tables/subscriptions/subscriptions.ts';
import { record } from '../../change/record.ts';
import type { CreateInput } from '../create-input.ts';
import { couponOf, detailOf } from '../pending-subscription.ts';
import type { Agreed } from '../terms.ts';

/** `overtaken`: somebody took one of its names, or its coupon, meanwhile, and it is looked at anew. `spent`: no use of the coupon is left. */
export type Stored =
  | { readonly kind: 'stored'; readonly dossier: SubscriptionDossier }
  | { readonly kind: 'overtaken' }
  | { readonly kind: 'spent'; readonly detail: string };

/** Stores a new subscription with all that belongs to it, or nothing of it; its first entry says that it was created. */
export async function storeSubscription(
  ctx: Context,
  input: CreateInput,
  agreed: Agreed,
  begun: Omit<NewSubscription, 'requestHash' | 'use'>,
  now: Temporal.Instant,
): Promise<Stored> {
  const { subscription, customer } = begun;
  const coupon = couponOf(agreed, input);
  const entry = record(
    ctx.newId(customer.bucket),
    now,
    'subscription.created',
    { subscription, customer },
    { amount: agreed.plan.price.minor, actor: input.actor ?? 'product', ...detailOf(agreed) },
  );
  const made: NewSubscription = {
    ...begun,
    requestHash: sha256(input.canonical),
    use: coupon === null ? null : useOf(coupon, subscription, now),
    entries: [entry, ...begun.entries],
  };
  try {
    await insertSubscription(ctx.db, made);
  } catch (error) {
    const left = whyNotTaken(error);
    if (coupon !== null && left !== null && left !== 'again') return spentCoupon(coupon, left);
    if (left === null && (isConnectionFault(error) || !(await isNameTaken(ctx.db, made)))) throw error;
    return { kind: 'overtaken' };
  }
  const dossier = await subscriptionDossier(ctx.db, customer.bucket, subscription.id);
  if (dossier === null) throw new Error(`Subscription ${subscription.id} was stored and cannot be read.`);
  return { kind: 'stored', dossier };
}

/** What is said where nobody may take the coupon any more. */
export function spentCoupon({ code, maxUses, perCustomer }: Coupon, left: Spent): Extract<Stored, { kind: 'spent' }> {
  const detail =
    left === 'spent'
      ? `The coupon ${code} was taken ${maxUses ?? 0} times, which is its max_uses in the catalog. Nothing was stored.`
      : `The customer took the coupon ${code} ${perCustomer ?? 0} times, which is its per_customer in the catalog. Nothing was stored.`;
  return { kind: 'spent', detail };
}

function useOf(
  coupon: Coupon,
  { bucket, id, customerId }: NewSubscription['subscription'],
  at: Temporal.Instant,
): CouponUse {
  return { coupon, bucket, subscriptionId: id, customerId, at };
}
