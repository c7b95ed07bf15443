import type { Sql } from 'postgres';

/*
 * A book that is made up (`dueday seed`) becomes a large one: each customer with all that is theirs is there once more for each copy,
 * under other ids. Proofs do not hold in the copies: it is for looking.
 */

/** References of the product's, which a copy has its own of. */
const OWN_REFERENCES: Readonly<Record<string, readonly string[]>> = {
  customers: ['reference_id'],
  subscriptions: ['reference_id'],
  names: ['name'],
  ledger: ['subscription_reference', 'customer_reference'],
};

/** Three hexadecimal digits from the first copy to the last. */
const FIRST_MARK = 0x100;

type Column = { readonly table_name: string; readonly column_name: string; readonly data_type: string };

/** Makes so many copies of everything that belongs to customers. */
export async function copyBook(client: Sql, copies: number, told: (done: number) => void): Promise<void> {
  const columns = await client.unsafe<Column[]>(`select c.table_name, c.column_name, c.data_type
    from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
    where c.table_schema = 'public' and t.table_type = 'BASE TABLE' and c.is_generated = 'NEVER'
      and exists (select from information_schema.columns b where b.table_schema = 'public' and b.table_name = c.table_name and b.column_name = 'bucket')
      and c.table_name not in ('inbox')
    order by c.table_name, c.ordinal_position`);
  await client.unsafe(`set session_replication_role = replica; set synchronous_commit = off; set work_mem = '256MB'`);
  const tables = Map.groupBy(columns, ({ table_name }) => table_name);
  const indexes = await dropIndexes(client, [...tables.keys()]);
  for (const table of tables.keys()) await client.unsafe(`create temp table first_${table} as select * from ${table}`); // oxlint-disable-line no-await-in-loop
  for (let copy = 1; copy <= copies; copy += 1) {
    const mark = (FIRST_MARK + copy).toString(16);
    const whole = [...tables].map(([table, all]) => copying(table, all, mark)).join('; ');
    await client.unsafe(`begin; ${whole}; commit`); // oxlint-disable-line no-await-in-loop
    told(copy);
  }
  for (const index of indexes) await client.unsafe(index); // oxlint-disable-line no-await-in-loop
  // As a daemon writes them: in the order of time.
  await client.unsafe('cluster charges using charges_by_due; cluster ledger using ledger_by_time');
  await client.unsafe('vacuum analyze');
}

/** Those that keep no rule, with how each is made again: to make one over all rows takes a part of the time that it takes row by row. */
async function dropIndexes(client: Sql, tables: readonly string[]): Promise<readonly string[]> {
  const names = tables.map((name) => `'${name}'`).join(', ');
  const found = await client.unsafe<{ name: string; made: string }[]>(`select i.indexrelid::regclass::text as name,
      pg_get_indexdef(i.indexrelid) as made from pg_index i
    where i.indrelid in (select c.oid from pg_class c where c.relnamespace = 'public'::regnamespace and c.relname in (${names}))
      and not i.indisunique`);
  for (const { name } of found) await client.unsafe(`drop index ${name}`); // oxlint-disable-line no-await-in-loop
  return found.map(({ made }) => made);
}

/** Ids that are made up have an 8 where those of copies have an a, with the number of the copy behind it. */
function copying(table: string, columns: readonly Column[], mark: string): string {
  const names = columns.map(({ column_name: name }) => `"${name}"`).join(', ');
  const values = columns.map((column) => copied(column, mark)).join(', ');
  return `insert into ${table} (${names}) select ${values} from first_${table}`;
}

function copied({ table_name: table, column_name: name, data_type: type }: Column, mark: string): string {
  if (type === 'uuid') return `overlay("${name}"::text placing 'a${mark}' from 20 for 4)::uuid`;
  if (type !== 'text') return `"${name}"`;
  if (OWN_REFERENCES[table]?.includes(name) === true) return `"${name}" || '-${mark}'`;
  if (name === 'session_id') return `left("${name}", -4) || 'x${mark}'`;
  return /(_id|^reference)$/.test(name)
    ? `regexp_replace("${name}", '-8[0-9a-f]{3}-', '-a${mark}-', 'g')`
    : `"${name}"`;
}
