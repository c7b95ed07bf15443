import { and, asc, desc, eq, gte, inArray, isNull, lt, lte } from 'drizzle-orm';
import { anyOf, within } from '../../database/buckets.ts';
import type { Database } from '../../database/db.ts';
import { sql } from '../../database/sql.ts';
import type { ChargeRow, SubscriptionRow } from '../schema/change-columns.ts';
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

/** What lies ahead of these subscriptions: the change that waits for its payment, or else the one that is planned. */
export async function aheadOf(db: Database, ids: readonly string[]): Promise<ReadonlyMap<string, ChangeRow>> {
  if (ids.length === 0) return new Map();
  const isAhead = inArray(changes.state, ['planned', 'awaiting_payment']);
  const rows = await db.drizzle
    .select()
    .from(changes)
    .where(and(anyOf('changes', 'subscription_id', ids), isAhead))
    // The later of the two is read last, and kept: a change that waits was asked for after the one that it may replace.
    .orderBy(asc(changes.number));
  return new Map(rows.map((row) => [row.subscriptionId, row]));
}

/** The change of a subscription that waits for its payment; null: none does. */
export async function awaitingOf(
  db: Database,
  { bucket, id }: Pick<SubscriptionRow, 'bucket' | 'id'>,
): Promise<ChangeRow | null> {
  const [row] = await db.drizzle
    .select()
    .from(changes)
    .where(and(eq(changes.bucket, bucket), eq(changes.subscriptionId, id), eq(changes.state, 'awaiting_payment')))
    .limit(1);
  return row ?? null;
}

/** The change that a charge pays for; null: it pays for none. */
export async function changePaidBy(
  db: Database,
  { bucket, id, subscriptionId }: Pick<ChargeRow, 'bucket' | 'id' | 'subscriptionId'>,
): Promise<ChangeRow | null> {
  const [row] = await db.drizzle
    .select()
    .from(changes)
    .where(and(eq(changes.bucket, bucket), eq(changes.subscriptionId, subscriptionId), eq(changes.chargeId, id)))
    .limit(1);
  return row ?? null;
}

/** The subscriptions with a change that was planned for a day which has come, longest ago first. */
export async function plannedToApply(
  db: Database,
  buckets: readonly number[],
  now: Temporal.Instant,
  limit: number,
): Promise<readonly string[]> {
  const rows = await db.run<{ id: string }>(sql`select c.subscription_id as id from changes c
    where ${within('c', buckets)} and c.applies_at <= ${now.toString()}::timestamptz
    order by c.applies_at limit ${limit}::int`);
  return rows.map(({ id }) => id);
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

/** The terms that hold for a cycle, as they were written down; null: none reaches it. */
export async function termsHolding(
  db: Database,
  { bucket, id }: Pick<SubscriptionRow, 'bucket' | 'id'>,
  cycle: number,
): Promise<TermsRow | null> {
  const isHolding = and(lte(terms.fromCycle, cycle), isNull(terms.withdrawnAt));
  const [row] = await db.drizzle
    .select()
    .from(terms)
    .where(and(eq(terms.bucket, bucket), eq(terms.subscriptionId, id), isHolding))
    .orderBy(desc(terms.fromCycle), desc(terms.number))
    .limit(1);
  return row ?? null;
}

type Ending = Pick<SubscriptionRow, 'id' | 'plan' | 'endsAfter'>;

/** The catalog version from which each of these has its plan and the end of it, by its id: a price that came later changed neither. */
export async function versionsAgreed(db: Database, ending: readonly Ending[]): Promise<ReadonlyMap<string, number>> {
  if (ending.length === 0) return new Map();
  const rows = await db.drizzle
    .select({ id: terms.subscriptionId, plan: terms.plan, last: terms.lastCycle, version: terms.catalogVersion })
    .from(terms)
    .where(
      and(
        anyOf(
          'terms',
          'subscription_id',
          ending.map(({ id }) => id),
        ),
        isNull(terms.withdrawnAt),
      ),
    )
    .orderBy(asc(terms.number));
  const firstOf = ({ id, plan, endsAfter }: Ending) =>
    rows.find((row) => row.id === id && row.plan === plan && row.last !== null && row.last + 1 === endsAfter);
  return new Map(
    ending.flatMap((one) => {
      const first = firstOf(one);
      return first === undefined ? [] : [[one.id, first.version] as const];
    }),
  );
}

/** What was asked to be changed of a subscription, newest first: at most so many before a number. */
export async function changesOf(
  db: Database,
  { bucket, id }: Pick<SubscriptionRow, 'bucket' | 'id'>,
  before: number | null,
  limit: number,
): Promise<readonly ChangeRow[]> {
  return await db.drizzle
    .select()
    .from(changes)
    .where(
      and(
        eq(changes.bucket, bucket),
        eq(changes.subscriptionId, id),
        before === null ? undefined : lt(changes.number, before),
      ),
    )
    .orderBy(desc(changes.number))
    .limit(limit);
}
