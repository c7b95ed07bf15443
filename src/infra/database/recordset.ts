import { Sql, sql } from './sql.ts';

/** Columns of a recordset: where each finds its value in an item, and its Postgres type. Those of tables are made by `columnsOf`, from the schema. */
export type Columns = Readonly<Record<string, Column>>;

type Column = {
  readonly key: string;
  readonly type: string;
  /** Its texts are JSON, in one line each. */
  readonly isJson?: boolean;
};

/** A column whose values do not lie in the items, in their order. */
export type Beside = Readonly<Record<string, { readonly values: readonly unknown[]; readonly type: string }>>;

/**
 * Items as rows: `unnest` of one array a column, however many there are. A fixed number of parameters keeps the
 * statement's text the same for every batch, the planner sees how many rows will come, and arrays are read several times
 * faster than a JSON document of the same rows. A missing value is null; nulls at an array's end are not sent, since
 * `unnest` fills up the shorter ones. JSON has no line breaks, so an array of it is sent as lines: an array's own text would
 * need an escape for each of its quotes.
 */
export function recordset(alias: string, columns: Columns, items: readonly object[], beside: Beside = {}): Sql {
  const texts: string[] = [];
  const params: unknown[] = [];
  let next = 'unnest(';
  const take = (before: string, values: unknown, after: string) => {
    texts.push(next + before);
    params.push(values);
    next = `${after}, `;
  };
  for (const { values, type } of Object.values(beside)) take('', withoutLastNulls(values), `::${type}[]`);
  for (const { key, type, isJson = type === 'jsonb' } of Object.values(columns)) {
    const values = withoutLastNulls(items.map((item) => (item as Readonly<Record<string, unknown>>)[key]));
    if (isJson) take('string_to_array(', asLines(values, type), `::text, E'\\n', '')::${type}[]`);
    else take('', values, `::${type}[]`);
  }
  const names = [...Object.keys(beside), ...Object.keys(columns)].join(', ');
  return new Sql([...texts, `${next.slice(0, -', '.length)}) as ${alias}(${names})`], params);
}

/** Values of a JSON type, or JSON that is text already, one a line; an empty line is null. */
function asLines(values: readonly unknown[], type: string): string {
  return values.map((value) => (value === null || value === undefined ? '' : lineOf(value, type))).join('\n');
}

function lineOf(value: unknown, type: string): string {
  if (type !== 'text' || typeof value !== 'string') return JSON.stringify(value);
  if (value.includes('\n')) throw new Error('JSON that is sent as a line has a line break.');
  return value;
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
