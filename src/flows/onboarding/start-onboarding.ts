import type { AccountContext } from '../../context.ts';
import { onboardingReference } from '../../domain/charges/attempt.ts';
import type { Mandate } from '../../domain/methods/mandate.ts';
import type { SessionPlace } from '../../domain/methods/session-modes.ts';
import type { Answer, NewCustomer, Session, SessionRequest } from '../../infra/gateway/gateway.ts';
import type { NewFirstCharge } from '../../infra/tables/schema/change-columns.ts';
import type { OnboardingRow } from '../../infra/tables/schema/method-columns.ts';
import type { NewOpenAttempt } from '../../infra/tables/schema/paying-columns.ts';
import type { NewSubscription } from '../../infra/tables/subscriptions/new-subscription.ts';
import { tellOfSaving } from '../methods/mandate-echo.ts';
import { endOfLink } from './end-of-link.ts';
import { openInTurn } from './in-turn.ts';
import { sessionRow } from './session-row.ts';

/** A new subscription whose cycle 0 is paid in the session that is open: all that is stored with it, by one statement. */
export type FirstPaid = Pick<NewSubscription, 'subscription' | 'items' | 'entries'> & {
  readonly charge: NewFirstCharge;
  readonly attempt: NewOpenAttempt;
};

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
      /** With cycle 0, which is paid in it; left out of one that only saves. */
      readonly first?: FirstPaid;
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
export async function startOnboarding(ctx: AccountContext, wanted: Wanted, now: Temporal.Instant): Promise<Started> {
  const minutes = wanted.linkMinutes ?? ctx.catalog.current.defaults.linkMinutes;
  const timed = { ...wanted, expiresAt: minutes === null ? null : await endOfLink(ctx, minutes, now) };
  const { answer, number, customerKnown } = await openFor(
    ctx,
    wanted,
    async (next, customer) => await openInTurn(ctx, sessionRequest(timed, next, customer)),
  );
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
      return refusal(answer, wanted.linkMinutes);
  }
}

/** Xendit's code for a length that it does not take; its limit is not documented. */
const WRONG_LENGTH = 'INVALID_EXPIRY_DATE';
/** Of the older library for cards, which newer accounts do not have. */
const WRONG_MODE = 'MODE_NOT_SUPPORTED';

/** Why there is no session. `linkMinutes`: how long the request asked for it to be good; null: it did not. */
export function refusal(
  answer: Extract<Answer<Session>, { kind: 'refused' }>,
  linkMinutes: number | null,
): Exclude<Started, { readonly kind: 'opened' }> {
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
export async function openFor(
  ctx: AccountContext,
  wanted: Pick<Wanted, 'customer' | 'nextNumber'>,
  ask: (number: number, customer: Wanted['customer']) => Promise<Answer<Session>>,
): Promise<Tried> {
  let { customer } = wanted;
  for (let tries = 1; ; tries += 1) {
    const number = await wanted.nextNumber();
    const answer = await ask(number, customer);
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
  const { bucket, subscriptionId, mandate, place } = wanted;
  const referenceId = onboardingReference(subscriptionId, number);
  return sessionRow(
    { bucket, subscriptionId, number, referenceId, mode: place.mode, attemptId: null, mandate },
    session,
    now,
  );
}
