import type { Context } from '../../../context.ts';
import { agreementText } from '../../../domain/catalog/agreement.ts';
import { linkEnd } from '../../../domain/catalog/link-life.ts';
import { paySessionReference } from '../../../domain/charges/attempt.ts';
import { answered, sent } from '../../../domain/charges/attempt-moves.ts';
import { decideAfterSession } from '../../../domain/dunning/after-session.ts';
import { onXenditsPage } from '../../../domain/methods/session-modes.ts';
import type { SessionRequest } from '../../../infra/gateway/gateway.ts';
import { sha256 } from '../../../infra/ids.ts';
import type { NewOpenAttempt } from '../../../infra/tables/schema/paying-columns.ts';
import { record } from '../../change/record.ts';
import { mayCharge } from '../../control/may-charge.ts';
import { ofAccount } from '../../control/of-account.ts';
import { tellOfSaving } from '../../methods/mandate-echo.ts';
import { mandateOn } from '../../methods/mandate-on.ts';
import { openToPayInTurn } from '../../onboarding/in-turn.ts';
import { sessionRow } from '../../onboarding/session-row.ts';
import { openFor, refusal, type Started } from '../../onboarding/start-onboarding.ts';
import type { Offer } from '../../paying/offer.ts';
import { paySessionRequest } from '../../paying/pay-session-request.ts';
import { SESSION_MINUTES } from '../../paying/pay-through.ts';
import { takenBy } from '../pending-subscription.ts';
import type { CycleZero, Making } from './cycle-zero.ts';

/**
 * Opens the session in which the customer pays cycle 0 and saves the method. What it answers is stored by one statement before anybody is told of
 * the link: subscription, charge, the session as its attempt. Whoever dies before that leaves a session whose link nobody has.
 */
export async function openFirst(
  given: Context,
  making: Making,
  zero: CycleZero,
  now: Temporal.Instant,
): Promise<Started> {
  const ctx = ofAccount(given, zero.subscription.account);
  const allowed = await mayCharge(ctx);
  if (allowed.kind === 'no')
    return { kind: 'unavailable', detail: `nothing is charged just now: ${allowed.reason}`, retryAfterSeconds: null };
  const { input, customer } = making;
  const offer = offerOf(ctx, making);
  const body = async (number: number, payer: SessionRequest['customer']) => {
    const referenceId = paySessionReference(zero.subscription.id, 0, number);
    return ctx.gateway.describePaySession(
      await paySessionRequest(ctx, zero, { offer, customer: payer, referenceId }, now),
    );
  };
  let number = 0;
  const wanted = {
    customer: customer.xenditId === null ? input.customer : { id: customer.xenditId },
    // Nobody has its id yet, so its numbers are nobody's either.
    nextNumber: async () => (number += 1),
  };
  const tried = await openFor(
    ctx,
    wanted,
    async (next, payer) => await openToPayInTurn(ctx, await body(next, payer), payer),
  );
  const { answer } = tried;
  if (answer.kind === 'silent') return { kind: 'unavailable', detail: answer.detail, retryAfterSeconds: null };
  if (answer.kind === 'refused') return refusal(answer, input.linkMinutes ?? null);
  const session = answer.value;
  const mandate = await mandateOn(ctx, zero.subscription, now);
  tellOfSaving(ctx, zero.subscription.id, mandate, session.echo);
  // Names and addresses went to Xendit, and stand in no row of ours: what is kept names the customer by the id.
  const request = await body(number, { id: session.customerId ?? customer.xenditId ?? '' });
  const attempt = openAttempt(ctx, zero, { number, request, minutes: offer.minutes }, now);
  const { bucket, id: subscriptionId } = zero.subscription;
  const { referenceId, id: attemptId } = attempt;
  const row = { bucket, subscriptionId, number: 1, referenceId, mode: offer.mode, attemptId, mandate };
  return {
    kind: 'opened',
    onboarding: sessionRow(row, { ...session, expiresAt: session.expiresAt ?? attempt.expiresAt }, now),
    xenditCustomerId: session.customerId,
    customerKnown: tried.customerKnown,
    sdkKey: session.sdkKey ?? null,
    first: {
      ...zero,
      charge: { ...zero.charge, attempts: number },
      attempt,
      entries: entriesOf(ctx, making, zero, attempt, now),
    },
  };
}

function offerOf(ctx: Context, { input, agreed }: Making): Offer {
  const { plan, terms } = agreed;
  const minutes = input.linkMinutes ?? ctx.catalog.current.defaults.linkMinutes ?? SESSION_MINUTES;
  const description = agreementText({ ...plan, startsOn: null, coupon: takenBy(agreed, input) });
  const asked = { ...terms, locale: input.locale, description };
  return { ...(input.place ?? onXenditsPage), saves: 'FORCED', minutes, actor: input.actor ?? 'product', asked };
}

type Open = { readonly number: number; readonly request: string; readonly minutes: number };

/** The session as attempt of the charge: open, and asked about from its end on. */
function openAttempt(
  ctx: Context,
  { charge, subscription }: CycleZero,
  { number, request, minutes }: Open,
  now: Temporal.Instant,
): NewOpenAttempt {
  const expiresAt = linkEnd(minutes, now);
  const attempt = {
    bucket: charge.bucket,
    id: ctx.newId(charge.bucket),
    chargeId: charge.id,
    customerId: charge.customerId,
    tokenId: null,
    number,
    referenceId: paySessionReference(subscription.id, 0, number),
    request,
    requestHash: sha256(request),
    amount: charge.amount,
    currency: charge.currency,
    sentAt: now,
  };
  const asked = { ...charge, amount: { minor: charge.amount, currency: charge.currency } };
  const given = { charge: asked, attempt: { number, asks: 0 }, endsAt: expiresAt, now };
  const decision = decideAfterSession(PENDING, given);
  return { ...attempt, ...answered(sent(attempt), PENDING, decision, now), via: 'session', expiresAt };
}

const PENDING = { kind: 'pending', paymentRequestId: null, paymentId: null } as const;

function entriesOf(
  ctx: Context,
  { input, customer }: Making,
  { subscription, charge, entries }: CycleZero,
  attempt: NewOpenAttempt,
  now: Temporal.Instant,
) {
  const subject = { subscription, customer, charge, attempt };
  const why = `to be paid by hand in a session, until ${attempt.expiresAt?.toString()}`;
  const facts = {
    outcome: attempt.outcome,
    decision: attempt.decision?.kind ?? null,
    why: attempt.decision?.why ?? null,
  };
  return [
    ...entries,
    record(ctx.newId(charge.bucket), now, 'attempt.sent', subject, { why, actor: input.actor ?? 'product' }),
    record(ctx.newId(charge.bucket), now, 'attempt.settled', subject, facts),
  ];
}
