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

/** A page of what people did, newest first, strictly after this place. */
export async function activityRows(
  db: Database,
  filter: ActivityFilter,
  after: { readonly at: string; readonly id: string } | null,
  limit: number,
): Promise<readonly ActivityRow[]> {
  const beyond = after === null ? sql`` : sql` and (a.at, a.id) < (${after.at}::timestamptz, ${after.id}::uuid)`;
  return await db.run<ActivityRow>(sql`select a.id::text as id, a.actor, a.kind, a.address, a.about, a.reason,
      to_char(a.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at
    from activity a where ${narrowed(filter)}${beyond} order by a.at desc, a.id desc limit ${limit}::int`);
}

/** How often each thing was done, whichever of them is asked for. */
export async function activityKinds(
  db: Database,
  filter: ActivityFilter,
): Promise<readonly { readonly kind: string; readonly count: number }[]> {
  return await db.run(sql`select a.kind, count(*)::int as count from activity a
    where ${narrowed({ ...filter, kind: undefined })} group by a.kind order by a.kind`);
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
