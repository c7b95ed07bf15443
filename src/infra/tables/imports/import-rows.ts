import type { RowState } from '../../../domain/imports/import-states.ts';
import type { FoundMethod } from '../../../domain/imports/imported-method.ts';
import { within } from '../../database/buckets.ts';
import type { Database } from '../../database/db.ts';
import { recordset } from '../../database/recordset.ts';
import { type Sql, sql } from '../../database/sql.ts';
import { columnsOf } from '../schema/columns-of.ts';
import { importRows } from '../schema/imports/imports.ts';

/** A line as its import knows it. */
export type KnownRow = {
  readonly bucket: number;
  readonly line: number;
  readonly state: RowState;
  readonly referenceId: string;
  readonly tokenIndex: string | null;
  readonly method: FoundMethod | null;
  readonly why: string | null;
};

export type NewImportRow = Pick<
  typeof importRows.$inferSelect,
  'bucket' | 'importId' | 'line' | 'referenceId' | 'cycle' | 'state' | 'tokenIndex'
>;

const newColumns = columnsOf(importRows, ['bucket', 'importId', 'line', 'referenceId', 'cycle', 'state', 'tokenIndex']);

/**
 * Writes lines down, each once. What Xendit said of a token since an instant, for whichever file, need not be asked again: who mends one line
 * of a hundred thousand does not wait for the others once more.
 */
export async function addRows(
  db: Database,
  buckets: readonly number[],
  rows: readonly NewImportRow[],
  since: Temporal.Instant,
): Promise<void> {
  await db.run(sql`insert into import_rows (bucket, import_id, line, reference_id, cycle, state, token_index, method, looked_at)
    select n.bucket, n.import_id, n.line, n.reference_id, n.cycle, case when k.method is null then n.state else 'good' end,
      n.token_index, k.method, k.looked_at
    from ${recordset('n', newColumns, rows)}
    left join lateral (select r.method, r.looked_at from import_rows r where ${within('r', buckets)} and r.token_index = n.token_index
      and r.method is not null and r.looked_at >= ${since.toString()}::timestamptz order by r.looked_at desc limit 1) k on true
    on conflict (bucket, import_id, line) do nothing`);
}

/**
 * Lines whose token is asked about anew: those of this import that were refused, and all whose answer is older than this. What Xendit said of
 * a token is kept no longer, of whichever file; where subscriptions are being created it was good when that began.
 */
export async function forgetOldLooks(
  db: Database,
  buckets: readonly number[],
  importId: string,
  before: Temporal.Instant,
): Promise<void> {
  await db.run(sql`update import_rows r set state = 'unknown', method = null, why = null
    from (select l.bucket, l.import_id, l.line from import_rows l
      where ${within('l', buckets)} and ((l.import_id = ${importId} and l.state = 'refused')
        or (l.state = 'good' and l.looked_at < ${before.toString()}::timestamptz
          and l.import_id in (select i.digest from imports i where i.state <> 'creating')))
      order by l.import_id, l.line for update of l) n
    where ${within('r', buckets)} and r.bucket = n.bucket and r.import_id = n.import_id and r.line = n.line`);
}

/** What is known of the lines of an import from one to another. */
export async function rowsBetween(
  db: Database,
  buckets: readonly number[],
  importId: string,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<ReadonlyMap<number, KnownRow>> {
  const rows =
    await db.run<KnownRow>(sql`select r.bucket, r.line, r.state, r.reference_id as "referenceId", r.token_index as "tokenIndex",
      r.method, r.why from import_rows r
    where ${within('r', buckets)} and r.import_id = ${importId} and r.line between ${from}::int and ${to}::int`);
  return new Map(rows.map((row) => [row.line, row]));
}

export type LookedRow = {
  readonly bucket: number;
  readonly importId: string;
  readonly line: number;
  readonly state: RowState;
  readonly method?: FoundMethod | null;
  readonly why: string | null;
  readonly lookedAt: Temporal.Instant;
};

const lookedColumns = columnsOf(importRows, ['bucket', 'importId', 'line', 'state', 'method', 'why', 'lookedAt']);

/** Keeps what became of lines at a look; one that has come further meanwhile stays where it is. */
export async function keepLooks(
  db: Database,
  buckets: readonly number[],
  rows: readonly LookedRow[],
  of: readonly RowState[],
): Promise<void> {
  if (rows.length === 0) return;
  await db.run(sql`update import_rows r set state = n.state, method = n.method, why = n.why, looked_at = n.looked_at
    from ${inOrder(recordset('n', lookedColumns, rows), buckets)}
    where ${within('r', buckets)} and r.bucket = n.bucket and r.import_id = n.import_id and r.line = n.line and r.state = any(${of}::text[])`);
}

/** The lines that are written, locked in one order by everybody: two processes that import the same file wait for each other in turn. */
function inOrder(written: Sql, buckets: readonly number[]): Sql {
  return sql`(select n.* from ${written} join import_rows l on l.bucket = n.bucket and l.import_id = n.import_id and l.line = n.line
      where ${within('l', buckets)} order by l.import_id, l.line for update of l) n`;
}

/** The same lines as parts of the statement that creates their subscriptions: from then on nothing of a token stands here. */
export function rowsCreated(buckets: readonly number[], rows: readonly CreatedRow[]): Sql {
  return sql`imported as (update import_rows r set state = 'created', subscription_id = n.subscription_id, method = null, token_index = null,
      why = null
    from ${inOrder(recordset('n', createdColumns, rows), buckets)}
    where ${within('r', buckets)} and r.bucket = n.bucket and r.import_id = n.import_id and r.line = n.line)`;
}

export type CreatedRow = {
  readonly bucket: number;
  readonly importId: string;
  readonly line: number;
  readonly subscriptionId: string;
};
const createdColumns = columnsOf(importRows, ['bucket', 'importId', 'line', 'subscriptionId']);

/** A subscription that waits for its switch. */
export type WaitingRow = {
  readonly bucket: number;
  readonly importId: string;
  readonly line: number;
  readonly cycle: number;
  readonly subscriptionId: string;
  readonly referenceId: string;
  readonly file: string;
};

/** Those after a line of an import, in their order, so many at most; null: from the first on. */
export async function rowsToSwitch(
  db: Database,
  buckets: readonly number[],
  after: Pick<WaitingRow, 'importId' | 'line'> | null,
  limit: number,
): Promise<readonly WaitingRow[]> {
  return await db.run<WaitingRow>(sql`
    select r.bucket, r.import_id as "importId", r.line, r.cycle, r.subscription_id as "subscriptionId", r.reference_id as "referenceId", i.file
    from import_rows r join imports i on i.digest = r.import_id
    where ${within('r', buckets)} and r.state = 'created' and (r.import_id, r.line) > (${after?.importId ?? ''}, ${after?.line ?? 0}::int)
    order by r.import_id, r.line limit ${limit}::int`);
}

/** The lines of an import that cannot be created, in their order; so many at most. */
export async function refusedRows(
  db: Database,
  buckets: readonly number[],
  importId: string,
  limit: number,
): Promise<readonly { readonly line: number; readonly why: string }[]> {
  return await db.run<{ line: number; why: string }>(sql`select r.line, r.why from import_rows r
    where ${within('r', buckets)} and r.import_id = ${importId} and r.state in ('refused', 'left')
    order by r.line limit ${limit}::int`);
}
