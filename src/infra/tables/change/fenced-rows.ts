import { within } from '../../database/buckets.ts';
import { assignments, type Beside, type Columns, columnList, recordset } from '../../database/recordset.ts';
import { type Sql, sql } from '../../database/sql.ts';

/** The rows of all changes, each fenced by the subscription of its change. */
export type Fenced = { readonly items: readonly object[]; readonly owners: Beside };

type Insertion = {
  /** A column whose value the statement computes. */
  readonly beside?: { readonly name: string; readonly value: Sql };
  /** The part with the subscriptions whose rows may be inserted; those that moved unless said. */
  readonly fencedBy?: Sql;
};

/** Inserts rows whose subscription passed the fence. */
export function insertion(
  table: string,
  columns: Columns,
  rows: Fenced,
  { beside, fencedBy = sql`moved` }: Insertion = {},
): Sql[] {
  if (rows.items.length === 0) return [];
  const names = Object.keys(columns);
  const into = sql.raw([...names, ...(beside === undefined ? [] : [beside.name])].join(', '));
  const more = beside === undefined ? sql`` : sql`, ${beside.value}`;
  return [
    sql`${sql.raw(`new_${table}`)} as (insert into ${sql.raw(table)} (${into})
      select ${columnList('n', names)}${more} from ${recordset('n', columns, rows.items, rows.owners)}
      join ${fencedBy} m on m.bucket = n.bucket and m.id = n.of_id${onConflict(table)})`,
  ];
}

/**
 * A proposal that is there already must not keep money from being settled, and a method that is ranked already has its new rank;
 * everything else is inserted once or not at all.
 */
function onConflict(table: string): Sql {
  if (table === 'findings') return sql` on conflict do nothing`;
  return table === 'subscription_methods' ? RANKED_ANEW : sql``;
}

const RANKED_ANEW = sql` on conflict (bucket, subscription_id, token_id)
      do update set rank = excluded.rank, removed_at = excluded.removed_at`;

/** Updates rows whose subscription moved; `returns`: another part of the statement waits for it; `name`: where a table has two parts. */
export function update(
  buckets: readonly number[],
  table: string,
  keys: Columns,
  columns: Columns,
  rows: Fenced,
  { returns = false, name = table }: { readonly returns?: boolean; readonly name?: string } = {},
): Sql[] {
  if (rows.items.length === 0) return [];
  const names = Object.keys(keys);
  const same = sql.raw(names.map((key) => `t.${key} = u.${key}`).join(' and '));
  return [
    sql`${sql.raw(`set_${name}`)} as (update ${sql.raw(table)} t set ${assignments('u', Object.keys(columns))}
      from ${recordset('u', { ...keys, ...columns }, rows.items, rows.owners)}
      join moved m on m.bucket = u.bucket and m.id = u.of_id
      where ${within('t', buckets)} and ${same}${returns ? sql` returning t.bucket` : sql``})`,
  ];
}
