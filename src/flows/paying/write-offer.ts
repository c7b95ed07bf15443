import type { Context } from '../../context.ts';
import { localDate } from '../../domain/calendar/cycle.ts';
import { linkEnd } from '../../domain/catalog/link-life.ts';
import { cardTermsOf, channelsOf, type Plan } from '../../domain/catalog/plan.ts';
import { paySessionReference, placeOf } from '../../domain/charges/attempt.ts';
import { offered } from '../../domain/charges/waits.ts';
import { type Mandate, mandateFor } from '../../domain/methods/mandate.ts';
import { sha256 } from '../../infra/ids.ts';
import type { Change } from '../../infra/tables/change/changes.ts';
import type { ChargeDossier } from '../../infra/tables/charges/charges.ts';
import type { NewSessionAttempt } from '../../infra/tables/schema/paying-columns.ts';
import { record } from '../change/record.ts';
import { endOfLink } from '../onboarding/start-onboarding.ts';
import type { Offer } from './offer.ts';

/**
 * The next attempt of a charge, which its customer makes: a session with the whole request that opens it, and a reference that can be
 * derived again (invariant 2). Nothing is stored yet.
 */
export async function writeOffer(
  ctx: Context,
  dossier: ChargeDossier,
  { offer, customerId }: { readonly offer: Offer; readonly customerId: string },
  now: Temporal.Instant,
): Promise<{ readonly change: Change; readonly attempt: NewSessionAttempt }> {
  const { charge, subscription } = dossier;
  const number = charge.attempts + 1;
  const referenceId = paySessionReference(subscription.id, placeOf(charge), number);
  const request = await requestFor(ctx, dossier, { offer, customerId, referenceId }, now);
  const attempt: NewSessionAttempt = {
    bucket: charge.bucket,
    id: ctx.newId(charge.bucket),
    chargeId: charge.id,
    customerId: charge.customerId,
    via: 'session',
    tokenId: null,
    number,
    referenceId,
    request,
    requestHash: sha256(request),
    amount: charge.amount,
    currency: charge.currency,
    sentAt: now,
    expiresAt: linkEnd(offer.minutes, now),
  };
  const subject = { ...dossier, attempt: { number, referenceId, paymentRequestId: null, paymentId: null } };
  const why = `to be paid by hand in a session, until ${attempt.expiresAt?.toString()}`;
  const entry = record(ctx.newId(charge.bucket), now, 'attempt.sent', subject, { why, actor: offer.actor });
  return {
    attempt,
    change: { seen: subscription, offered: { attempts: [attempt] }, charges: [offered(charge)], entries: [entry] },
  };
}

type Asked = { readonly offer: Offer; readonly customerId: string; readonly referenceId: string };

async function requestFor(
  ctx: Context,
  { charge, subscription }: ChargeDossier,
  { offer, customerId, referenceId }: Asked,
  now: Temporal.Instant,
): Promise<string> {
  const catalog = ctx.catalog.current;
  // What a change is paid with is of the plan that it leads to.
  const plan = await planOf(ctx, charge);
  const period = `${charge.periodStart.toString()} to ${charge.periodEnd.toString()}`;
  const isOver = subscription.status === 'canceled' || subscription.status === 'ended';
  return ctx.gateway.describePaySession({
    referenceId,
    mode: offer.mode,
    origins: offer.origins,
    country: subscription.country,
    amount: { minor: charge.amount, currency: charge.currency },
    customer: { id: customerId },
    // Nothing of one that is over is charged again.
    saves: isOver ? 'DISABLED' : offer.saves,
    mandate: await mandateOn(ctx, subscription, now),
    returnUrls: { success: subscription.successReturnUrl, cancel: subscription.cancelReturnUrl },
    allowedChannels: subscription.allowedChannels ?? channelsOf(catalog, subscription.plan, subscription.country),
    cards: cardTermsOf(catalog, subscription.plan),
    locale: subscription.locale,
    expiresAt: await endOfLink(ctx, offer.minutes, now),
    item: { reference: charge.plan, name: plan.name },
    description: `${plan.name}, ${period}`,
    metadata: { subscription_id: subscription.id, charge_id: charge.id, cycle: placeOf(charge) },
  });
}

/** What a method is kept for that is saved in a session which was offered then: as the plan has it for every other. */
export async function mandateOn(
  ctx: Context,
  subscription: ChargeDossier['subscription'],
  sentAt: Temporal.Instant,
): Promise<Mandate> {
  const from = localDate(sentAt, subscription.timeZone);
  return mandateFor(await planOf(ctx, subscription), from, ctx.catalog.current.defaults.mandateYears);
}

type OfPlan = Pick<ChargeDossier['charge'], 'catalogVersion' | 'plan'>;

async function planOf(ctx: Context, { catalogVersion, plan: name }: OfPlan): Promise<Plan> {
  const plan = (await ctx.catalog.version(catalogVersion)).plans.get(name);
  if (plan === undefined) throw new Error(`Plan ${name} is not in catalog version ${catalogVersion}.`);
  return plan;
}
