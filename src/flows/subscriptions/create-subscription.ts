import type { Context } from '../../context.ts';
import { localDate } from '../../domain/calendar/cycle.ts';
import { agreementText } from '../../domain/catalog/agreement.ts';
import type { Coupon } from '../../domain/catalog/coupon.ts';
import { bucketOf } from '../../domain/charges/attempt.ts';
import { mandateFor } from '../../domain/methods/mandate.ts';
import { isConnectionFault } from '../../infra/database/db.ts';
import { sha256 } from '../../infra/ids.ts';
import { type CouponUse, type Spent, usesLeft, whyNotTaken } from '../../infra/tables/catalog/coupon-uses.ts';
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
import { newItem } from '../charges/lines/new-item.ts';
import { cancelInTurn } from '../onboarding/in-turn.ts';
import { type Started, startOnboarding } from '../onboarding/start-onboarding.ts';
import { hadTrial } from '../onboarding/trial-once.ts';
import type { CreateInput } from './create-input.ts';
import { detailsNotSent } from './details-not-sent.ts';
import { differencesOf } from './differences.ts';
import { couponOf, detailOf, pendingSubscription, takenBy } from './pending-subscription.ts';
import { type Agreed, type AskedNames, couponFaults, type Fault, localUrls, nameFaults, termsFor } from './terms.ts';

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
  /** No use of the coupon is left. */
  | { readonly kind: 'spent'; readonly detail: string }
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
  const names = namesOf(input);
  const own = [...(await nameFaults(ctx, names)), ...couponFaults(ctx, { ...input, ...names }, now)];
  if ('faults' in agreed) return { kind: 'invalid', faults: [...own, ...agreed.faults] };
  if (own.length > 0) return { kind: 'invalid', faults: own };
  const { customer, isNew } = await customerFor(ctx, input, now);
  return await createFor(ctx, input, await withoutSecondTrial(ctx, agreed, customer.id), { customer, isNew }, now);
}

type Payer = { readonly customer: Customer; readonly isNew: boolean };

/** Opens the session and stores the subscription with it. */
async function createFor(
  ctx: Context,
  input: CreateInput,
  agreed: Agreed,
  { customer, isNew }: Payer,
  now: Temporal.Instant,
): Promise<Created> {
  const coupon = couponOf(agreed, input);
  const left = coupon === null ? 'left' : await usesLeft(ctx.db, coupon, customer.id);
  if (coupon !== null && left !== 'left') return spent(coupon, left);
  const made = await openSession(ctx, input, agreed, customer, now);
  if (made.kind !== 'opened') return made;
  const namesake = isNew && !('id' in input.customer) ? await ownerOfXenditId(ctx, made.xenditCustomerId) : null;
  if (namesake !== null) {
    // We know this customer by Xendit's id only, in another bucket: the subscription goes there, with a session of its own.
    await cancelInTurn(ctx, made.onboarding.sessionId);
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
  agreed: Agreed,
  customer: Customer,
  now: Temporal.Instant,
): Promise<Started> {
  const { catalog, plan, terms } = agreed;
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
      mandate: mandateFor(plan, from, catalog.defaults.mandateYears, input.saveFor),
      returnUrls: terms.returnUrls,
      allowedChannels: terms.allowedChannels,
      cards: plan.cards,
      locale: input.locale,
      linkMinutes: input.linkMinutes ?? null,
      description: agreementText({ ...plan, startsOn: terms.anchorDate, coupon: takenBy(agreed, input) }),
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
  const coupon = couponOf(agreed, input);
  const subscription = pendingSubscription(input, agreed, customer, opened.onboarding, now);
  const entry = record(
    ctx.newId(customer.bucket),
    now,
    'subscription.created',
    { subscription, customer },
    { amount: agreed.plan.price.minor, actor: input.actor ?? 'product', ...detailOf(agreed) },
  );
  const made: NewSubscription = {
    subscription,
    requestHash: sha256(input.canonical),
    customer,
    newCustomer,
    onboarding: opened.onboarding,
    items: agreed.items.map((item, index) => newItem(ctx, subscription, { item, why: null, number: index + 1 }, now)),
    use: coupon === null ? null : useOf(coupon, subscription, now),
    entries: [entry],
  };
  try {
    await insertSubscription(ctx.db, made);
  } catch (error) {
    const left = whyNotTaken(error);
    if (left !== null) await ctx.gateway.cancelSession(opened.onboarding.sessionId);
    if (left === 'again') return await createSubscription(ctx, input);
    if (coupon !== null && left !== null) return spent(coupon, left);
    if (isConnectionFault(error) || !(await isNameTaken(ctx.db, made))) throw error;
    // Somebody stored the same subscription or customer meanwhile: our session is closed and theirs is found. Without a turn in
    // the pace it stays open until it expires: nobody was given its link.
    await cancelInTurn(ctx, opened.onboarding.sessionId);
    return await createSubscription(ctx, input);
  }
  const dossier = await subscriptionDossier(ctx.db, customer.bucket, subscription.id);
  if (dossier === null) throw new Error(`Subscription ${subscription.id} was stored and cannot be read.`);
  const notSent = opened.customerKnown ? detailsNotSent(input.customer) : [];
  return { kind: 'created', dossier, notSent, local: localUrls(input.returnUrls) };
}

/** Who had the trial of a plan that gives it once begins without one. */
async function withoutSecondTrial(ctx: Context, agreed: Agreed, customerId: string): Promise<Agreed> {
  const { plan } = agreed;
  if (plan.trial === null || !plan.trialOnce || !(await hadTrial(ctx, plan.id, customerId))) return agreed;
  return { ...agreed, plan: { ...plan, trial: null } };
}

function useOf(
  coupon: Coupon,
  { bucket, id, customerId }: NewSubscription['subscription'],
  at: Temporal.Instant,
): CouponUse {
  return { coupon, bucket, subscriptionId: id, customerId, at };
}

function spent({ code, maxUses, perCustomer }: Coupon, left: Spent): Created {
  const detail =
    left === 'spent'
      ? `The coupon ${code} was taken ${maxUses ?? 0} times, which is its max_uses in the catalog. Nothing was stored.`
      : `The customer took the coupon ${code} ${perCustomer ?? 0} times, which is its per_customer in the catalog. Nothing was stored.`;
  return { kind: 'spent', detail };
}
