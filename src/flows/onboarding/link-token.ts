import type { Context } from '../../context.ts';
import { asksEachTime } from '../../domain/catalog/channels.ts';
import { closed } from '../../domain/methods/onboarding-moves.ts';
import { saved } from '../../domain/methods/token-moves.ts';
import type { Session, Token } from '../../infra/gateway/gateway.ts';
import type { Change } from '../../infra/tables/change/changes.ts';
import { savedIn } from '../../infra/tables/charges/by-hand/pay-sessions.ts';
import type { Onboarding } from '../../infra/tables/methods/onboardings.ts';
import type { NewToken } from '../../infra/tables/schema/method-columns.ts';
import {
  type SubscriptionDossier,
  sessionsOf,
  subscriptionDossier,
} from '../../infra/tables/subscriptions/subscriptions.ts';
import { owingAfter } from '../change/owing-after.ts';
import { type Facts, record } from '../change/record.ts';
import { isApplied, LOST, untilApplied } from '../change/until-applied.ts';
import { type Occasion, tryAtOnce } from '../charges/try-at-once.ts';
import { ofSubscription } from '../control/of-account.ts';
import { tellOfSaving } from '../methods/mandate-echo.ts';
import { rankedWith } from '../methods/saved-method.ts';
import { begun } from './begin.ts';
import { learnName } from './customer-name.ts';
import { isThrottled, tokenInTurn } from './in-turn.ts';

/**
 * `already`: it was linked before. `not_yet`: nothing can be linked now. `absent`: Xendit knows no such payment token.
 * `ended`: the payment token is over. `foreign`: another customer's. `throttled`: Xendit is to be asked later.
 */
export type Linked = 'linked' | 'already' | 'not_yet' | 'absent' | 'ended' | 'foreign' | 'throttled';

const replaced: Occasion = {
  note: 'the payment method was replaced',
  why: 'the payment method was replaced in a period that was never paid',
  actor: 'customer',
};

/**
 * Stores the payment token of a completed session with its mandate and masked details, and lets billing begin, or go on
 * with the new method. Xendit may give out a token that we know already, for the same method saved again: it has the new
 * session's mandate too, in a row of its own. Safe to repeat: a session completes once.
 */
export async function linkToken(
  ctx: Context,
  onboarding: Onboarding,
  session: Session,
  now: Temporal.Instant,
): Promise<Linked> {
  if (onboarding.status === 'completed') return 'already';
  if (session.tokenId === null) return 'not_yet';
  const token = await tokenInTurn(await ofSubscription(ctx, onboarding.subscriptionId), session.tokenId);
  if (isThrottled(token)) return 'throttled';
  if (token.kind === 'refused' && token.status === 404) return 'absent';
  if (token.kind !== 'ok' || token.value.status === 'pending') return 'not_yet';
  if (isForeign(onboarding, token.value)) return 'foreign';
  if (token.value.status !== 'active') return 'ended';
  return await untilApplied(
    () => linkOnce(ctx, onboarding, token.value, session, now),
    () => 'not_yet',
  );
}

/** On the newest state of the subscription and its sessions. */
async function linkOnce(
  ctx: Context,
  onboarding: Onboarding,
  token: Token,
  session: Session,
  now: Temporal.Instant,
): Promise<Linked | typeof LOST> {
  const dossier = await subscriptionDossier(ctx.db, onboarding.bucket, onboarding.subscriptionId);
  if (dossier === null) return 'foreign';
  await learnName(ctx, dossier.customer, token.customerId ?? session.customerId);
  // Read after the subscription: whoever links it later moves the ledger, and we lose the race instead of doing it twice.
  const sessions = await sessionsOf(ctx.db, onboarding.bucket, onboarding.subscriptionId);
  const newest = sessions.find(({ number }) => number === onboarding.number);
  if (newest?.status !== 'active') return 'already';
  // Of two links that were used the newer one decides, whichever is heard of last; not one whose method could not be linked.
  const newer = sessions.filter(
    ({ number, status, why }) => number > onboarding.number && status === 'completed' && why === null,
  );
  const isOld = await haveSaved(ctx, newer);
  const change = await linkedChange(ctx, dossier, { onboarding: newest, isOld }, token, now);
  ctx.failpoint?.('before-linking');
  const isLinked = await isApplied(ctx, change);
  ctx.failpoint?.('after-linking');
  if (!isLinked) return LOST;
  tellOf(ctx, dossier, token);
  tellOfSaving(ctx, dossier.subscription.id, { ...onboarding, cardOnFileType: onboarding.savedFor }, token.echo);
  ctx.wake();
  return 'linked';
}

/** Whether one of these completed sessions saved a method: one to pay in may have been paid, and nothing kept. */
async function haveSaved(ctx: Context, sessions: readonly Onboarding[]): Promise<boolean> {
  const [first] = sessions;
  if (first === undefined || sessions.some(({ attemptId }) => attemptId === null)) return first !== undefined;
  const ids = sessions.map(({ sessionId }) => sessionId);
  return (await savedIn(ctx.db, first.bucket, ids)).size > 0;
}

/** A token of another customer than the session's is not ours to charge. */
function isForeign(onboarding: Onboarding, token: Token): boolean {
  const { xenditCustomerId } = onboarding;
  return xenditCustomerId !== null && token.customerId !== null && xenditCustomerId !== token.customerId;
}

async function linkedChange(
  ctx: Context,
  dossier: SubscriptionDossier,
  { onboarding, isOld }: { readonly onboarding: Onboarding; readonly isOld: boolean },
  token: Token,
  now: Temporal.Instant,
): Promise<Change> {
  const { subscription } = dossier;
  const method = newToken(ctx, dossier, onboarding, token, now);
  const ranked = subscription.status === 'canceled' ? null : await rankedWith(ctx, subscription, method, isOld, now);
  // An ended one may still owe its last cycle, and is why the customer came.
  const isKept = subscription.status === 'canceled' || isOld;
  // Nothing of one that waits for its first method, or is paused, is tried now.
  const isTried = !isKept && subscription.status !== 'pending' && subscription.status !== 'paused';
  const owed = isTried ? await tryAtOnce(ctx, dossier, replaced, now) : null;
  const inDunning = owed?.inDunning ?? subscription.inDunning;
  const beginning = subscription.status === 'pending' && !isKept ? await begun(ctx, dossier, token, now) : null;
  const after = beginning?.subscription ?? (await owingAfter(ctx, subscription, inDunning, owed?.charges ?? [], now));
  const { why = null, entries: beginningEntries = [], subscription: _begun, ...opened } = beginning ?? {};
  const subject = { ...dossier, channel: token.channelCode };
  const write = (kind: 'token.saved' | `subscription.${string}`, facts: Facts = {}) =>
    record(ctx.newId(subscription.bucket), now, kind, subject, facts);
  return {
    seen: subscription,
    savedTokens: [method],
    onboardings: [
      { ...onboarding, ...closed(onboarding, { as: 'completed', why: null }, now), checks: onboarding.checks + 1 },
    ],
    ...ranked,
    subscription: { ...(isKept ? {} : after), ...ranked?.subscription },
    charges: owed?.charges ?? [],
    ...opened,
    entries: [
      write('token.saved', {
        why: savedWords(dossier, onboarding, token, isOld),
        actor: 'customer',
      }),
      ...(owed?.entries ?? []),
      ...(after.status === subscription.status
        ? []
        : [
            write(`subscription.${after.status}`, {
              actor: 'customer',
              ...(why !== null && { why }),
            }),
          ]),
      ...beginningEntries,
    ],
  };
}

function savedWords(dossier: SubscriptionDossier, onboarding: Onboarding, token: Token, isOld: boolean): string {
  return [
    `${token.label ?? token.channelCode}, mandate until ${onboarding.recurringExpiry.toString()}`,
    ...(mustAsk(dossier, token) ? ['asks the customer each time: it cannot be charged when a cycle falls due'] : []),
    ...(isOld ? ['saved with an older link: the method of the newer one stays'] : []),
  ].join('; ');
}

function tellOf(ctx: Context, dossier: SubscriptionDossier, token: Token): void {
  const facts = { subscription_id: dossier.subscription.id, channel: token.channelCode };
  ctx.log.info('token saved', facts);
  if (mustAsk(dossier, token))
    ctx.log.warn('saved method asks the customer each time: say in payment_channels what may be saved', facts);
}

function mustAsk({ subscription }: SubscriptionDossier, { country, channelCode }: Token): boolean {
  return asksEachTime(country ?? subscription.country, channelCode);
}

function newToken(
  ctx: Context,
  dossier: SubscriptionDossier,
  onboarding: Onboarding,
  token: Token,
  now: Temporal.Instant,
): NewToken {
  return {
    bucket: onboarding.bucket,
    id: ctx.newId(onboarding.bucket),
    customerId: dossier.customer.id,
    tokenId: token.tokenId,
    channelCode: token.channelCode,
    country: token.country,
    currency: token.currency,
    label: token.label,
    network: token.network,
    fingerprint: token.fingerprint,
    expiryMonth: token.expiryMonth,
    expiryYear: token.expiryYear,
    ...saved,
    savedFor: onboarding.savedFor,
    recurringFrequency: onboarding.recurringFrequency,
    recurringExpiry: onboarding.recurringExpiry,
    savedAt: now,
    sessionId: onboarding.sessionId,
  };
}
