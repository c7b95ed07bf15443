import { and, count, eq, inArray, notInArray } from 'drizzle-orm';
import type { Database } from '../../database/db.ts';
import { customers, tokens } from '../schema/methods.ts';
import { subscriptions } from '../schema/subscriptions.ts';
import { openedToken, sealedTokens } from './sealed-tokens.ts';

/** A payment token with a subscription that is charged to it. */
export type TokenDossier = Awaited<ReturnType<typeof tokenDossiers>>[number];

/** One for each subscription that is charged to it; empty when none of ours has it. */
export async function tokenDossiers(db: Database, tokenId: string) {
  const rows = await db.drizzle
    .select({ token: sealedTokens, subscription: subscriptions, customer: customers })
    .from(tokens)
    .innerJoin(subscriptions, and(eq(subscriptions.bucket, tokens.bucket), eq(subscriptions.tokenId, tokens.id)))
    .innerJoin(customers, and(eq(customers.bucket, tokens.bucket), eq(customers.id, tokens.customerId)))
    .where(inArray(tokens.tokenIndex, [...db.vault.indexes(tokenId)]));
  return rows.map((row) => ({ ...row, token: openedToken(db.vault, row.token) }));
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
