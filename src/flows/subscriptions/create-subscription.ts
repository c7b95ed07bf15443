import type { Context } from '../../context.ts';
import { bucketOf } from '../../domain/charges/attempt.ts';
import { OWN_ACCOUNT } from '../../domain/control/account.ts';
import { sha256 } from '../../infra/ids.ts';
import { usesLeft } from '../../infra/tables/catalog/coupon-uses.ts';
import { customerById, ownerOf } from '../../infra/tables/subscriptions/new-subscription.ts';
import {
  type Customer,
  type SubscriptionDossier,
  subscriptionDossier,
} from '../../infra/tables/subscriptions/subscriptions.ts';
import { withCatalogInForce } from '../catalog/follow-catalog.ts';
import { ofAccount } from '../control/of-account.ts';
import { cancelInTurn } from '../onboarding/in-turn.ts';
import type { Started } from '../onboarding/start-onboarding.ts';
import { hadTrial } from '../onboarding/trial-once.ts';
import type { CreateInput } from './create-input.ts';
import { cycleZero } from './creating/cycle-zero.ts';
import { firstChargeFaults, isInSession } from './creating/in-session.ts';
import { openFirst } from './creating/open-first.ts';
import { openSession, waiting } from './creating/open-session.ts';
import { type Stored, spentCoupon, storeSubscription } from './creating/store-subscription.ts';
import { begunWith, methodToUse } from './creating/use-method.ts';
import { detailsNotSent } from './details-not-sent.ts';
import { differencesOf } from './differences.ts';
import { modeFaults } from './mode-faults.ts';
import { couponOf } from './pending-subscription.ts';
import { type Agreed, type AskedNames, couponFaults, type Fault, localUrls, nameFaults, termsFor } from './terms.ts';

export type Created =
  | {
      readonly kind: 'created';
      readonly dossier: SubscriptionDossier;
      readonly notSent: readonly Fault[];
      /** Return URLs that no customer can open. */
      readonly local: readonly Fault[];
      /** What opens its session on a page of the product's own, told once; left out where nothing does. */
      readonly sdkKey?: string | null;
    }
  | { readonly kind: 'known'; readonly dossier: SubscriptionDossier }
  /** Somebody's other request has this reference: whose subscription it is, and in what the two differ. */
  | { readonly kind: 'taken'; readonly by: string; readonly differences: readonly Fault[] }
  | { readonly kind: 'invalid'; readonly faults: readonly Fault[] }
  /** No use of the coupon is left. */
  | { readonly kind: 'spent'; readonly detail: string }
  /** The method that it was to be charged to cannot be: its state, or what its customer agreed to, is against it. */
  | { readonly kind: 'unfit'; readonly fault: Fault }
  | Exclude<Started, { readonly kind: 'opened' }>;

/**
 * Creates a subscription that waits for its customer, with a SAVE session open for it; or one that begins at once, with a method that
 * its customer has saved before. Nothing is stored unless Xendit opened the session, so a refused request leaves nothing behind and
 * may be sent again, mended.
 */
export async function createSubscription(given: Context, input: CreateInput): Promise<Created> {
  const ctx = await withCatalogInForce(given);
  const now = await ctx.clock.now();
  const known = await alreadyKnown(ctx, input, now);
  if (known !== null) return known;
  const agreed = termsFor(ctx, input, now);
  const names = namesOf(input);
  const first = 'faults' in agreed ? [] : firstChargeFaults(input, agreed);
  const own = [...(await nameFaults(ctx, names)), ...couponFaults(ctx, { ...input, ...names }, now), ...first];
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
  if (coupon !== null && left !== 'left') return spentCoupon(coupon, left);
  const { allowedChannels: channels } = agreed.terms;
  const faults = modeFaults(input.place, { channels, isKnown: customer.xenditId !== null }, 'onboarding.');
  if (faults.length > 0) return { kind: 'invalid', faults };
  if (input.useMethod !== undefined) return await createWithMethod(ctx, input, agreed, { customer, isNew }, now);
  const zero = isInSession(input, agreed) ? await cycleZero(ctx, { input, agreed, customer }, now) : null;
  const made =
    zero === null
      ? await openSession(ctx, input, agreed, customer, now)
      : await openFirst(ctx, { input, agreed, customer }, zero, now);
  if (made.kind !== 'opened') return made;
  const namesake = isNew && !('id' in input.customer) ? await ownerOfXenditId(ctx, made.xenditCustomerId) : null;
  if (namesake !== null) {
    // We know this customer by Xendit's id only, in another bucket: the subscription goes there, with a session of its own.
    await cancelInTurn(ofAccount(ctx, OWN_ACCOUNT), made.onboarding.sessionId);
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

/** No session is opened: the customer has saved the method before. */
async function createWithMethod(
  ctx: Context,
  input: CreateInput,
  agreed: Agreed,
  { customer, isNew }: Payer,
  now: Temporal.Instant,
): Promise<Created> {
  const method = await methodToUse(ctx, input, agreed, customer, now);
  if ('fault' in method)
    return method.kind === 'unfit'
      ? { kind: 'unfit', fault: method.fault }
      : { kind: 'invalid', faults: [method.fault] };
  const begun = await begunWith(ctx, { input, agreed, customer }, method, now);
  const stored = await storeSubscription(ctx, input, agreed, { ...begun, customer, newCustomer: isNew }, now);
  if (stored.kind !== 'stored') return await orAgain(ctx, input, stored);
  ctx.wake();
  return {
    kind: 'created',
    dossier: stored.dossier,
    notSent: detailsNotSent(input.customer),
    local: localUrls(input.returnUrls),
  };
}

/** Somebody stored the same subscription or customer, or began with the trial, meanwhile: what they made is found. */
async function orAgain(ctx: Context, input: CreateInput, stored: Exclude<Stored, { readonly kind: 'stored' }>) {
  return stored.kind === 'overtaken' ? await createSubscription(ctx, input) : stored;
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

async function store(
  ctx: Context,
  input: CreateInput,
  agreed: Agreed,
  customer: Customer,
  newCustomer: boolean,
  opened: Opened,
  now: Temporal.Instant,
): Promise<Created> {
  const { onboarding, first } = opened;
  const { subscription, items, entries } = first ?? waiting(ctx, input, agreed, customer, onboarding, now);
  const begins = { onboarding, ...(first !== undefined && { first }) };
  const made = { subscription, customer, newCustomer, begins, items, entries };
  const stored = await storeSubscription(ctx, input, agreed, made, now);
  if (stored.kind !== 'stored') {
    // Without a turn in the pace the session stays open until it expires: nobody was given its link.
    await cancelInTurn(ofAccount(ctx, OWN_ACCOUNT), onboarding.sessionId);
    return await orAgain(ctx, input, stored);
  }
  const notSent = opened.customerKnown ? detailsNotSent(input.customer) : [];
  const { sdkKey } = opened;
  return { kind: 'created', dossier: stored.dossier, notSent, local: localUrls(input.returnUrls), sdkKey };
}

/** Who had the trial of a plan that gives it once begins without one. */
async function withoutSecondTrial(ctx: Context, agreed: Agreed, customerId: string): Promise<Agreed> {
  const { plan } = agreed;
  if (plan.trial === null || !plan.trialOnce || !(await hadTrial(ctx, plan.id, customerId))) return agreed;
  return { ...agreed, plan: { ...plan, trial: null } };
}
