import type { AccountContext, Context } from '../../context.ts';
import { bucketOf } from '../../domain/charges/attempt.ts';
import { whyNotPayable } from '../../domain/charges/charge.ts';
import type { Outcome } from '../../domain/charges/outcome.ts';
import type { Answer, Session } from '../../infra/gateway/gateway.ts';
import { type ChargeDossier, chargeDossier } from '../../infra/tables/charges/charges.ts';
import { pauseEndpoint, reserve } from '../../infra/tables/control/pace.ts';
import type { Onboarding } from '../../infra/tables/methods/onboardings.ts';
import type { NewSessionAttempt } from '../../infra/tables/schema/paying-columns.ts';
import { subscriptionDossier } from '../../infra/tables/subscriptions/subscriptions.ts';
import { applyEach } from '../change/apply-each.ts';
import { LOST, tooOften, untilApplied } from '../change/until-applied.ts';
import { mayCharge } from '../control/may-charge.ts';
import { ofAccount } from '../control/of-account.ts';
import { settleAttempts } from '../due-date/settle-attempts.ts';
import { tellOfSaving } from '../methods/mandate-echo.ts';
import { nameAtXendit } from '../onboarding/customer-name.ts';
import { isOfTheReference } from '../onboarding/start-onboarding.ts';
import { clearWay } from './clear-way.ts';
import { closePaySession } from './close-pay-session.ts';
import { unpaid } from './follow-pay-session.ts';
import { keepSession } from './keep-session.ts';
import { whyMaybeTried } from './lost-attempts.ts';
import type { Offer, Offered } from './offer.ts';
import { writeOffer } from './write-offer.ts';

/**
 * A session at Xendit in which a customer pays a charge by hand: the one that is open, or a new one. It is an attempt like any other:
 * written before it is asked for, one open at a time, and never beside an attempt of which nobody knows how it ended.
 */
export async function offerSession(given: Context, chargeId: string, offer: Offer): Promise<Offered> {
  return await untilApplied<Offered>(
    async () => {
      const now = await given.clock.now();
      const dossier = await chargeDossier(given.db, bucketOf(chargeId), chargeId);
      if (dossier === null) return { kind: 'not_found' };
      const ctx = ofAccount(given, dossier.charge.account);
      const fault = whyNotPayable(dossier.charge.status);
      if (fault !== null) return fault;
      const way = await clearWay(ctx, dossier, offer, now);
      if (way === 'moved') return LOST;
      if (way !== 'clear') return way;
      return await openNew(ctx, dossier, offer, now);
    },
    tooOften(`Charge ${chargeId}`),
  );
}

async function openNew(
  ctx: AccountContext,
  dossier: ChargeDossier,
  offer: Offer,
  now: Temporal.Instant,
): Promise<Offered | typeof LOST> {
  const allowed = await mayCharge(ctx);
  if (allowed.kind === 'no') return unavailable(`nothing is charged just now: ${allowed.reason}`, null);
  const lost = await whyMaybeTried(ctx, dossier, allowed.permit, now);
  if (lost !== null) return { kind: 'now', why: lost };
  const customerId = await customerOf(ctx, dossier);
  if (typeof customerId !== 'string') return customerId;
  // Its turn comes first: whoever presses a button again and again leaves no attempt behind.
  const turn = await reserve(ctx.db, ctx.account, 'sessions', ctx.requestsPerMinute, 1);
  if (turn.granted === 0)
    return unavailable('Xendit takes no more sessions in this minute', Math.ceil(turn.waitMs / 1_000));
  const { change, attempt } = await writeOffer(ctx, dossier, { offer, customerId }, now);
  const permit = { ...allowed.permit, channels: [] };
  ctx.failpoint?.('before-claim');
  const { done } = await applyEach(ctx, [change], { leaseSeconds: ctx.lease.seconds, permit });
  if (done.size === 0) return LOST;
  ctx.failpoint?.('before-call');
  return await afterAnswer(ctx, attempt, offer, await ctx.gateway.openPaySession(attempt.request));
}

async function customerOf(ctx: AccountContext, { subscription }: ChargeDossier): Promise<string | Offered> {
  const whole = await subscriptionDossier(ctx.db, subscription.bucket, subscription.id);
  if (whole === null) return { kind: 'not_found' };
  const named = await nameAtXendit(ctx, whole.customer);
  if ('id' in named) return named.id;
  if (named.kind === 'unavailable') return unavailable(named.detail, named.retryAfterSeconds);
  return unavailable(named.message, null);
}

/** What Xendit answered. Silence is not failure: until it is known that nobody can pay there, nothing else is tried. */
async function afterAnswer(
  ctx: AccountContext,
  attempt: NewSessionAttempt,
  offer: Offer,
  answer: Answer<Session>,
): Promise<Offered> {
  if (answer.kind === 'ok') {
    const session = await keepSession(ctx, attempt.id, answer.value, offer.mode);
    if (session === null) return { kind: 'not_found' };
    const { subscriptionId, savedFor: cardOnFileType } = session;
    if (offer.saves !== 'DISABLED')
      tellOfSaving(ctx, subscriptionId, { ...session, cardOnFileType }, answer.value.echo);
    const open = { kind: 'open', session, sdkKey: answer.value.sdkKey ?? null } as const;
    return (await overMeanwhile(ctx, attempt, session)) ?? open;
  }
  const about = { charge_id: attempt.chargeId, reference_id: attempt.referenceId };
  const isTaken = answer.kind === 'refused' && isOfTheReference(answer);
  if (answer.kind === 'silent' || isTaken) {
    // Its number was used by an attempt whose row is lost: that session may still be paid.
    const detail = answer.kind === 'silent' ? answer.detail : 'Xendit knows a session of this reference already';
    await settle(ctx, attempt, { kind: 'unknown', detail, paymentRequestId: null });
    ctx.log.warn('nobody knows whether a session was opened', { ...about, why: detail });
    return unavailable(`Xendit did not say whether it was opened (${detail})`, null);
  }
  const why = `${answer.code}: ${answer.message}`;
  await settle(ctx, attempt, unpaid('SESSION_NOT_OPENED', `Xendit did not open it: ${why}`));
  if (answer.status === 429)
    await pauseEndpoint(ctx.db, ctx.account, 'sessions', answer.retryAfterSeconds ?? PAUSE_SECONDS);
  else told(ctx, answer.status)('session to pay in could not be opened', { ...about, why });
  return unavailable(`Xendit did not open it (${why})`, answer.retryAfterSeconds);
}

/** That Xendit cannot be reached, or is in trouble, passes by itself; what it refuses takes a person. */
function told({ log }: Context, status: number): Context['log']['warn'] {
  return status >= 500 ? log.warn : log.error;
}

/**
 * A person may void the charge while Xendit opens the session, before there is a row by which the session could be closed: the session
 * is closed here, and no customer is led to it. A void after the row is written closes it by that row (check-pay-sessions.ts).
 */
async function overMeanwhile(ctx: Context, attempt: NewSessionAttempt, session: Onboarding): Promise<Offered | null> {
  const dossier = await chargeDossier(ctx.db, attempt.bucket, attempt.chargeId);
  const fault = dossier === null ? null : whyNotPayable(dossier.charge.status);
  if (fault?.kind !== 'over') return null;
  await closePaySession(ctx, session, await ctx.clock.now());
  return fault;
}

/** Where Xendit did not say how long: its window. */
const PAUSE_SECONDS = 60;

async function settle(ctx: Context, attempt: NewSessionAttempt, outcome: Outcome): Promise<void> {
  await settleAttempts(ctx, [{ attemptId: attempt.id, outcome }], await ctx.clock.now());
}

function unavailable(why: string, retryAfterSeconds: number | null): Offered {
  return { kind: 'unavailable', why, retryAfterSeconds };
}
