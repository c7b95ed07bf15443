import type { Context } from '../../context.ts';
import { type Order, savedFirst } from '../../domain/methods/ranks.ts';
import type { SubscriptionRow } from '../../infra/tables/schema/change-columns.ts';
import type { NewToken, TokenRow } from '../../infra/tables/schema/method-columns.ts';
import { methodsOf, ranking } from './ranking.ts';

/**
 * The ranks of a subscription's methods with one that was just saved. It is charged from now on, and what could be charged until then
 * comes after it; saved with an older link it comes last. The same method saved again takes the place of the one before.
 */
export async function rankedWith(
  ctx: Context,
  subscription: SubscriptionRow,
  saved: NewToken,
  isOld: boolean,
  now: Temporal.Instant,
): Promise<Partial<ReturnType<typeof ranking>>> {
  const before = await methodsOf(ctx, subscription);
  const others = before.filter((one) => !isSameMethod(one, saved));
  if (isOld) return others.length < before.length ? {} : ranking(subscription, [...before, saved], [], now);
  const order = savedFirst<Order<TokenRow | NewToken>[number]>(saved, others);
  const kept = new Set(order.map(({ id }) => id));
  return ranking(
    subscription,
    order,
    before.filter(({ id }) => !kept.has(id)),
    now,
  );
}

/** Xendit may give out the token that it gave before, or another one for the same card. */
function isSameMethod(one: TokenRow, saved: NewToken): boolean {
  return one.tokenId === saved.tokenId || (saved.fingerprint !== null && one.fingerprint === saved.fingerprint);
}
