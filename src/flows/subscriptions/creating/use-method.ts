import type { Context } from '../../../context.ts';
import type { Entry } from '../../../domain/books/ledger.ts';
import { type FirstCycle, firstCycle, localDate } from '../../../domain/calendar/cycle.ts';
import { bucketOf } from '../../../domain/charges/attempt.ts';
import { chargeableUntil } from '../../../domain/methods/method-end.ts';
import { whyNotShared } from '../../../domain/methods/sharing.ts';
import { saved } from '../../../domain/methods/token-moves.ts';
import { activated } from '../../../domain/subscriptions/moves.ts';
import { methodById } from '../../../infra/tables/methods/subscription-methods.ts';
import { tokenDossiers } from '../../../infra/tables/methods/tokens.ts';
import type { NewToken, TokenRow } from '../../../infra/tables/schema/method-columns.ts';
import { newestAnswerOf } from '../../../infra/tables/subscriptions/consents.ts';
import type { NewSubscription, WithMethod } from '../../../infra/tables/subscriptions/new-subscription.ts';
import type { Customer } from '../../../infra/tables/subscriptions/subscriptions.ts';
import { record } from '../../change/record.ts';
import { newItem } from '../../charges/lines/new-item.ts';
import { nameOf } from '../../methods/next-method.ts';
import { mandateOf } from '../../methods/request-for.ts';
import { feeAmong } from '../../onboarding/setup-fee.ts';
import { trialNames, whyNoTrial } from '../../onboarding/trial-once.ts';
import type { CreateInput } from '../create-input.ts';
import { pendingSubscription } from '../pending-subscription.ts';
import type { Agreed, Fault } from '../terms.ts';

/** A method of the customer's that can be charged for the new subscription too, with its payment token. */
export type UsableMethod = TokenRow & { readonly tokenId: string };

/** `unknown`: the request names nothing that its customer has. `unfit`: the method is theirs, and its state or what they agreed to is against it. */
export type NotUsable = { readonly kind: 'unknown' | 'unfit'; readonly fault: Fault };

const FIELD = 'onboarding.use_method';

/** The method that a new subscription is to be charged to from the beginning; or why it cannot be, with the way out. */
export async function methodToUse(
  ctx: Context,
  input: CreateInput,
  agreed: Agreed,
  customer: Customer,
  now: Temporal.Instant,
): Promise<UsableMethod | NotUsable> {
  const { useMethod = '', saveFor } = input;
  const method = bucketOf(useMethod) === customer.bucket ? await methodById(ctx.db, customer.bucket, useMethod) : null;
  if (method === null || method.customerId !== customer.id) return { kind: 'unknown', fault: fault(NOT_THEIRS) };
  const { plan, terms } = agreed;
  const country = method.country ?? plan.country;
  const savedOn = localDate(method.savedAt, terms.timeZone);
  const shared = {
    ...method,
    country,
    mandate: mandateOf(method),
    until: chargeableUntil({ ...method, country, savedOn }),
  };
  const { anchor: startsOn } = firstOf(agreed, now);
  const { allowedChannels } = terms;
  const why = whyNotShared(shared, { plan, startsOn, allowedChannels, saveFor }) ?? (await whyRefused(ctx, customer));
  if (why !== null) return { kind: 'unfit', fault: fault(why) };
  const { tokenId } = method;
  if (tokenId === null) return { kind: 'unfit', fault: fault(SEALED) };
  const stopped = plan.onDispute === 'go_on' ? null : await stoppedOver(ctx, tokenId);
  return stopped === null ? { ...method, tokenId } : { kind: 'unfit', fault: fault(stopped) };
}

/** Whoever disputes a payment is charged no more over its method, by a new subscription either, until a person decides. */
async function stoppedOver({ db }: Context, tokenId: string): Promise<string | null> {
  const dossiers = await tokenDossiers(db, tokenId);
  const by = dossiers.map(({ subscription }) => subscription.stoppedBy).find((one) => one !== null);
  if (by === undefined) return null;
  return (
    'names a method over which a payment is disputed: decide first that its customer is charged again ' +
    `(POST /v1/disputes/${by}/release), or leave use_method out, and the customer saves another one`
  );
}

const NOT_THEIRS =
  'names no method of this customer: GET /v1/subscriptions/{id}/methods lists those of a subscription; left out, the customer saves one';
const SEALED =
  'names a method whose payment token no key of DUEDAY_TOKEN_KEYS opens: leave use_method out, and the customer saves a method for this subscription';

function fault(message: string): Fault {
  return { field: FIELD, message };
}

/** A customer who refused charges beside those that they had agreed to has not agreed to another subscription either. */
async function whyRefused({ db }: Context, customer: Customer): Promise<string | null> {
  const last = await newestAnswerOf(db, customer, 'extra');
  if (last?.answer !== 'refused') return null;
  return (
    `names a method whose customer refused charges beside those of its subscription, on ${last.answeredAt.toString()} (${last.evidence}): ` +
    'write down what they have answered since (POST /v1/subscriptions/{id}/consents), or leave use_method out'
  );
}

/** All that a subscription is stored with which begins at once; it has a row of its own for the method, and so a mandate and a rank. */
export async function begunWith(
  ctx: Context,
  { input, agreed, customer }: { readonly input: CreateInput; readonly agreed: Agreed; readonly customer: Customer },
  method: UsableMethod,
  now: Temporal.Instant,
): Promise<Pick<NewSubscription, 'subscription' | 'items' | 'entries'> & { readonly begins: WithMethod }> {
  const { bucket } = customer;
  const { plan } = agreed;
  const named = { number: 0, subscriptionId: ctx.newId(bucket) };
  const waiting = pendingSubscription(input, agreed, customer, named, now);
  const isOnce = plan.trial !== null && plan.trialOnce;
  const noTrial = isOnce ? await whyNoTrial(ctx, plan.id, customer.id, method.fingerprint) : null;
  const charged = noTrial === null ? agreed : { ...agreed, plan: { ...plan, trial: null } };
  const first = firstOf(charged, now);
  const token = copyOf(ctx, method);
  const begun = { ...activated(waiting, first, now), tokenId: token.id, ...(noTrial !== null && { trial: 'none' }) };
  const items = agreed.items.map((item, index) => newItem(ctx, begun, { item, why: null, number: index + 1 }, now));
  const subject = { subscription: { ...begun, ledgerSeq: 0, ledgerHead: '' }, customer };
  const fee = await feeAmong(ctx, subject, items, { plan, savedIn: method }, now);
  const subscription = { ...begun, ...fee?.subscription };
  return {
    subscription,
    items: items.map((item) => ({ ...item, chargeId: fee?.items?.find(({ id }) => id === item.id)?.chargeId ?? null })),
    begins: {
      token,
      ranked: { bucket, subscriptionId: begun.id, tokenId: token.id, rank: 1, removedAt: null },
      openedCharges: fee?.openedCharges ?? [],
      trials: first.trialing && isOnce ? trialNames(plan.id, customer.id, method.fingerprint) : [],
    },
    entries: [...entriesOf(ctx, { subscription, customer }, method, { input, noTrial }, now), ...(fee?.entries ?? [])],
  };
}

function firstOf({ plan, terms }: Agreed, now: Temporal.Instant): FirstCycle {
  const { trial, interval, chargeAt } = plan;
  const { timeZone, anchorDate } = terms;
  return firstCycle({ activatedAt: now, timeZone, interval, chargeAt, trial, anchorDate });
}

/** As it was saved: the same words go to Xendit with its every charge. Whatever ends the one ends the other. */
function copyOf(ctx: Context, method: UsableMethod): NewToken {
  return { ...method, ...saved, id: ctx.newId(method.bucket), sessionId: null };
}

function entriesOf(
  ctx: Context,
  subject: { readonly subscription: NewSubscription['subscription']; readonly customer: Customer },
  method: UsableMethod,
  { input, noTrial }: { readonly input: CreateInput; readonly noTrial: string | null },
  now: Temporal.Instant,
): readonly Entry[] {
  const { bucket, status } = subject.subscription;
  const actor = input.actor ?? 'product';
  const why = `${nameOf(method)}, mandate until ${method.recurringExpiry.toString()}; saved before, and used for this subscription too (use_method)`;
  const about = { ...subject, channel: method.channelCode };
  return [
    record(ctx.newId(bucket), now, 'token.saved', about, { actor, why }),
    record(ctx.newId(bucket), now, `subscription.${status}`, about, {
      actor,
      ...(noTrial !== null && { why: noTrial }),
    }),
  ];
}
