import { type SQL, sql } from 'drizzle-orm';
import type { AnyPgColumn } from 'drizzle-orm/pg-core';
import { bucketOf } from '../../domain/attempt.ts';

const COUNT = 256;

/**
 * Narrows a table to some buckets (design.md section 12, rule 2). All of them need no narrowing, and none is written: in
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

/** Rows with one of these ids, which say themselves in which buckets they lie. */
export function anyOf(bucket: AnyPgColumn | SQL, id: AnyPgColumn | SQL, ids: readonly string[]): SQL {
  const buckets = [...new Set(ids.map(bucketOf))];
  return sql`${bucket} = any(${sql.param(buckets)}::smallint[]) and ${id} = any(${sql.param(ids)}::uuid[])`;
}
