import { and, asc, desc, eq, sql as fragment, isNull, or } from 'drizzle-orm';
import { anyOf } from '../../database/buckets.ts';
import type { Database } from '../../database/db.ts';
import type { SubscriptionRow } from '../schema/change-columns.ts';
import type { TokenRow } from '../schema/method-columns.ts';
import { tokens } from '../schema/methods.ts';
import { subscriptionMethods } from '../schema/subscriptions.ts';
import { openedToken, sealedTokens } from './sealed-tokens.ts';

/** The methods that have a rank among those of these subscriptions, by the subscription, in the order of their ranks. */
export async function rankedMethods(
  db: Database,
  subscriptionIds: readonly string[],
): Promise<ReadonlyMap<string, readonly TokenRow[]>> {
  if (subscriptionIds.length === 0) return new Map();
  const rows = await db.drizzle
    .select({ subscriptionId: subscriptionMethods.subscriptionId, token: sealedTokens })
    .from(subscriptionMethods)
    .innerJoin(tokens, and(eq(tokens.bucket, subscriptionMethods.bucket), eq(tokens.id, subscriptionMethods.tokenId)))
    .where(
      and(anyOf('subscription_methods', 'subscription_id', subscriptionIds), isNull(subscriptionMethods.removedAt)),
    )
    .orderBy(asc(subscriptionMethods.rank), asc(subscriptionMethods.tokenId));
  const methods = new Map<string, TokenRow[]>();
  for (const { subscriptionId, token } of rows) {
    const known = methods.get(subscriptionId) ?? [];
    methods.set(subscriptionId, [...known, openedToken(db.vault, token)]);
  }
  return methods;
}

/** A method that a subscription has or had, and since when it is none of its own any more. */
export type MethodLife = { readonly token: TokenRow; readonly removedAt: Temporal.Instant | null };

/** Every method that a subscription ever had, newest first. One from before there were ranks has the one that its row names. */
export async function lifeOfMethods(
  db: Database,
  { bucket, id, tokenId }: Pick<SubscriptionRow, 'bucket' | 'id' | 'tokenId'>,
): Promise<readonly MethodLife[]> {
  const isIts = and(
    eq(subscriptionMethods.bucket, tokens.bucket),
    eq(subscriptionMethods.tokenId, tokens.id),
    eq(subscriptionMethods.subscriptionId, id),
  );
  const inUse = tokenId === null ? undefined : eq(tokens.id, tokenId);
  const rows = await db.drizzle
    .select({ token: sealedTokens, removedAt: subscriptionMethods.removedAt })
    .from(tokens)
    .leftJoin(subscriptionMethods, isIts)
    .where(
      and(
        eq(tokens.bucket, bucket),
        or(
          inUse,
          fragment`${tokens.id} in (select m.token_id from subscription_methods m where m.bucket = ${bucket} and m.subscription_id = ${id})`,
        ),
      ),
    )
    .orderBy(desc(tokens.savedAt), desc(tokens.id));
  return rows.map(({ token, removedAt }) => ({ token: openedToken(db.vault, token), removedAt }));
}

/** One method by the id of its row; null when there is none. */
export async function methodById(db: Database, bucket: number, id: string): Promise<TokenRow | null> {
  const [row] = await db.drizzle
    .select(sealedTokens)
    .from(tokens)
    .where(and(eq(tokens.bucket, bucket), eq(tokens.id, id)))
    .limit(1);
  return row === undefined ? null : openedToken(db.vault, row);
}
