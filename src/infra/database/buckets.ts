import { bucketOf } from '../../domain/charges/attempt.ts';
import { recordset } from './recordset.ts';
import { type Sql, sql } from './sql.ts';

const COUNT = 256;

/**
 * Groups of buckets whose rows lie together: one of all 256 on plain Postgres, one for each shard on a distributed one, which locks
 * rows of one shard in a statement.
 */
export type Groups = readonly (readonly number[])[];
export const ONE_GROUP: Groups = [Array.from({ length: COUNT }, (_, bucket) => bucket)];

/** Those of some buckets that lie in each group; groups with none of them are left out. */
export function partsOf(groups: Groups, buckets: readonly number[]): Groups {
  if (groups.length === 1) return [buckets];
  const ours = new Set(buckets);
  return groups.map((group) => group.filter((bucket) => ours.has(bucket))).filter((part) => part.length > 0);
}

/** Takes rows group by group, until there are enough of them. */
export async function takeByGroup<T>(
  groups: Groups,
  buckets: readonly number[],
  limit: number,
  take: (buckets: readonly number[], limit: number) => Promise<readonly T[]>,
): Promise<readonly T[]> {
  const taken: T[] = [];
  for (const part of partsOf(groups, buckets)) {
    if (taken.length >= limit) break;
    taken.push(...(await take(part, limit - taken.length)));
  }
  return taken;
}

/**
 * Narrows a table, by the name that the statement has for it, to some buckets (docs/design.md section 12, rule 2). All of them need
 * no narrowing, and none is written: in an index look-up a list of 256 that says nothing costs four times the look-up itself.
 */
export function within(alias: string, buckets: readonly number[]): Sql {
  if (buckets.length === COUNT) return sql`true`;
  return sql`${sql.raw(alias)}.bucket = any(${buckets}::smallint[])`;
}

/**
 * Narrows a table that is joined to a narrowed one by its bucket. A distributed Postgres looks at one shard only where every table says
 * so; where there is one group nothing is written, since the planner would count a second, narrow condition.
 */
export function alongside(groups: Groups, alias: string, buckets: readonly number[]): Sql {
  return groups.length === 1 ? sql`true` : within(alias, buckets);
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
