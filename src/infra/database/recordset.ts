import { Sql, sql } from './sql.ts';

/** Columns of a recordset: where each finds its value in an item, and its Postgres type. Those of tables are made by `columnsOf`, from the schema. */
export type Columns = Readonly<Record<string, { readonly key: string; readonly type: string }>>;

/** A column whose values do not lie in the items, in their order. */
export type Beside = Readonly<Record<string, { readonly values: readonly unknown[]; readonly type: string }>>;

/**
 * Items as rows: `unnest` of one array a column, however many there are. A fixed number of parameters keeps the
 * statement's text the same for every batch, the planner sees how many rows will come, and arrays are read several times
 * faster than a JSON document of the same rows. A missing value is null; nulls at an array's end are not sent, since
 * `unnest` fills up the shorter ones.
 */
export function recordset(alias: string, columns: Columns, items: readonly object[], beside: Beside = {}): Sql {
  const arrays: (readonly unknown[])[] = [];
  const types: string[] = [];
  for (const { values, type } of Object.values(beside)) {
    arrays.push(withoutLastNulls(values));
    types.push(type);
  }
  for (const { key, type } of Object.values(columns)) {
    const values = items.map((item) => (item as Readonly<Record<string, unknown>>)[key]);
    arrays.push(withoutLastNulls(type === 'jsonb' ? values.map(json) : values));
    types.push(type);
  }
  const names = [...Object.keys(beside), ...Object.keys(columns)].join(', ');
  const between = types.slice(0, -1).map((type) => `::${type}[], `);
  return new Sql(['unnest(', ...between, `::${types.at(-1)}[]) as ${alias}(${names})`], arrays);
}

/** A JSON value is one value, also when it is an array. */
function json(value: unknown): unknown {
  return value === null || value === undefined ? value : JSON.stringify(value);
}

function withoutLastNulls(values: readonly unknown[]): readonly unknown[] {
  return values.slice(0, values.findLastIndex((value) => value !== null && value !== undefined) + 1);
}

/** Columns whose values lie under the columns' own names. */
export function sameNames(columns: Columns): Columns {
  return Object.fromEntries(Object.entries(columns).map(([name, { type }]) => [name, { key: name, type }]));
}

/** `a = i.a, b = i.b`: every column of a recordset but its keys. */
export function assignments(alias: string, columns: readonly string[]): Sql {
  return sql.raw(columns.map((name) => `${name} = ${alias}.${name}`).join(', '));
}

/** `i.a, i.b` */
export function columnList(alias: string, columns: readonly string[]): Sql {
  return sql.raw(columns.map((name) => `${alias}.${name}`).join(', '));
}
