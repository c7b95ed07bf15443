import type { Context } from '../../../context.ts';
import { localDate } from '../../../domain/calendar/cycle.ts';
import { agreementText } from '../../../domain/catalog/agreement.ts';
import { OWN_ACCOUNT } from '../../../domain/control/account.ts';
import { mandateFor } from '../../../domain/methods/mandate.ts';
import { onXenditsPage } from '../../../domain/methods/session-modes.ts';
import type { NewSubscription } from '../../../infra/tables/subscriptions/new-subscription.ts';
import type { Customer } from '../../../infra/tables/subscriptions/subscriptions.ts';
import { newItem } from '../../charges/lines/new-item.ts';
import { ofAccount } from '../../control/of-account.ts';
import { type Started, startOnboarding } from '../../onboarding/start-onboarding.ts';
import type { CreateInput } from '../create-input.ts';
import { pendingSubscription, takenBy } from '../pending-subscription.ts';
import type { Agreed } from '../terms.ts';

type Opened = Extract<Started, { readonly kind: 'opened' }>;

/** Opens the session in which the customer of a new subscription saves a method. */
export async function openSession(
  ctx: Context,
  input: CreateInput,
  agreed: Agreed,
  customer: Customer,
  now: Temporal.Instant,
): Promise<Started> {
  const { catalog, plan, terms } = agreed;
  const from = terms.anchorDate ?? localDate(now, terms.timeZone);
  let number = 0;
  return await startOnboarding(
    ofAccount(ctx, OWN_ACCOUNT),
    {
      bucket: customer.bucket,
      subscriptionId: ctx.newId(customer.bucket),
      subscriptionReference: input.referenceId,
      // Nobody has its id yet, so its numbers are nobody's either.
      nextNumber: async () => (number += 1),
      country: plan.country,
      currency: plan.price.currency,
      customer: customer.xenditId === null ? input.customer : { id: customer.xenditId },
      place: input.place ?? onXenditsPage,
      mandate: mandateFor(plan, from, catalog.defaults.mandateYears, input.saveFor),
      returnUrls: terms.returnUrls,
      allowedChannels: terms.allowedChannels,
      cards: plan.cards,
      locale: input.locale,
      linkMinutes: input.linkMinutes ?? null,
      description: agreementText({ ...plan, startsOn: terms.anchorDate, coupon: takenBy(agreed, input) }),
    },
    now,
  );
}

/** A subscription of which nothing is asked for before its method is saved. */
export function waiting(
  ctx: Context,
  input: CreateInput,
  agreed: Agreed,
  customer: Customer,
  onboarding: Opened['onboarding'],
  now: Temporal.Instant,
): Pick<NewSubscription, 'subscription' | 'items' | 'entries'> {
  const subscription = pendingSubscription(input, agreed, customer, onboarding, now);
  const items = agreed.items.map((item, index) => ({
    ...newItem(ctx, subscription, { item, why: null, number: index + 1 }, now),
    chargeId: null,
  }));
  return { subscription, items, entries: [] };
}
