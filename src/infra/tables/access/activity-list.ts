import type { Database } from '../../database/db.ts';
import { type Sql, sql } from '../../database/sql.ts';

export type ActivityFilter = {
  /** A part of who did it, in whatever letters. */
  readonly who?: string | undefined;
  readonly kind?: string | undefined;
  readonly from: Temporal.Instant | null;
  /** Excluded. */
  readonly until: Temporal.Instant | null;
};

export type ActivityRow = {
  readonly id: string;
  /** ISO 8601 in UTC, with all digits that Postgres has. */
  readonly at: string;
  readonly actor: string;
  readonly kind: string;
  readonly address: string | null;
  readonly about: string | null;
  readonly reason: string | null;
};

/** A page of what people did, newest first, strictly after this place; or the list read backwards from it. */
export async function activityRows(
  db: Database,
  filter: ActivityFilter,
  after: { readonly at: string; readonly id: string } | null,
  limit: number,
  isBackward: boolean,
): Promise<readonly ActivityRow[]> {
  const [beyond, way] = isBackward ? [sql`>`, sql`asc`] : [sql`<`, sql`desc`];
  const isAfter =
    after === null ? sql`` : sql` and (a.at, a.id) ${beyond} (${after.at}::timestamptz, ${after.id}::uuid)`;
  return await db.run<ActivityRow>(sql`select a.id::text as id, a.actor, a.kind, a.address, a.about, a.reason,
      to_char(a.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at
    from activity a where ${narrowed(filter)}${isAfter} order by a.at ${way}, a.id ${way} limit ${limit}::int`);
}

/** How often each thing was done, whichever of them is asked for. Of more than `most` only so many and one are counted; null: all are. */
export async function activityKinds(
  db: Database,
  filter: ActivityFilter,
  most: number | null,
): Promise<readonly { readonly kind: string; readonly count: number }[]> {
  const bound = most === null ? sql`` : sql` limit ${most + 1}::int`;
  return await db.run(sql`select a.kind, count(*)::int as count
    from (select a.kind from activity a where ${narrowed({ ...filter, kind: undefined })}${bound}) a
    group by a.kind order by a.kind`);
}

function narrowed({ who, kind, from, until }: ActivityFilter): Sql {
  const parts = [
    sql`true`,
    ...(who === undefined ? [] : [sql`strpos(lower(a.actor), lower(${who})) > 0`]),
    ...(kind === undefined ? [] : [sql`a.kind = ${kind}`]),
    ...(from === null ? [] : [sql`a.at >= ${from.toString()}::timestamptz`]),
    ...(until === null ? [] : [sql`a.at < ${until.toString()}::timestamptz`]),
  ];
  return sql.join(parts, ' and ');
}
