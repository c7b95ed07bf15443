import type { z } from 'zod';
import type { CreateInput } from '../../../flows/subscriptions/create-subscription.ts';
import type { createBody } from './schemas.ts';

type CreateBody = z.infer<typeof createBody>;

/** The body of POST /v1/subscriptions as the flow takes it. */
export function createInput(body: CreateBody): CreateInput {
  const { customer, onboarding = {} } = body;
  return {
    referenceId: body.reference_id,
    plan: body.plan,
    customer:
      customer === undefined
        ? { id: body.customer_id ?? '' }
        : {
            referenceId: customer.reference_id,
            givenNames: customer.given_names,
            surname: customer.surname ?? null,
            email: customer.email ?? null,
            mobileNumber: customer.mobile_number ?? null,
          },
    anchorDate: body.anchor_date === undefined ? null : Temporal.PlainDate.from(body.anchor_date),
    timeZone: body.time_zone ?? null,
    returnUrls: { success: onboarding.success_return_url ?? null, cancel: onboarding.cancel_return_url ?? null },
    allowedChannels: onboarding.allowed_payment_channels ?? null,
    locale: onboarding.locale ?? null,
    metadata: body.metadata ?? null,
    canonical: canonical(body),
  };
}

/** The same request however its keys are ordered. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    typeof item === 'object' && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );
}
