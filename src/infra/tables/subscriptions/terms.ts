import { and, desc, eq, gte, isNull } from 'drizzle-orm';
import { anyOf } from '../../database/buckets.ts';
import type { Database } from '../../database/db.ts';
import type { SubscriptionRow } from '../schema/change-columns.ts';
import { changes, terms } from '../schema/terms.ts';
import type { ChangeRow, TermsRow } from '../schema/terms-columns.ts';

/** What was agreed for cycles that are not open yet, and the change that is planned. */
export type Later = { readonly terms: readonly TermsRow[]; readonly planned: ChangeRow | null };

export const NOTHING_LATER: Later = { terms: [], planned: null };

type Agreeing = Pick<SubscriptionRow, 'id' | 'nextTermsFrom'>;

/** What was agreed for later with those of these subscriptions whose row says that something was, by their id. For the others nothing is read. */
export async function laterOf(db: Database, subscriptions: readonly Agreeing[]): Promise<ReadonlyMap<string, Later>> {
  const from = new Map(
    subscriptions.flatMap(({ id, nextTermsFrom }) => (nextTermsFrom === null ? [] : [[id, nextTermsFrom] as const])),
  );
  if (from.size === 0) return new Map();
  const ids = [...from.keys()];
  const [agreed, planned] = await Promise.all([
    db.drizzle
      .select()
      .from(terms)
      .where(
        and(
          anyOf('terms', 'subscription_id', ids),
          gte(terms.fromCycle, Math.min(...from.values())),
          isNull(terms.withdrawnAt),
        ),
      ),
    plannedOf(db, ids),
  ]);
  return new Map(
    ids.map((id) => {
      const own = agreed.filter((row) => row.subscriptionId === id && row.fromCycle >= (from.get(id) ?? 0));
      return [id, { terms: own, planned: planned.get(id) ?? null }];
    }),
  );
}

/** The planned changes of these subscriptions, by the subscription. */
export async function plannedOf(db: Database, ids: readonly string[]): Promise<ReadonlyMap<string, ChangeRow>> {
  if (ids.length === 0) return new Map();
  const rows = await db.drizzle
    .select()
    .from(changes)
    .where(and(anyOf('changes', 'subscription_id', ids), eq(changes.state, 'planned')));
  return new Map(rows.map((row) => [row.subscriptionId, row]));
}

/** The terms of a subscription that hold from a cycle on, and were not withdrawn. */
export async function termsFrom(
  db: Database,
  { bucket, id }: Pick<SubscriptionRow, 'bucket' | 'id'>,
  cycle: number,
): Promise<readonly TermsRow[]> {
  return await db.drizzle
    .select()
    .from(terms)
    .where(
      and(
        eq(terms.bucket, bucket),
        eq(terms.subscriptionId, id),
        gte(terms.fromCycle, cycle),
        isNull(terms.withdrawnAt),
      ),
    );
}

/** What was asked to be changed of a subscription, newest first: so many before a number. */
export async function changesOf(
  db: Database,
  { bucket, id }: Pick<SubscriptionRow, 'bucket' | 'id'>,
): Promise<readonly ChangeRow[]> {
  return await db.drizzle
    .select()
    .from(changes)
    .where(and(eq(changes.bucket, bucket), eq(changes.subscriptionId, id)))
    .orderBy(desc(changes.number));
}
