import { bucketOf } from '../../domain/charges/attempt.ts';
import { recordset } from './recordset.ts';
import { type Sql, sql } from './sql.ts';

const COUNT = 256;

/**
 * Narrows a table, by the name that the statement has for it, to some buckets (docs/design.md section 12, rule 2). All of them need
 * no narrowing, and none is written: in an index look-up a list of 256 that says nothing costs four times the look-up itself.
 */
export function within(alias: string, buckets: readonly number[]): Sql {
  if (buckets.length === COUNT) return sql`true`;
  return sql`${sql.raw(alias)}.bucket = any(${buckets}::smallint[])`;
}

const pairs = { bucket: { key: 'bucket', type: 'smallint' }, id: { key: 'id', type: 'uuid' } } as const;

/**
 * Ids with the buckets that they say they lie in, as rows to join. In pairs: with a list of buckets and a list of ids the
 * planner may read whole buckets.
 */
export function listed(alias: string, ids: readonly string[]): Sql {
  return recordset(
    alias,
    pairs,
    ids.map((id) => ({ bucket: bucketOf(id), id })),
  );
}

/** Those rows of a table, by its name in the statement, whose `key` is one of these ids. */
export function anyOf(alias: string, key: string, ids: readonly string[]): Sql {
  return sql`(${sql.raw(`${alias}.bucket, ${alias}.${key}`)}) in (select n.bucket, n.id from ${listed('n', ids)})`;
}
