import { z } from 'zod';
import { canonicalJson } from '../../../domain/books/canonical-json.ts';
import { parseLinkLife } from '../../../domain/catalog/link-life.ts';
import type { SessionPlace } from '../../../domain/methods/session-modes.ts';
import { type AskedTrial, parseTrial } from '../../../domain/subscriptions/trial.ts';
import type { CreateInput } from '../../../flows/subscriptions/create-input.ts';
import type { AskedNames, AskedTerms } from '../../../flows/subscriptions/terms.ts';
import { createBody, onboardingBody } from './schemas.ts';

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
    trial: trialAsked(body.trial),
    coupon: body.coupon ?? null,
    timeZone: body.time_zone ?? null,
    returnUrls: { success: onboarding.success_return_url ?? null, cancel: onboarding.cancel_return_url ?? null },
    allowedChannels: onboarding.allowed_payment_channels ?? null,
    locale: onboarding.locale ?? null,
    place: placeOf(onboarding),
    firstCharge: onboarding.first_charge,
    saveFor: onboarding.save_for,
    useMethod: onboarding.use_method,
    linkMinutes: minutesOf(onboarding.expires_in),
    metadata: body.metadata ?? null,
    ...(body.quantity !== undefined && { quantity: body.quantity }),
    ...(body.items !== undefined && { items: body.items }),
    canonical: canonicalJson(body),
  };
}

type AskedPlace = {
  readonly mode?: SessionPlace['mode'] | undefined;
  readonly origins?: readonly string[] | undefined;
};

/** How and where the customer is asked. */
export function placeOf({ mode = 'PAYMENT_LINK', origins }: AskedPlace): SessionPlace {
  return { mode, origins: origins ?? null };
}

/** The length of a link, which has passed the schema; null: none was asked for. */
export function minutesOf(text: string | undefined): number | null {
  const life = text === undefined ? null : parseLinkLife(text);
  return typeof life === 'number' ? life : null;
}

/** The trial that was asked for, which has passed the schema; null: as the plan says. */
function trialAsked(text: string | undefined): AskedTrial | null {
  const trial = text === undefined ? null : parseTrial(text);
  return trial === null || trial === 'none' || !('fault' in trial) ? trial : null;
}

const { reference_id, plan, anchor_date, time_zone, trial, coupon } = createBody.shape;
const { success_return_url, cancel_return_url, allowed_payment_channels } = onboardingBody.shape;
const readable = z.object({
  reference_id: reference_id.nullable().catch(null),
  customer: z.object({ reference_id: reference_id.nullable().catch(null) }).catch({ reference_id: null }),
  plan: plan.catch(''),
  anchor_date: anchor_date.catch(undefined),
  time_zone: time_zone.catch(undefined),
  trial: trial.catch(undefined),
  coupon: coupon.catch(undefined),
  onboarding: z
    .object({
      success_return_url: success_return_url.catch(undefined),
      cancel_return_url: cancel_return_url.catch(undefined),
      allowed_payment_channels: allowed_payment_channels.catch(undefined),
    })
    .catch({}),
});

/**
 * What a body with faults says of its terms and names all the same, so that the faults which only catalog and calendar know are told
 * with the others; null when it is no object at all.
 */
export function readableTerms(body: unknown): (AskedTerms & AskedNames) | null {
  const { data: said } = readable.safeParse(body);
  if (said === undefined) return null;
  const { onboarding } = said;
  return {
    referenceId: said.reference_id,
    customerReference: said.customer.reference_id,
    allowedChannels: onboarding.allowed_payment_channels ?? null,
    plan: said.plan,
    anchorDate: said.anchor_date === undefined ? null : Temporal.PlainDate.from(said.anchor_date),
    trial: trialAsked(said.trial),
    coupon: said.coupon ?? null,
    timeZone: said.time_zone ?? null,
    returnUrls: { success: onboarding.success_return_url ?? null, cancel: onboarding.cancel_return_url ?? null },
  };
}

/** The channels that a body for another session names, whatever else is wrong with it; null: none that can be read. */
export function readableChannels(body: unknown): readonly string[] | null {
  const { data } = z.object({ allowed_payment_channels }).safeParse(body);
  return data?.allowed_payment_channels ?? null;
}
