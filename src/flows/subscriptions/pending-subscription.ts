import { canonicalJson } from '../../domain/books/canonical-json.ts';
import { type Coupon, type TakenCoupon, takenCoupon } from '../../domain/catalog/coupon.ts';
import { itemLine } from '../../domain/charges/parts.ts';
import { OWN_ACCOUNT } from '../../domain/control/account.ts';
import { storedLine } from '../../domain/money/lines.ts';
import { pending } from '../../domain/subscriptions/moves.ts';
import { trialOf, trialText } from '../../domain/subscriptions/trial.ts';
import type { OnboardingRow } from '../../infra/tables/schema/method-columns.ts';
import type { NewSubscription } from '../../infra/tables/subscriptions/new-subscription.ts';
import type { Customer } from '../../infra/tables/subscriptions/subscriptions.ts';
import type { CreateInput } from './create-input.ts';
import type { Agreed } from './terms.ts';

/** A subscription as it is stored first: with what was agreed on, and waiting for its customer's method. */
export function pendingSubscription(
  input: CreateInput,
  agreed: Agreed,
  customer: Customer,
  { number, subscriptionId }: Pick<OnboardingRow, 'number' | 'subscriptionId'>,
  now: Temporal.Instant,
): NewSubscription['subscription'] {
  const { catalog, plan, quantity, terms, items } = agreed;
  return {
    bucket: customer.bucket,
    id: subscriptionId,
    customerId: customer.id,
    account: OWN_ACCOUNT,
    referenceId: input.referenceId,
    ...pending,
    plan: plan.id,
    catalogVersion: catalog.version,
    amount: plan.price.minor,
    quantity,
    items: items.length,
    waitingItems: items.length,
    currency: plan.price.currency,
    country: plan.country,
    intervalCount: plan.interval.count,
    intervalUnit: plan.interval.unit,
    timeZone: terms.timeZone,
    chargeAt: plan.chargeAt,
    endsAfter: plan.endsAfter,
    trial: keptTrial(agreed, input),
    coupon: takenBy(agreed, input),
    wantedAnchor: terms.anchorDate,
    sessionNumber: number,
    successReturnUrl: terms.returnUrls.success,
    cancelReturnUrl: terms.returnUrls.cancel,
    allowedChannels: input.allowedChannels,
    locale: input.locale,
    metadata: input.metadata,
    createdAt: now,
  };
}

/** What was asked for, unless the customer had that trial already. */
function keptTrial({ catalog, plan }: Agreed, input: CreateInput): string | null {
  const asked = trialText(input.trial);
  const isRefused = plan.trial === null && trialOf(asked, catalog.plans.get(plan.id)?.trial ?? null) !== null;
  return isRefused ? 'none' : asked;
}

/** The coupon with what it promises this subscription; null: none. */
export function takenBy(agreed: Agreed, input: CreateInput): TakenCoupon | null {
  const coupon = couponOf(agreed, input);
  return coupon === null ? null : takenCoupon(coupon, agreed.plan.price.currency);
}

/** The coupon that is asked for, which `couponFaults` has found good; null: none. */
export function couponOf({ catalog }: Agreed, { coupon }: CreateInput): Coupon | null {
  return coupon === null ? null : (catalog.coupons.get(coupon) ?? null);
}

/** How many of the plan, and what waits for the first charge, where there is more to be said than the price. */
export function detailOf({ quantity, items }: Agreed): { readonly detail?: string } {
  if (quantity === 1 && items.length === 0) return {};
  return {
    detail: canonicalJson({ quantity, items: items.map((item) => storedLine({ ...itemLine(item), tax: null })) }),
  };
}
