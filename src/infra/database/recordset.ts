import { type SQL, type SQLChunk, StringChunk, sql } from 'drizzle-orm';

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
export function recordset(alias: string, columns: Columns, items: readonly object[], beside: Beside = {}): SQL {
  const arrays = [
    ...Object.values(beside).map(({ values, type }) => array(values, type)),
    ...Object.values(columns).map(({ key, type }) =>
      array(
        items.map((item) => cell((item as Readonly<Record<string, unknown>>)[key], type)),
        type,
      ),
    ),
  ];
  const names = [...Object.keys(beside), ...Object.keys(columns)].join(', ');
  // In one piece: drizzle puts a statement together chunk by chunk, and each nested one costs as much as ten others.
  const between = new StringChunk(', ');
  const listed = arrays.flatMap((chunks, index) => (index === 0 ? chunks : [between, ...chunks]));
  return sql.join([new StringChunk('unnest('), ...listed, new StringChunk(`) as ${alias}(${names})`)]);
}

function array(values: readonly unknown[], type: string): SQLChunk[] {
  return [sql.param(withoutLastNulls(values)), new StringChunk(`::${type}[]`)];
}

/** A JSON value is one value, also when it is an array. */
function cell(value: unknown, type: string): unknown {
  return type === 'jsonb' && value !== null && value !== undefined ? JSON.stringify(value) : value;
}

function withoutLastNulls(values: readonly unknown[]): readonly unknown[] {
  return values.slice(0, values.findLastIndex((value) => value !== null && value !== undefined) + 1);
}

/** Columns whose values lie under the columns' own names. */
export function sameNames(columns: Columns): Columns {
  return Object.fromEntries(Object.entries(columns).map(([name, { type }]) => [name, { key: name, type }]));
}

/** `a = i.a, b = i.b`: every column of a recordset but its keys. */
export function assignments(alias: string, columns: readonly string[]): SQL {
  return sql.raw(columns.map((name) => `${name} = ${alias}.${name}`).join(', '));
}

/** `i.a, i.b` */
export function columnList(alias: string, columns: readonly string[]): SQL {
  return sql.raw(columns.map((name) => `${alias}.${name}`).join(', '));
}
