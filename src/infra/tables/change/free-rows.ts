import { within } from '../../database/buckets.ts';
import { type Beside, type Columns, recordset } from '../../database/recordset.ts';
import { type Sql, sql } from '../../database/sql.ts';

/** The rows of one table that changes write; `owners` has the subscription of each as `of_id`. */
export type Written = {
  readonly table: 'attempts' | 'charges' | 'customers' | 'items' | 'onboardings' | 'refunds' | 'tokens';
  readonly keys: Columns;
  readonly items: readonly object[];
  readonly owners: Beside;
};

/**
 * `locked`: those of the subscriptions in `subs` whose every row is free too, and is locked by this statement from here on. A
 * row that somebody else holds keeps back its own subscription, and none of the others, which an update that met it would.
 */
export function lockedWithRows(buckets: readonly number[], written: readonly Written[]): Sql[] {
  const parts = written
    .filter(({ items }) => items.length > 0)
    .map((one) => ({ name: one.table, same: sameKeys(one.keys), ...one }));
  const ctes = parts.flatMap(({ name, keys, items, owners, same }) => {
    const [wanted, got, table] = [`want_${name}`, `got_${name}`, name].map((part) => sql.raw(part)) as [Sql, Sql, Sql];
    return [
      sql`${wanted} as (select * from ${recordset('w', keys, items, owners)})`,
      sql`${got} as materialized (select f.* from (select ${sql.raw(
        Object.keys(keys)
          .map((key) => `t.${key}`)
          .join(', '),
      )}
        from ${wanted} w join subs s on s.bucket = w.bucket and s.id = w.of_id
        join ${table} t on ${same('t', 'w')} where ${within('t', buckets)} for no key update of t skip locked) f)`,
    ];
  });
  const whole = parts.map(
    ({
      name,
      same,
    }) => sql`not exists (select from ${sql.raw(`want_${name}`)} w where w.bucket = s.bucket and w.of_id = s.id
      and not exists (select from ${sql.raw(`got_${name}`)} g where ${same('g', 'w')}))`,
  );
  const condition = whole.length === 0 ? sql`true` : sql.join(whole, ' and ');
  return [...ctes, sql`locked as (select s.bucket, s.id from subs s where ${condition})`];
}

function sameKeys(keys: Columns): (left: string, right: string) => Sql {
  const names = Object.keys(keys);
  return (left, right) => sql.raw(names.map((key) => `${left}.${key} = ${right}.${key}`).join(' and '));
}
