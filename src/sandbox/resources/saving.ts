import type { World } from '../world.ts';
import { cardNetwork, cardScenario, OTP } from './card.ts';
import { charge, testDecline } from './charge.ts';
import type { Mandate } from './mandate.ts';
import { openPayment, settlePayment } from './payment.ts';
import { type Order, openRequest } from './payment-request.ts';
import { activateToken, type Choice, failToken } from './payment-token.ts';
import { completeSession, mustBeActive, type Session } from './session.ts';

/** What the customer handed in: the choice, the one-time password once asked for, and whether to keep the method. */
export type Submission = Choice & {
  readonly otp?: string | undefined;
  readonly save?: boolean;
  /** Saves the token for something else than the session says, to script a mistake. */
  readonly mandate?: Mandate | undefined;
};

export type SavingResult =
  | { readonly kind: 'completed' }
  | { readonly kind: 'challenge' }
  | { readonly kind: 'failed'; readonly failureCode: string };

/** The customer presses the button. A failure leaves the session ACTIVE: they may try again (docs/xendit.md 2.3). */
export function submit(world: World, session: Session, submission: Submission): SavingResult {
  mustBeActive(session);
  const verdict = authenticate(submission);
  if (verdict.kind === 'challenge') return verdict;
  if (verdict.kind === 'failed') {
    recordFailure(world, session, submission, verdict.failureCode);
    return verdict;
  }
  return session.body.session_type === 'SAVE' ? save(world, session, submission) : pay(world, session, submission);
}

/** What the card's issuer says. Wallets and banks of the sandbox approve at once. */
function authenticate({ card, otp }: Submission): SavingResult {
  const scenario = card === undefined ? 'frictionless' : cardScenario(card.number);
  if (scenario === 'declined') return { kind: 'failed', failureCode: 'CARD_DECLINED' };
  if (scenario === 'frictionless' || otp === OTP) return { kind: 'completed' };
  return otp === undefined ? { kind: 'challenge' } : { kind: 'failed', failureCode: 'AUTHENTICATION_FAILED' };
}

function save(world: World, session: Session, submission: Submission): SavingResult {
  const token = activateToken(world, session, submission, mandateOf(session, submission));
  completeSession(world, session, { paymentTokenId: token.id });
  return { kind: 'completed' };
}

function pay(world: World, session: Session, submission: Submission): SavingResult {
  const plain = orderOf(world, session, submission);
  const keep = testDecline(plain) === undefined && isKept(session, submission);
  const token = keep ? activateToken(world, session, submission, mandateOf(session, submission)) : undefined;
  const request = charge(world, { ...plain, token, type: keep ? 'PAY_AND_SAVE' : 'PAY' });
  if (request.failureCode !== undefined) return { kind: 'failed', failureCode: request.failureCode };
  completeSession(world, session, {
    ...(token && { paymentTokenId: token.id }),
    ...(request.latestPaymentId && { paymentId: request.latestPaymentId }),
    paymentRequestId: request.id,
  });
  return { kind: 'completed' };
}

function recordFailure(world: World, session: Session, submission: Submission, failureCode: string): void {
  if (session.body.session_type === 'SAVE') {
    failToken(world, session, submission, failureCode);
    return;
  }
  const request = openRequest(world, orderOf(world, session, submission));
  settlePayment(world, openPayment(world, request), { failure_code: failureCode });
}

function isKept(session: Session, submission: Submission): boolean {
  const option = session.body.allow_save_payment_method;
  return option === 'FORCED' || (option === 'OPTIONAL' && submission.save === true);
}

function mandateOf(session: Session, submission: Submission): Mandate {
  if (submission.mandate !== undefined) return submission.mandate;
  const properties = session.body.channel_properties ?? {};
  const { card_on_file_type, recurring_configuration } = properties.cards ?? properties;
  return {
    ...(card_on_file_type && { card_on_file_type }),
    ...(recurring_configuration && { recurring_configuration }),
  };
}

// The request made by a session has a suffix to its reference (docs/xendit.md 2.4, "Other observed behaviour").
function orderOf(world: World, session: Session, submission: Submission): Order {
  const { body } = session;
  return {
    referenceId: `${body.reference_id}${world.ids.suffix()}`,
    type: 'PAY',
    channel: submission.channel,
    network: submission.card && cardNetwork(submission.card.number),
    customerId: session.customerId,
    country: body.country,
    currency: body.currency,
    amount: body.amount,
    channelProperties: { success_return_url: body.success_return_url, failure_return_url: body.cancel_return_url },
    description: body.description,
    metadata: body.metadata ?? undefined,
    items: body.items ?? undefined,
  };
}
