import type { Context } from '../../context.ts';
import { localDate } from '../../domain/calendar/cycle.ts';
import { asksEachTime } from '../../domain/catalog/channels.ts';
import type { Decision } from '../../domain/declines/decision.ts';
import { isAtFault, NEXT_METHOD } from '../../domain/dunning/next-method.ts';
import { coversDate } from '../../domain/methods/mandate.ts';
import { type Order, type Ranked, takenInto } from '../../domain/methods/ranks.ts';
import type { Change } from '../../infra/tables/change/changes.ts';
import { type AttemptDossier, attemptsOf } from '../../infra/tables/charges/attempts.ts';
import type { SubscriptionRow } from '../../infra/tables/schema/change-columns.ts';
import type { TokenRow, TokenState } from '../../infra/tables/schema/method-columns.ts';
import { type SubscriptionDossier, subscriptionDossier } from '../../infra/tables/subscriptions/subscriptions.ts';
import { record } from '../change/record.ts';
import { isApplied, LOST, untilApplied } from '../change/until-applied.ts';
import { methodsOf, ranking } from './ranking.ts';
import { mandateOf } from './request-for.ts';

/** The methods of a subscription, and the first behind the one in use that could be charged now. */
export type Alternatives = { readonly order: Order<TokenRow>; readonly next: TokenRow | null };

/** `without`: those that were at fault before. */
export async function alternativesOf(
  ctx: Context,
  subscription: SubscriptionRow,
  now: Temporal.Instant,
  without: ReadonlySet<string> = new Set(),
): Promise<Alternatives> {
  const order = await methodsOf(ctx, subscription);
  const today = localDate(now, subscription.timeZone);
  const next = order
    .filter(({ id, status }) => id !== subscription.tokenId && status === 'active' && !without.has(id))
    .find(
      (token) =>
        coversDate(mandateOf(token), today) && !asksEachTime(token.country ?? subscription.country, token.channelCode),
    );
  return { order, next: next ?? null };
}

/** The same inside one charge, where a method is tried that was not at fault in it before. */
export async function alternativesIn(
  ctx: Context,
  { attempt, charge, subscription }: AttemptDossier,
  now: Temporal.Instant,
): Promise<Alternatives> {
  const attempts = await attemptsOf(ctx.db, charge.bucket, charge.id);
  const tried = attempts.flatMap((one) =>
    one.id === attempt.id || one.tokenId === null || one.class === null || !isAtFault(one.class) ? [] : [one.tokenId],
  );
  return await alternativesOf(ctx, subscription, now, new Set(tried));
}

/** What people know a method by. */
export function nameOf({ label, channelCode }: Pick<TokenRow, 'label' | 'channelCode'>): string {
  return label ?? channelCode;
}

/** The ranks after some of the methods ended, and the next one in place of the one in use: where that ended, or `moves`. */
export function rankedAfter(
  seen: SubscriptionRow,
  { order, next }: Alternatives,
  ended: readonly TokenState[],
  moves: boolean,
  now: Temporal.Instant,
): ReturnType<typeof ranking> {
  const after = order.map((method): Ranked | TokenRow => ended.find(({ id }) => id === method.id) ?? method);
  const [inUse] = after;
  const isLeft = inUse !== undefined && (moves || inUse.status !== 'active');
  return ranking(seen, isLeft && next !== null ? takenInto(next, after) : after, [], now);
}

/**
 * The settlement of a decline, and with it the move to the next method, where the one in use ended or was at fault. In one statement:
 * whoever reads the charge after it finds the method that is tried.
 */
export function settledWith(
  alternatives: Alternatives | null,
  change: Change,
  decision: Decision,
  now: Temporal.Instant,
): Change {
  const { seen, tokens = [], subscription } = change;
  const moves = decision.why.rule === NEXT_METHOD;
  if (alternatives === null || (tokens.length === 0 && !moves)) return change;
  const ranked = rankedAfter(seen, alternatives, tokens, moves, now);
  return { ...change, ...ranked, subscription: { ...subscription, ...ranked.subscription } };
}

/**
 * Charges a subscription to its next method, since the one in use ended or is over. Found again from state by whoever is about to charge
 * it, so it makes no difference who ended the method, and whether they lived to tell. False: there is no other one.
 */
export async function moveOn(
  ctx: Context,
  { bucket, id }: Pick<SubscriptionRow, 'bucket' | 'id'>,
  why: string,
  now: Temporal.Instant,
): Promise<boolean> {
  return await untilApplied(
    async () => {
      const dossier = await subscriptionDossier(ctx.db, bucket, id);
      if (dossier === null || dossier.subscription.spareMethods === 0) return false;
      const alternatives = await alternativesOf(ctx, dossier.subscription, now);
      if (alternatives.next === null) return false;
      const ranked = rankedAfter(dossier.subscription, alternatives, [], true, now);
      return (await isApplied(ctx, {
        seen: dossier.subscription,
        ...ranked,
        entries: [entry(ctx, dossier, alternatives.next, why, now)],
      }))
        ? true
        : LOST;
    },
    () => false,
  );
}

function entry(ctx: Context, dossier: SubscriptionDossier, next: TokenRow, why: string, now: Temporal.Instant) {
  const about = { ...dossier, channel: next.channelCode };
  const text = `${why} From now on ${nameOf(next)} is charged.`;
  return record(ctx.newId(next.bucket), now, 'token.ranked', about, { why: text });
}
