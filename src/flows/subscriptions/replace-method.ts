import type { Context } from '../../context.ts';
import { bucketOf } from '../../domain/attempt.ts';
import { offerFaults } from '../../domain/channels.ts';
import { localDate } from '../../domain/cycle.ts';
import { mandateFor } from '../../domain/mandate.ts';
import type { Currency } from '../../domain/money.ts';
import { cardTermsOf, channelsOf } from '../../domain/plan.ts';
import { may, type SubscriptionStatus, statesFor } from '../../domain/subscription.ts';
import { insertOnboarding, takeSessionNumber } from '../../infra/postgres/onboardings.ts';
import { type SubscriptionBook, subscriptionBook } from '../../infra/postgres/subscriptions.ts';
import { closeOutdated } from '../onboarding/close-outdated.ts';
import { nameAtXendit } from '../onboarding/customer-name.ts';
import { type Started, startOnboarding } from '../onboarding/start-onboarding.ts';
import type { Fault } from './terms.ts';

export type ReplaceInput = {
  readonly returnUrls: { readonly success: string | null; readonly cancel: string | null };
  readonly allowedChannels: readonly string[] | null;
  readonly locale: string | null;
  /** How long the link is to be good; null: as the catalog says. */
  readonly linkMinutes?: number | null;
};

export type Replacing =
  | { readonly kind: 'opened'; readonly book: SubscriptionBook }
  | { readonly kind: 'not_found' }
  | { readonly kind: 'forbidden'; readonly detail: string }
  | { readonly kind: 'invalid'; readonly faults: readonly Fault[] }
  | Exclude<Started, { readonly kind: 'opened' }>;

/** Opens a new session for a subscription, in which the customer saves another method, or the first one after all. */
export async function replaceMethod(ctx: Context, id: string, input: ReplaceInput): Promise<Replacing> {
  const now = await ctx.clock.now();
  const book = await subscriptionBook(ctx.db, bucketOf(id), id);
  if (book === null) return { kind: 'not_found' };
  const { subscription, customer } = book;
  const status = subscription.status as SubscriptionStatus;
  if (!may('replace_method', status)) {
    return {
      kind: 'forbidden',
      detail: `The subscription is ${status}; this needs one of: ${statesFor('replace_method').join(', ')}.`,
    };
  }
  const offer = offered(book, input.allowedChannels);
  if (offer.length > 0) return { kind: 'invalid', faults: offer };
  const named = await nameAtXendit(ctx, customer);
  if ('kind' in named) return named;
  const plan = (await ctx.catalog.version(subscription.catalogVersion)).plans.get(subscription.plan);
  if (plan === undefined)
    throw new Error(`Plan ${subscription.plan} is not in catalog version ${subscription.catalogVersion}.`);
  const started = await startOnboarding(
    ctx,
    {
      bucket: subscription.bucket,
      subscriptionId: id,
      subscriptionReference: subscription.referenceId,
      nextNumber: () => takeSessionNumber(ctx.db, subscription.bucket, id),
      country: subscription.country,
      currency: subscription.currency,
      customer: named,
      mandate: mandateFor(plan, localDate(now, subscription.timeZone), ctx.catalog.current.defaults.mandateYears),
      returnUrls: {
        success: input.returnUrls.success ?? subscription.successReturnUrl,
        cancel: input.returnUrls.cancel ?? subscription.cancelReturnUrl,
      },
      allowedChannels:
        input.allowedChannels ??
        subscription.allowedChannels ??
        channelsOf(ctx.catalog.current, subscription.plan, subscription.country),
      cards: cardTermsOf(ctx.catalog.current, subscription.plan),
      locale: input.locale ?? subscription.locale,
      linkMinutes: input.linkMinutes ?? null,
      description: plan.name,
    },
    now,
  );
  if (started.kind !== 'opened') return started;
  await insertOnboarding(ctx.db, started.onboarding);
  // Only now: the customer is never without a link. Two who replace at once leave the link with the higher number.
  await closeOutdated(ctx, id);
  return { kind: 'opened', book };
}

/** Why these channels cannot be offered to a customer, of a request that is refused for other fields already. */
export async function faultsOfOffer(
  ctx: Context,
  id: string,
  channels: readonly string[] | null,
): Promise<readonly Fault[]> {
  const book = channels === null ? null : await subscriptionBook(ctx.db, bucketOf(id), id);
  return book === null ? [] : offered(book, channels);
}

function offered({ subscription }: SubscriptionBook, channels: readonly string[] | null): readonly Fault[] {
  const price = { minor: subscription.amount, currency: subscription.currency as Currency };
  return offerFaults('allowed_payment_channels', subscription.country, channels, price);
}
