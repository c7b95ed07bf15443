import { and, count, eq, inArray, isNotNull, isNull, notInArray, or } from 'drizzle-orm';
import type { TokenEnd } from '../../../domain/methods/token-moves.ts';
import { alongside, within } from '../../database/buckets.ts';
import type { Database } from '../../database/db.ts';
import { sql } from '../../database/sql.ts';
import { customers, tokens } from '../schema/methods.ts';
import { subscriptionMethods, subscriptions } from '../schema/subscriptions.ts';
import { openedToken, sealedTokens } from './sealed-tokens.ts';

/** A payment token with a subscription that is charged to it. */
export type TokenDossier = Awaited<ReturnType<typeof tokenDossiers>>[number];

const isOfCustomer = and(eq(subscriptions.bucket, tokens.bucket), eq(subscriptions.customerId, tokens.customerId));
/** Its rank among the methods of that subscription. */
const isItsRank = and(
  eq(subscriptionMethods.bucket, tokens.bucket),
  eq(subscriptionMethods.subscriptionId, subscriptions.id),
  eq(subscriptionMethods.tokenId, tokens.id),
  isNull(subscriptionMethods.removedAt),
);

/** One for each subscription that is charged to it, or may be once its first method ends; empty when none of ours has it. */
export async function tokenDossiers(db: Database, tokenId: string) {
  const rows = await db.drizzle
    .select({ token: sealedTokens, subscription: subscriptions, customer: customers })
    .from(tokens)
    .innerJoin(subscriptions, isOfCustomer)
    .leftJoin(subscriptionMethods, isItsRank)
    .innerJoin(customers, and(eq(customers.bucket, tokens.bucket), eq(customers.id, tokens.customerId)))
    .where(
      and(
        inArray(tokens.tokenIndex, [...db.vault.indexes(tokenId)]),
        or(eq(subscriptions.tokenId, tokens.id), isNotNull(subscriptionMethods.rank)),
      ),
    );
  return rows.map((row) => ({ ...row, token: openedToken(db.vault, row.token) }));
}

/** The payment token of the method that was saved in this session; null: none was, or no key of ours opens it. */
export async function tokenSavedIn(db: Database, bucket: number, sessionId: string): Promise<string | null> {
  const [row] = await db.drizzle
    .select({ token: sealedTokens })
    .from(tokens)
    .where(and(eq(tokens.bucket, bucket), eq(tokens.sessionId, sessionId)))
    .limit(1);
  return row === undefined ? null : openedToken(db.vault, row.token).tokenId;
}

/** How and when a method ended for one of its subscriptions, and its payment token; null: no key of ours opens it. */
export type EndedInPart = {
  readonly tokenId: string | null;
  readonly as: TokenEnd;
  readonly why: string;
  readonly at: Temporal.Instant;
};

/** Methods that ended since an instant, and that another subscription is still charged to as it was saved before. */
export async function endedInPart(
  db: Database,
  buckets: readonly number[],
  since: Temporal.Instant,
): Promise<readonly EndedInPart[]> {
  const rows = await db.run<EndedRow>(
    sql`select t.id, t.token_id as "tokenId", t.status as "as", t.ended_reason as why, t.ended_at as at from tokens t
    where ${within('t', buckets)} and t.ended_at >= ${since.toString()}::timestamptz and exists (select from tokens o
      join subscriptions s on s.bucket = o.bucket and s.customer_id = o.customer_id and ${alongside(db.groups, 's', buckets)}
        and (s.token_id = o.id or exists (select from subscription_methods m where m.bucket = o.bucket and ${alongside(db.groups, 'm', buckets)}
          and m.subscription_id = s.id and m.token_id = o.id and m.removed_at is null))
      where o.bucket = t.bucket and o.token_index = t.token_index and ${alongside(db.groups, 'o', buckets)}
        and o.status = 'active' and o.saved_at <= t.ended_at)`,
  );
  return rows.map((row) => ({ ...openedToken(db.vault, row), at: Temporal.Instant.from(row.at) }));
}

type EndedRow = Omit<EndedInPart, 'at'> & { readonly id: string; readonly tokenId: string; readonly at: string };

/** When a method ended that this row is of as well, since it was saved; null: it did not. */
export async function whenEnded(db: Database, bucket: number, id: string): Promise<Temporal.Instant | null> {
  const [row] = await db.run<{ at: string | null }>(sql`select max(t.ended_at) as at from tokens o
    join tokens t on t.bucket = o.bucket and t.token_index = o.token_index and t.bucket = ${bucket}::smallint
    where o.bucket = ${bucket}::smallint and o.id = ${id}::uuid and t.status <> 'active' and t.ended_at >= o.saved_at`);
  return row?.at == null ? null : Temporal.Instant.from(row.at);
}

/** How many subscriptions that go on are charged to a method of these channels. */
export async function paidThrough(db: Database, channels: readonly string[]): Promise<number> {
  const [row] = await db.drizzle
    .select({ count: count() })
    .from(tokens)
    .innerJoin(subscriptions, and(eq(subscriptions.bucket, tokens.bucket), eq(subscriptions.tokenId, tokens.id)))
    .where(
      and(
        inArray(tokens.channelCode, [...channels]),
        eq(tokens.status, 'active'),
        notInArray(subscriptions.status, ['canceled', 'ended']),
      ),
    );
  return row?.count ?? 0;
}

/** In which channel, and where, a token was saved; null: there is none. */
export async function channelOf(
  db: Database,
  bucket: number,
  id: string,
): Promise<{ readonly channelCode: string; readonly country: string | null } | null> {
  const [row] = await db.drizzle
    .select({ channelCode: tokens.channelCode, country: tokens.country })
    .from(tokens)
    .where(and(eq(tokens.bucket, bucket), eq(tokens.id, id)))
    .limit(1);
  return row ?? null;
}
