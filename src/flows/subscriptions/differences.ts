import { isDeepStrictEqual } from 'node:util';
import type { Context } from '../../context.ts';
import { trialText } from '../../domain/subscriptions/trial.ts';
import type { SubscriptionDossier } from '../../infra/tables/subscriptions/subscriptions.ts';
import type { CreateInput } from './create-input.ts';
import { type Fault, termsFor } from './terms.ts';

/**
 * In what a request differs from the subscription that has its reference already, field by field: what was left out is
 * compared as it would be filled in. Names and addresses of the customer are not kept, so they are compared with nothing.
 */
export function differencesOf(
  ctx: Context,
  input: CreateInput,
  { subscription, customer }: SubscriptionDossier,
  now: Temporal.Instant,
): readonly Fault[] {
  const agreed = termsFor(ctx, input, now);
  const terms = 'faults' in agreed ? null : agreed.terms;
  const asked = 'id' in input.customer ? input.customer.id : input.customer.referenceId;
  const had = 'id' in input.customer ? customer.xenditId : customer.referenceId;
  const who = 'id' in input.customer ? 'customer_id' : 'customer.reference_id';
  const fields: readonly (readonly [string, unknown, unknown])[] = [
    ['plan', input.plan, subscription.plan],
    ['quantity', input.quantity ?? 1, subscription.quantity],
    [who, asked, had],
    ['anchor_date', input.anchorDate?.toString() ?? null, subscription.wantedAnchor?.toString() ?? null],
    ['trial', trialText(input.trial), subscription.trial],
    ['coupon', input.coupon, subscription.coupon?.code ?? null],
    ['time_zone', terms?.timeZone ?? input.timeZone ?? subscription.timeZone, subscription.timeZone],
    [
      'onboarding.success_return_url',
      terms?.returnUrls.success ?? input.returnUrls.success ?? subscription.successReturnUrl,
      subscription.successReturnUrl,
    ],
    [
      'onboarding.cancel_return_url',
      terms?.returnUrls.cancel ?? input.returnUrls.cancel ?? subscription.cancelReturnUrl,
      subscription.cancelReturnUrl,
    ],
    ['onboarding.allowed_payment_channels', input.allowedChannels, subscription.allowedChannels],
    ['onboarding.locale', input.locale, subscription.locale],
    ['metadata', input.metadata, subscription.metadata],
  ];
  return fields
    .filter(([, here, before]) => !isDeepStrictEqual(here, before))
    .map(([field, here, before]) => ({ field, message: `is ${said(here)} here, and was ${said(before)}` }));
}

function said(value: unknown): string {
  return value === null ? 'left out' : JSON.stringify(value);
}
