import { type SQL, sql } from 'drizzle-orm';
import type { AnyPgColumn } from 'drizzle-orm/pg-core';
import { bucketOf } from '../../domain/charges/attempt.ts';
import { recordset } from './recordset.ts';

const COUNT = 256;

/**
 * Narrows a table to some buckets (docs/design.md section 12, rule 2). All of them need no narrowing, and none is written: in
 * an index look-up a list of 256 that says nothing costs four times the look-up itself.
 */
export function inBuckets(column: AnyPgColumn | SQL, buckets: readonly number[]): SQL {
  if (buckets.length === COUNT) return sql`true`;
  return sql`${column} = any(${`{${buckets.join(',')}}`}::smallint[])`;
}

/** The same for a table that a statement calls `alias`. */
export function within(alias: string, buckets: readonly number[]): SQL {
  return inBuckets(sql.raw(`${alias}.bucket`), buckets);
}

const pairs = { bucket: { key: 'bucket', type: 'smallint' }, id: { key: 'id', type: 'uuid' } } as const;

/**
 * Ids with the buckets that they say they lie in, as rows to join. In pairs: with a list of buckets and a list of ids the
 * planner may read whole buckets.
 */
export function listed(alias: string, ids: readonly string[]): SQL {
  return recordset(
    alias,
    pairs,
    ids.map((id) => ({ bucket: bucketOf(id), id })),
  );
}

/** Rows with one of these ids. */
export function anyOf(bucket: AnyPgColumn | SQL, id: AnyPgColumn | SQL, ids: readonly string[]): SQL {
  return sql`(${bucket}, ${id}) in (select n.bucket, n.id from ${listed('n', ids)})`;
}
