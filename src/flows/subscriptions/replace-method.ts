import type { Context } from '../../context.ts';
import { type Agreement, agreementText } from '../../domain/catalog/agreement.ts';
import { offerFaults } from '../../domain/catalog/channels.ts';
import { cardTermsOf, channelsOf, type Plan } from '../../domain/catalog/plan.ts';
import { bucketOf } from '../../domain/charges/attempt.ts';
import type { SavedFor } from '../../domain/methods/mandate.ts';
import { onXenditsPage, type SessionPlace } from '../../domain/methods/session-modes.ts';
import { may, statesFor } from '../../domain/subscriptions/subscription.ts';
import { trialOf } from '../../domain/subscriptions/trial.ts';
import { takeSessionNumber } from '../../infra/tables/methods/onboardings.ts';
import type { ChargeRow, SubscriptionRow } from '../../infra/tables/schema/change-columns.ts';
import type { OnboardingRow } from '../../infra/tables/schema/method-columns.ts';
import { type SubscriptionDossier, subscriptionDossier } from '../../infra/tables/subscriptions/subscriptions.ts';
import { stillAsSeen } from '../change/as-seen.ts';
import { record } from '../change/record.ts';
import { underTerms } from '../change/terms-in-force.ts';
import { isApplied, LOST, untilApplied } from '../change/until-applied.ts';
import { ofAccount } from '../control/of-account.ts';
import { bringingOf } from '../due-date/coming-charges.ts';
import { followedTerms } from '../due-date/terms/followed-terms.ts';
import { closeOutdated } from '../onboarding/close-outdated.ts';
import { nameAtXendit } from '../onboarding/customer-name.ts';
import { type Started, startOnboarding } from '../onboarding/start-onboarding.ts';
import { chargeToPayFirst, offerFirst } from '../paying/offer-first.ts';
import { SESSION_MINUTES } from '../paying/pay-through.ts';
import { mandateToAsk, type ToSave } from './mandate-to-ask.ts';
import { modeFaults } from './mode-faults.ts';
import { type Fault, localUrls } from './terms.ts';

export type ReplaceInput = {
  readonly returnUrls: { readonly success: string | null; readonly cancel: string | null };
  readonly allowedChannels: readonly string[] | null;
  readonly locale: string | null;
  /** How and where the customer is asked; by a link to Xendit's page unless said. */
  readonly place?: SessionPlace;
  /** What the method is saved for; the cycles of its plan unless said. */
  readonly saveFor?: SavedFor | undefined;
  /** How long the link is to be good; null: as the catalog says. */
  readonly linkMinutes?: number | null;
  /** Who asks, for the ledger; the product unless said. */
  readonly actor?: string;
};

export type Replacing =
  /** `sdkKey`: what opens it on a page of the product's own, told once. */
  | { readonly kind: 'opened'; readonly dossier: SubscriptionDossier; readonly sdkKey: string | null }
  | { readonly kind: 'not_found' }
  | { readonly kind: 'forbidden'; readonly detail: string }
  | { readonly kind: 'invalid'; readonly faults: readonly Fault[] }
  | Exclude<Started, { readonly kind: 'opened' }>;

/** Opens a new session for a subscription, in which the customer saves another method, or the first one after all. */
export async function replaceMethod(ctx: Context, id: string, input: ReplaceInput): Promise<Replacing> {
  const now = await ctx.clock.now();
  const dossier = await subscriptionDossier(ctx.db, bucketOf(id), id);
  if (dossier === null) return { kind: 'not_found' };
  const { subscription, customer } = dossier;
  stillAsSeen(ctx, subscription);
  const status = subscription.status;
  if (!may('replace_method', status)) {
    return {
      kind: 'forbidden',
      detail: `The subscription is ${status}; this needs one of: ${statesFor('replace_method').join(', ')}.`,
    };
  }
  const local = ctx.key.mode === 'live' ? localUrls(input.returnUrls, '') : [];
  const channels = input.allowedChannels ?? subscription.allowedChannels;
  const mode = modeFaults(input.place, { channels, isKnown: true }, '');
  const offer = [...offered(dossier, input.allowedChannels), ...local, ...mode];
  if (offer.length > 0) return { kind: 'invalid', faults: offer };
  const first = await chargeToPayFirst(ctx, subscription);
  if (first !== null) return await payFirst(ctx, dossier, first, input);
  const own = ofAccount(ctx, subscription.account);
  const named = await nameAtXendit(own, customer);
  if ('kind' in named) return named;
  const agreed = await withPriceToCome(ctx, subscription);
  const plan = (await ctx.catalog.version(agreed.catalogVersion)).plans.get(agreed.plan);
  if (plan === undefined) throw new Error(`Plan ${agreed.plan} is not in catalog version ${agreed.catalogVersion}.`);
  const { mandate, next } = await mandateToAsk(ctx, subscription, { plan, saveFor: input.saveFor }, now);
  const started = await startOnboarding(
    own,
    {
      bucket: subscription.bucket,
      subscriptionId: id,
      subscriptionReference: subscription.referenceId,
      nextNumber: () => takeSessionNumber(ctx.db, subscription.bucket, id),
      country: subscription.country,
      currency: subscription.currency,
      customer: named,
      place: input.place ?? onXenditsPage,
      mandate,
      returnUrls: {
        success: input.returnUrls.success ?? subscription.successReturnUrl,
        cancel: input.returnUrls.cancel ?? subscription.cancelReturnUrl,
      },
      allowedChannels: input.allowedChannels ?? subscription.allowedChannels ?? goodForBoth(ctx, subscription, next),
      cards: cardTermsOf(ctx.catalog.current, subscription.plan),
      locale: input.locale ?? subscription.locale,
      linkMinutes: input.linkMinutes ?? null,
      description: [agreementText(agreementOf(agreed, plan)), ...(next === null ? [] : [laterText(next)])].join('. '),
    },
    now,
  );
  if (started.kind !== 'opened') return started;
  await keepSession(ctx, id, started.onboarding, input.actor ?? 'product');
  // Only now: the customer is never without a link. Two who replace at once leave the link with the higher number.
  await closeOutdated(ctx, id);
  return { kind: 'opened', dossier, sdkKey: started.sdkKey };
}

const RECURRING_ALONE =
  'must be RECURRING: cycle 0 is paid in this session, and a method is saved there for the cycles of the plan';

/** Cycle 0 is to be paid where the first method is saved, so the session is one to pay in. */
async function payFirst(
  ctx: Context,
  dossier: SubscriptionDossier,
  charge: ChargeRow,
  { place, returnUrls, allowedChannels, locale, linkMinutes, saveFor, actor }: ReplaceInput,
): Promise<Replacing> {
  const { subscription } = dossier;
  if (saveFor === 'MERCHANT_UNSCHEDULED')
    return { kind: 'invalid', faults: [{ field: 'save_for', message: RECURRING_ALONE }] };
  const plan = (await ctx.catalog.version(subscription.catalogVersion)).plans.get(subscription.plan);
  if (plan === undefined) throw new Error(`Plan ${subscription.plan} is in no catalog that there is.`);
  const { successReturnUrl, cancelReturnUrl } = subscription;
  const asked = {
    returnUrls: { success: returnUrls.success ?? successReturnUrl, cancel: returnUrls.cancel ?? cancelReturnUrl },
    allowedChannels,
    locale,
    description: agreementText(agreementOf(subscription, plan)),
  };
  const minutes = linkMinutes ?? ctx.catalog.current.defaults.linkMinutes ?? SESSION_MINUTES;
  const offer = { ...(place ?? onXenditsPage), minutes, asked, actor: actor ?? 'product' };
  const offered = await offerFirst(ctx, charge, offer);
  switch (offered.kind) {
    case 'open':
      return { kind: 'opened', dossier, sdkKey: offered.sdkKey };
    case 'not_found':
      return { kind: 'not_found' };
    case 'over':
    case 'now':
      return { kind: 'forbidden', detail: `The first charge cannot be paid in another session: ${offered.why}.` };
    case 'unavailable':
      return { kind: 'unavailable', detail: offered.why, retryAfterSeconds: offered.retryAfterSeconds };
  }
}

/** Writes down a session that is open at Xendit, and who asked for it: never the one without the other. */
async function keepSession(ctx: Context, id: string, onboarding: OnboardingRow, actor: string): Promise<void> {
  const isKept = await untilApplied(
    async () => {
      const dossier = await subscriptionDossier(ctx.db, onboarding.bucket, id);
      if (dossier === null) return false;
      const why = `session ${onboarding.sessionId} was opened, to save another method`;
      const facts = { actor, why };
      const entry = record(ctx.newId(onboarding.bucket), await ctx.clock.now(), OPENED, dossier, facts);
      const change = { seen: dossier.subscription, openedOnboardings: [onboarding], entries: [entry] };
      return (await isApplied(ctx, change)) || LOST;
    },
    () => false,
  );
  if (!isKept) throw new Error(`Session ${onboarding.sessionId} of subscription ${id} could not be written down.`);
}

const OPENED = 'subscription.onboarding_opened';

/** Under the price that its plan brings to it, where it follows its plan: what its customer reads is what they are charged next. */
async function withPriceToCome(ctx: Context, subscription: SubscriptionRow): Promise<SubscriptionRow> {
  const { terms } = await bringingOf(ctx, subscription);
  const [followed] = await followedTerms(ctx, subscription, terms);
  return followed === undefined ? subscription : underTerms(subscription, followed);
}

/** What the customer has agreed to: the terms are those of the subscription, whatever its plan says today. */
function agreementOf(subscription: SubscriptionRow, { name, trial, setupFee, tax }: Plan): Agreement {
  const { amount, currency, intervalCount, intervalUnit, endsAfter, anchor, wantedAnchor } = subscription;
  return {
    name,
    price: { minor: amount, currency: currency },
    setupFee: anchor === null ? setupFee : null,
    tax,
    interval: { count: intervalCount, unit: intervalUnit },
    endsAfter,
    trial: anchor === null ? trialOf(subscription.trial, trial) : null,
    startsOn: anchor === null ? wantedAnchor : null,
    // Of one that runs, how much of it is left is another matter than the method.
    coupon: anchor === null ? subscription.coupon : null,
  };
}

/** What was agreed for later: whoever saves a method now agrees to be charged that too. */
function laterText({ plan, terms, startsOn }: NonNullable<ToSave['next']>): string {
  const { amount, currency, intervalCount, intervalUnit, fromCycle, lastCycle } = terms;
  const text = agreementText({
    name: plan.name,
    price: { minor: amount, currency },
    setupFee: null,
    tax: plan.tax,
    interval: { count: intervalCount, unit: intervalUnit },
    endsAfter: lastCycle === null ? null : lastCycle + 1 - fromCycle,
    trial: null,
    startsOn: null,
    coupon: null,
  });
  return `From ${startsOn.toString()}: ${text}`;
}

/** The channels of the plan in force that those of the planned one are too; null: whatever Xendit can save. */
function goodForBoth(
  ctx: Context,
  { plan, country }: SubscriptionDossier['subscription'],
  next: ToSave['next'],
): readonly string[] | null {
  const own = channelsOf(ctx.catalog.current, plan, country);
  const later = next === null ? null : channelsOf(ctx.catalog.current, next.plan.id, country);
  if (own === null || later === null) return own ?? later;
  const both = own.filter((channel) => later.includes(channel));
  return both.length === 0 ? later : both;
}

/** Why these channels cannot be offered to a customer, of a request that is refused for other fields already. */
export async function faultsOfOffer(
  ctx: Context,
  id: string,
  channels: readonly string[] | null,
): Promise<readonly Fault[]> {
  const dossier = channels === null ? null : await subscriptionDossier(ctx.db, bucketOf(id), id);
  return dossier === null ? [] : offered(dossier, channels);
}

function offered({ subscription }: SubscriptionDossier, channels: readonly string[] | null): readonly Fault[] {
  const price = { minor: subscription.amount, currency: subscription.currency };
  return offerFaults('allowed_payment_channels', subscription.country, channels, price);
}
