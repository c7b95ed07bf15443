import { and, asc, eq, sql as fragment, inArray, isNull } from 'drizzle-orm';
import type { FindingKind } from '../../../domain/books/finding.ts';
import { alongside, within } from '../../database/buckets.ts';
import type { Database } from '../../database/db.ts';
import { columnList, recordset } from '../../database/recordset.ts';
import { sql } from '../../database/sql.ts';
import { findings } from '../schema/books.ts';
import { type FindingRow, type NewFinding, newFindingColumns } from '../schema/change-columns.ts';
import { attempts } from '../schema/charges.ts';
import { columnsOf } from '../schema/columns-of.ts';

const columns = Object.keys(newFindingColumns);
const keys = columnsOf(findings, ['bucket', 'kind', 'reference']);

/**
 * Writes findings down, each once; one that had closed and holds again is open again.
 * @returns the kind and reference of those that are new, or open again.
 */
export async function writeFindings(
  db: Database,
  found: readonly NewFinding[],
): Promise<readonly { readonly kind: string; readonly reference: string }[]> {
  if (found.length === 0) return [];
  return await db.run(sql`insert into findings as f (${sql.raw(columns.join(', '))})
    select ${columnList('n', columns)} from ${recordset('n', newFindingColumns, found)}
    on conflict (bucket, kind, reference) do update set closed_at = null, closed_why = null, found_at = excluded.found_at,
      why = excluded.why, amount = excluded.amount, currency = excluded.currency
    where f.closed_at is not null
    returning f.kind, f.reference`);
}

/**
 * Takes open findings of these kinds to ask Xendit about, those first that were asked about longest ago: however many stand
 * open, each has its turn.
 */
export async function takeFindings(
  db: Database,
  buckets: readonly number[],
  kinds: readonly FindingKind[],
  now: Temporal.Instant,
  limit: number,
): Promise<readonly FindingRow[]> {
  const oldest = db.drizzle
    .select({ bucket: findings.bucket, kind: findings.kind, reference: findings.reference })
    .from(findings)
    .where(and(within('findings', buckets), isNull(findings.closedAt), inArray(findings.kind, [...kinds])))
    .orderBy(
      fragment`${findings.askedAt} nulls first`,
      asc(findings.foundAt),
      asc(findings.bucket),
      asc(findings.reference),
    )
    .limit(limit);
  return await db.drizzle
    .update(findings)
    .set({ askedAt: now })
    .where(fragment`(${findings.bucket}, ${findings.kind}, ${findings.reference}) in ${oldest}`)
    .returning();
}

/** What stands open, oldest first; of some kinds only, or of all. */
export async function openFindings(
  db: Database,
  buckets: readonly number[],
  kinds: readonly FindingKind[] | null,
  limit: number,
): Promise<readonly FindingRow[]> {
  return await db.drizzle
    .select()
    .from(findings)
    .where(
      and(
        within('findings', buckets),
        isNull(findings.closedAt),
        kinds === null ? undefined : inArray(findings.kind, [...kinds]),
      ),
    )
    .orderBy(asc(findings.foundAt), asc(findings.bucket), asc(findings.reference))
    .limit(limit);
}

const underColumns = columnsOf(attempts, ['bucket', 'referenceId']);

/** The kinds of what was found under these references, one each. */
export async function kindsUnder(
  db: Database,
  buckets: readonly number[],
  named: readonly { readonly bucket: number; readonly referenceId: string }[],
): Promise<readonly FindingKind[]> {
  const found = await db.run<{ kind: FindingKind }>(sql`select f.kind
    from ${recordset('n', underColumns, named)}
    join findings f on f.bucket = n.bucket and f.reference = n.reference_id
    where ${within('f', buckets)} and f.kind in ('overpayment', 'late_success')`);
  return found.map(({ kind }) => kind);
}

/** The references among these under which a finding of this kind stands open. */
export async function openUnder(
  db: Database,
  buckets: readonly number[],
  kind: FindingKind,
  named: readonly { readonly bucket: number; readonly referenceId: string }[],
): Promise<readonly string[]> {
  if (named.length === 0) return [];
  const found = await db.run<{ reference: string }>(sql`select f.reference from ${recordset('n', underColumns, named)}
    join findings f on f.bucket = n.bucket and f.kind = ${kind} and f.reference = n.reference_id
    where ${within('f', buckets)} and f.closed_at is null`);
  return found.map(({ reference }) => reference);
}

/** What was found about a charge, open or not, oldest first. */
export async function findingsAbout(db: Database, bucket: number, chargeId: string): Promise<readonly FindingRow[]> {
  return await db.drizzle
    .select()
    .from(findings)
    .where(and(eq(findings.bucket, bucket), eq(findings.chargeId, chargeId)))
    .orderBy(asc(findings.foundAt), asc(findings.reference));
}

/** Whether this was found before, open or not. */
export async function isFound(db: Database, bucket: number, kind: FindingKind, reference: string): Promise<boolean> {
  const rows = await db.run(sql`select 1 as found from findings
    where bucket = ${bucket}::smallint and kind = ${kind} and reference = ${reference}`);
  return rows.length > 0;
}

/** It no longer holds; only of one that is open. */
export async function closeFindings(
  db: Database,
  buckets: readonly number[],
  over: readonly Pick<FindingRow, 'bucket' | 'kind' | 'reference'>[],
  now: Temporal.Instant,
  why: string,
): Promise<void> {
  if (over.length === 0) return;
  await db.run(sql`update findings f set closed_at = ${now.toString()}::timestamptz, closed_why = ${why}
    from ${recordset('o', keys, over)}
    where ${within('f', buckets)} and f.closed_at is null
      and f.bucket = o.bucket and f.kind = o.kind and f.reference = o.reference`);
}

/** Closes what was found of sessions whose subscription has a payment method by now, or is over. */
export async function closeLinked(db: Database, buckets: readonly number[], now: Temporal.Instant): Promise<void> {
  await db.run(sql`update findings f set closed_at = ${now.toString()}::timestamptz,
      closed_why = 'The subscription has another payment method since, or is over.'
    from subscriptions s where ${within('f', buckets)} and f.kind = 'unlinked_session' and f.closed_at is null
      and s.bucket = f.bucket and ${alongside(db.groups, 's', buckets)} and s.id = f.subscription_id and (s.ended_at is not null or exists (select from tokens t
        where t.bucket = s.bucket and ${alongside(db.groups, 't', buckets)} and t.id = s.token_id and t.saved_at >= f.found_at))`);
}
