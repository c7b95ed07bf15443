import type { Context } from '../../context.ts';
import { localDate } from '../../domain/calendar/cycle.ts';
import { agreementText } from '../../domain/catalog/agreement.ts';
import { bucketOf } from '../../domain/charges/attempt.ts';
import { OWN_ACCOUNT } from '../../domain/control/account.ts';
import { mandateFor } from '../../domain/methods/mandate.ts';
import { pending } from '../../domain/subscriptions/moves.ts';
import { isConnectionFault } from '../../infra/database/db.ts';
import { sha256 } from '../../infra/ids.ts';
import {
  customerById,
  insertSubscription,
  isNameTaken,
  type NewSubscription,
  ownerOf,
} from '../../infra/tables/subscriptions/new-subscription.ts';
import {
  type Customer,
  type SubscriptionDossier,
  subscriptionDossier,
} from '../../infra/tables/subscriptions/subscriptions.ts';
import { withCatalogInForce } from '../catalog/follow-catalog.ts';
import { record } from '../change/record.ts';
import { type Started, startOnboarding } from '../onboarding/start-onboarding.ts';
import type { CreateInput } from './create-input.ts';
import { detailsNotSent } from './details-not-sent.ts';
import { differencesOf } from './differences.ts';
import { type Agreed, type AskedNames, type Fault, localUrls, nameFaults, termsFor } from './terms.ts';

export type Created =
  | {
      readonly kind: 'created';
      readonly dossier: SubscriptionDossier;
      readonly notSent: readonly Fault[];
      /** Return URLs that no customer can open. */
      readonly local: readonly Fault[];
    }
  | { readonly kind: 'known'; readonly dossier: SubscriptionDossier }
  /** Somebody's other request has this reference: whose subscription it is, and in what the two differ. */
  | { readonly kind: 'taken'; readonly by: string; readonly differences: readonly Fault[] }
  | { readonly kind: 'invalid'; readonly faults: readonly Fault[] }
  | Exclude<Started, { readonly kind: 'opened' }>;

/**
 * Creates a subscription that waits for its customer, with a SAVE session open for it. Nothing is stored unless Xendit
 * opened the session, so a refused request leaves nothing behind and may be sent again, mended.
 */
export async function createSubscription(given: Context, input: CreateInput): Promise<Created> {
  const ctx = await withCatalogInForce(given);
  const now = await ctx.clock.now();
  const known = await alreadyKnown(ctx, input, now);
  if (known !== null) return known;
  const agreed = termsFor(ctx, input, now);
  const misnamed = await nameFaults(ctx, namesOf(input));
  if ('faults' in agreed) return { kind: 'invalid', faults: [...misnamed, ...agreed.faults] };
  if (misnamed.length > 0) return { kind: 'invalid', faults: misnamed };
  const { customer, isNew } = await customerFor(ctx, input, now);
  const made = await openSession(ctx, input, agreed, customer, now);
  if (made.kind !== 'opened') return made;
  const namesake = isNew && !('id' in input.customer) ? await ownerOfXenditId(ctx, made.xenditCustomerId) : null;
  if (namesake !== null) {
    // We know this customer by Xendit's id only, in another bucket: the subscription goes there, with a session of its own.
    await ctx.gateway.cancelSession(made.onboarding.sessionId);
    const there = await createSubscription(ctx, { ...input, customer: { id: namesake } });
    return there.kind === 'created' ? { ...there, notSent: detailsNotSent(input.customer) } : there;
  }
  return await store(
    ctx,
    input,
    agreed,
    { ...customer, xenditId: customer.xenditId ?? made.xenditCustomerId },
    isNew,
    made,
    now,
  );
}

function namesOf({ referenceId, customer }: CreateInput): AskedNames {
  return { referenceId, customerReference: 'id' in customer ? null : customer.referenceId };
}

async function alreadyKnown(ctx: Context, input: CreateInput, now: Temporal.Instant): Promise<Created | null> {
  const owner = await ownerOf(ctx.db, 'subscription', input.referenceId);
  if (owner === null) return null;
  const dossier = await subscriptionDossier(ctx.db, bucketOf(owner.ownerId), owner.ownerId);
  if (owner.requestHash === sha256(input.canonical)) return dossier === null ? null : { kind: 'known', dossier };
  return {
    kind: 'taken',
    by: owner.ownerId,
    differences: dossier === null ? [] : differencesOf(ctx, input, dossier, now),
  };
}

/** The customer as we know it, or a new one with a bucket of its own. */
async function customerFor(
  ctx: Context,
  input: CreateInput,
  now: Temporal.Instant,
): Promise<{ readonly customer: Customer; readonly isNew: boolean }> {
  const asked = input.customer;
  const owner =
    'id' in asked
      ? await ownerOf(ctx.db, 'xendit_customer', asked.id)
      : await ownerOf(ctx.db, 'customer', asked.referenceId);
  const known = owner === null ? null : await customerById(ctx.db, bucketOf(owner.ownerId), owner.ownerId);
  if (known !== null) return { customer: known, isNew: false };
  const bucket = ctx.newBucket();
  const referenceId = 'id' in asked ? null : asked.referenceId;
  const xenditId = 'id' in asked ? asked.id : null;
  return { customer: { bucket, id: ctx.newId(bucket), referenceId, xenditId, createdAt: now }, isNew: true };
}

/** Xendit's id of a customer, if one of ours has it already. */
async function ownerOfXenditId(ctx: Context, xenditId: string | null): Promise<string | null> {
  const owner = xenditId === null ? null : await ownerOf(ctx.db, 'xendit_customer', xenditId);
  return owner === null ? null : xenditId;
}

type Opened = Extract<Started, { readonly kind: 'opened' }>;

async function openSession(
  ctx: Context,
  input: CreateInput,
  { catalog, plan, terms }: Agreed,
  customer: Customer,
  now: Temporal.Instant,
): Promise<Started> {
  const from = terms.anchorDate ?? localDate(now, terms.timeZone);
  let number = 0;
  return await startOnboarding(
    ctx,
    {
      bucket: customer.bucket,
      subscriptionId: ctx.newId(customer.bucket),
      subscriptionReference: input.referenceId,
      // Nobody has its id yet, so its numbers are nobody's either.
      nextNumber: async () => (number += 1),
      country: plan.country,
      currency: plan.price.currency,
      customer: customer.xenditId === null ? input.customer : { id: customer.xenditId },
      mandate: mandateFor(plan, from, catalog.defaults.mandateYears),
      returnUrls: terms.returnUrls,
      allowedChannels: terms.allowedChannels,
      cards: plan.cards,
      locale: input.locale,
      linkMinutes: input.linkMinutes ?? null,
      description: agreementText({ ...plan, startsOn: terms.anchorDate }),
    },
    now,
  );
}

async function store(
  ctx: Context,
  input: CreateInput,
  agreed: Agreed,
  customer: Customer,
  newCustomer: boolean,
  opened: Opened,
  now: Temporal.Instant,
): Promise<Created> {
  const subscription = pendingSubscription(input, agreed, customer, opened, now);
  const entry = record(
    ctx.newId(customer.bucket),
    now,
    'subscription.created',
    { subscription, customer },
    { amount: agreed.plan.price.minor, actor: input.actor ?? 'product' },
  );
  const made: NewSubscription = {
    subscription,
    requestHash: sha256(input.canonical),
    customer,
    newCustomer,
    onboarding: opened.onboarding,
    entries: [entry],
  };
  try {
    await insertSubscription(ctx.db, made);
  } catch (error) {
    if (isConnectionFault(error) || !(await isNameTaken(ctx.db, made))) throw error;
    // Somebody stored the same subscription or customer meanwhile: our session is closed and theirs is found.
    await ctx.gateway.cancelSession(opened.onboarding.sessionId);
    return await createSubscription(ctx, input);
  }
  const dossier = await subscriptionDossier(ctx.db, customer.bucket, subscription.id);
  if (dossier === null) throw new Error(`Subscription ${subscription.id} was stored and cannot be read.`);
  const notSent = opened.customerKnown ? detailsNotSent(input.customer) : [];
  return { kind: 'created', dossier, notSent, local: localUrls(input.returnUrls) };
}

function pendingSubscription(
  input: CreateInput,
  { catalog, plan, terms }: Agreed,
  customer: Customer,
  opened: Opened,
  now: Temporal.Instant,
): NewSubscription['subscription'] {
  return {
    bucket: customer.bucket,
    id: opened.onboarding.subscriptionId,
    customerId: customer.id,
    account: OWN_ACCOUNT,
    referenceId: input.referenceId,
    ...pending,
    plan: plan.id,
    catalogVersion: catalog.version,
    amount: plan.price.minor,
    quantity: 1,
    currency: plan.price.currency,
    country: plan.country,
    intervalCount: plan.interval.count,
    intervalUnit: plan.interval.unit,
    timeZone: terms.timeZone,
    chargeAt: plan.chargeAt,
    endsAfter: plan.endsAfter,
    wantedAnchor: terms.anchorDate,
    sessionNumber: opened.onboarding.number,
    successReturnUrl: terms.returnUrls.success,
    cancelReturnUrl: terms.returnUrls.cancel,
    allowedChannels: input.allowedChannels,
    locale: input.locale,
    metadata: input.metadata,
    createdAt: now,
  };
}
