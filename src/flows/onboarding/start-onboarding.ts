import type { Context } from '../../context.ts';
import { linkEnd } from '../../domain/catalog/link-life.ts';
import { onboardingReference } from '../../domain/charges/attempt.ts';
import type { Mandate } from '../../domain/methods/mandate.ts';
import { opened } from '../../domain/methods/onboarding-moves.ts';
import type { SessionPlace } from '../../domain/methods/session-modes.ts';
import { systemClock } from '../../infra/clock.ts';
import type { Answer, NewCustomer, Session, SessionRequest } from '../../infra/gateway/gateway.ts';
import type { OnboardingRow } from '../../infra/tables/schema/method-columns.ts';
import { tellOfSaving } from '../methods/mandate-echo.ts';
import { openInTurn } from './in-turn.ts';

export type Wanted = {
  readonly bucket: number;
  readonly subscriptionId: string;
  /** The product's own reference of it. */
  readonly subscriptionReference: string;
  /** A number for a session that no other session of this subscription had or will have. */
  readonly nextNumber: () => Promise<number>;
  readonly country: string;
  readonly currency: string;
  /** Xendit's id when it knows the customer, else what it needs to make one. */
  readonly customer: { readonly id: string } | NewCustomer;
  readonly place: SessionPlace;
  readonly mandate: Mandate;
  readonly returnUrls: { readonly success: string; readonly cancel: string };
  readonly allowedChannels: readonly string[] | null;
  readonly cards: SessionRequest['cards'];
  readonly locale: string | null;
  /** How long the link is to be good; null: as the catalog says. */
  readonly linkMinutes: number | null;
  readonly description: string;
};

/** An open session, or why there is none: Xendit's refusal, or a silence that is worth trying again. */
export type Started =
  | {
      readonly kind: 'opened';
      readonly onboarding: OnboardingRow;
      readonly xenditCustomerId: string | null;
      /** Whether Xendit knew the customer already: names and addresses that came with the request were not sent. */
      readonly customerKnown: boolean;
      /** What opens it on a page of the product's own: told once, and kept nowhere. */
      readonly sdkKey: string | null;
    }
  /** `field`: what of the request it is about, where that is known. */
  | {
      readonly kind: 'refused';
      readonly code: string;
      readonly message: string;
      readonly field?: 'expires_in' | 'mode';
    }
  | { readonly kind: 'unavailable'; readonly detail: string; readonly retryAfterSeconds: number | null };

/** Opens a SAVE session in which the customer saves a payment method under the plan's mandate. */
export async function startOnboarding(ctx: Context, wanted: Wanted, now: Temporal.Instant): Promise<Started> {
  const minutes = wanted.linkMinutes ?? ctx.catalog.current.defaults.linkMinutes;
  const { answer, number, customerKnown } = await openFor(ctx, {
    ...wanted,
    expiresAt: minutes === null ? null : await endOfLink(ctx, minutes, now),
  });
  switch (answer.kind) {
    case 'ok':
      tellOfSaving(ctx, wanted.subscriptionId, wanted.mandate, answer.value.echo);
      return {
        kind: 'opened',
        onboarding: onboardingRow(wanted, number, answer.value, now),
        xenditCustomerId: answer.value.customerId,
        customerKnown,
        sdkKey: answer.value.sdkKey ?? null,
      };
    case 'silent':
      return { kind: 'unavailable', detail: answer.detail, retryAfterSeconds: null };
    case 'refused':
      return refusal(answer, wanted);
  }
}

/** Xendit counts the life of a link in real time, whatever a test clock says; the sandbox lives by the test clock. */
export async function endOfLink(ctx: Context, minutes: number, now: Temporal.Instant): Promise<Temporal.Instant> {
  const isReal = ctx.clock.kind === 'virtual' && ctx.key.mode !== 'sandbox';
  return linkEnd(minutes, isReal ? await systemClock(ctx.db).now() : now);
}

/** Xendit's code for a length that it does not take; its limit is not documented. */
const WRONG_LENGTH = 'INVALID_EXPIRY_DATE';
/** Of the older library for cards, which newer accounts do not have. */
const WRONG_MODE = 'MODE_NOT_SUPPORTED';

function refusal(answer: Extract<Answer<Session>, { kind: 'refused' }>, { linkMinutes }: Wanted): Started {
  if (answer.code === WRONG_LENGTH) {
    const { code, message } = answer;
    if (linkMinutes !== null) return { kind: 'refused', code, message, field: 'expires_in' };
    return { kind: 'refused', code, message: `${message} (its length is defaults.link_valid_for of the catalog)` };
  }
  if (answer.code === WRONG_MODE) {
    const message = `${answer.message}: this account has COMPONENTS instead`;
    return { kind: 'refused', code: answer.code, message, field: 'mode' };
  }
  const passing = answer.status === 429 || answer.status >= 500 || answer.status === 401 || answer.status === 403;
  if (!passing) return { kind: 'refused', code: answer.code, message: answer.message };
  return {
    kind: 'unavailable',
    detail: `${answer.code}: ${answer.message}`,
    retryAfterSeconds: answer.retryAfterSeconds,
  };
}

type Timed = Wanted & { readonly expiresAt: Temporal.Instant | null };
type Tried = { readonly answer: Answer<Session>; readonly number: number; readonly customerKnown: boolean };

/** Refusals of a reference that Xendit knows already, after each of which the next number is tried. */
const MOST_TRIES = 4;

/**
 * Asks until Xendit has taken a reference and a customer. A reference of ours may be known there although our books have
 * lost it (a restored backup), and so may a customer: Xendit answers 409, and the customer is looked up instead.
 */
async function openFor(ctx: Context, wanted: Timed): Promise<Tried> {
  let { customer } = wanted;
  for (let tries = 1; ; tries += 1) {
    const number = await wanted.nextNumber();
    const answer = await openInTurn(ctx, sessionRequest(wanted, number, customer));
    const tried = { answer, number, customerKnown: 'id' in customer };
    if (answer.kind !== 'refused' || tries === MOST_TRIES) return tried;
    if (answer.status === 409 && !('id' in customer)) {
      const known = await ctx.gateway.customerByReference(customer.referenceId);
      if (known.kind !== 'ok') return { ...tried, answer: known };
      if (known.value === null) return tried;
      customer = known.value;
    } else if (!isOfTheReference(answer)) return tried;
  }
}

/** Xendit documents no code for a session's reference that was used before: its words name the field, and say so. */
export function isOfTheReference({ status, code, message }: Extract<Answer<Session>, { kind: 'refused' }>): boolean {
  const said = `${code} ${message}`;
  return status < 500 && /reference/i.test(said) && /duplicate|used|exist|unique/i.test(said);
}

function sessionRequest(wanted: Timed, number: number, customer: Wanted['customer']): SessionRequest {
  return {
    referenceId: onboardingReference(wanted.subscriptionId, number),
    ...wanted.place,
    country: wanted.country,
    currency: wanted.currency,
    customer,
    mandate: wanted.mandate,
    returnUrls: wanted.returnUrls,
    allowedChannels: wanted.allowedChannels,
    cards: wanted.cards,
    locale: wanted.locale,
    expiresAt: wanted.expiresAt,
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

function onboardingRow(wanted: Wanted, number: number, session: Session, now: Temporal.Instant): OnboardingRow {
  return {
    bucket: wanted.bucket,
    subscriptionId: wanted.subscriptionId,
    number,
    sessionId: session.sessionId,
    referenceId: onboardingReference(wanted.subscriptionId, number),
    mode: wanted.place.mode,
    attemptId: null,
    paymentLinkUrl: session.paymentLinkUrl,
    xenditCustomerId: session.customerId,
    expiresAt: session.expiresAt,
    savedFor: wanted.mandate.cardOnFileType,
    recurringFrequency: wanted.mandate.recurringFrequency,
    recurringExpiry: wanted.mandate.recurringExpiry,
    ...opened(now.add({ minutes: 5 })),
    checks: 0,
    askedAt: null,
    createdAt: now,
  };
}
