import type { Context } from '../../context.ts';
import { onboardingReference } from '../../domain/attempt.ts';
import type { Mandate } from '../../domain/mandate.ts';
import type { Answer, NewCustomer, Session, SessionRequest } from '../../infra/gateway/gateway.ts';
import type { OnboardingRow } from '../../infra/postgres/change-columns.ts';

export type Wanted = {
  readonly bucket: number;
  readonly subscriptionId: string;
  /** The product's own reference of it. */
  readonly subscriptionReference: string;
  readonly number: number;
  readonly country: string;
  readonly currency: string;
  /** Xendit's id when it knows the customer, else what it needs to make one. */
  readonly customer: { readonly id: string } | NewCustomer;
  readonly mandate: Mandate;
  readonly returnUrls: { readonly success: string; readonly cancel: string };
  readonly allowedChannels: readonly string[] | null;
  readonly cards: SessionRequest['cards'];
  readonly locale: string | null;
  readonly description: string;
};

/** An open session, or why there is none: Xendit's refusal, or a silence that is worth trying again. */
export type Started =
  | { readonly kind: 'opened'; readonly onboarding: OnboardingRow; readonly xenditCustomerId: string | null }
  | { readonly kind: 'refused'; readonly code: string; readonly message: string }
  | { readonly kind: 'unavailable'; readonly detail: string; readonly retryAfterSeconds: number | null };

/** Opens a SAVE session in which the customer saves a payment method under the plan's mandate. */
export async function startOnboarding(ctx: Context, wanted: Wanted, now: Temporal.Instant): Promise<Started> {
  const answer = await openFor(ctx, wanted);
  switch (answer.kind) {
    case 'ok':
      return {
        kind: 'opened',
        onboarding: onboardingRow(wanted, answer.value, now),
        xenditCustomerId: answer.value.customerId,
      };
    case 'silent':
      return { kind: 'unavailable', detail: answer.detail, retryAfterSeconds: null };
    case 'refused':
      return refusal(answer);
  }
}

function refusal(answer: Extract<Answer<Session>, { kind: 'refused' }>): Started {
  const passing = answer.status === 429 || answer.status >= 500 || answer.status === 401 || answer.status === 403;
  if (!passing) return { kind: 'refused', code: answer.code, message: answer.message };
  return {
    kind: 'unavailable',
    detail: `${answer.code}: ${answer.message}`,
    retryAfterSeconds: answer.retryAfterSeconds,
  };
}

/** A customer reference may be used once only: Xendit answers 409, and the customer is looked up instead (api-facts 2.2). */
async function openFor(ctx: Context, wanted: Wanted): Promise<Answer<Session>> {
  const first = await ctx.gateway.openSession(sessionRequest(wanted, wanted.customer));
  if (first.kind !== 'refused' || first.status !== 409 || 'id' in wanted.customer) return first;
  const known = await ctx.gateway.customerByReference(wanted.customer.referenceId);
  if (known.kind !== 'ok') return known;
  if (known.value === null) return first;
  return await ctx.gateway.openSession(sessionRequest(wanted, known.value));
}

function sessionRequest(wanted: Wanted, customer: Wanted['customer']): SessionRequest {
  return {
    referenceId: onboardingReference(wanted.subscriptionId, wanted.number),
    mode: 'PAYMENT_LINK',
    country: wanted.country,
    currency: wanted.currency,
    customer,
    mandate: wanted.mandate,
    returnUrls: wanted.returnUrls,
    allowedChannels: wanted.allowedChannels,
    cards: wanted.cards,
    locale: wanted.locale,
    description: wanted.description,
    metadata: metadataOf(wanted),
  };
}

/** Xendit keeps 80 characters of each; a reference that is longer would be cut into somebody else's. */
const LONGEST_METADATA = 80;

function metadataOf({ subscriptionId, subscriptionReference }: Wanted): Readonly<Record<string, string>> {
  if (subscriptionReference.length > LONGEST_METADATA) return { subscription_id: subscriptionId };
  return { subscription_id: subscriptionId, subscription_reference: subscriptionReference };
}

function onboardingRow(wanted: Wanted, session: Session, now: Temporal.Instant): OnboardingRow {
  return {
    bucket: wanted.bucket,
    subscriptionId: wanted.subscriptionId,
    number: wanted.number,
    sessionId: session.sessionId,
    referenceId: onboardingReference(wanted.subscriptionId, wanted.number),
    mode: 'PAYMENT_LINK',
    status: 'active',
    paymentLinkUrl: session.paymentLinkUrl,
    xenditCustomerId: session.customerId,
    expiresAt: session.expiresAt,
    recurringFrequency: wanted.mandate.recurringFrequency,
    recurringExpiry: wanted.mandate.recurringExpiry,
    nextCheckAt: now.add({ minutes: 5 }),
    checks: 0,
    createdAt: now,
    closedAt: null,
  };
}
