import { type SQL, sql } from 'drizzle-orm';

type Cell = string | number | bigint | boolean | null | undefined | object;

/** A row on its way to Postgres: without its nulls, which come back by themselves, and without bigints, which JSON lacks. */
export type Row = { [column: string]: string | number | boolean | object };

/** Puts a value into a row; null and undefined are left out, half of what would be sent. */
export function put(row: Row, column: string, value: Cell): void {
  if (value === null || value === undefined) return;
  row[column] = typeof value === 'bigint' ? value.toString() : value;
}

/**
 * Rows as one parameter: `jsonb_to_recordset` gives them back typed, however many there are. One parameter instead of
 * thousands keeps the statement's text, and so its plan, the same for every batch.
 * `types` maps columns to Postgres types and comes from this folder only, never from outside.
 */
export function recordset(alias: string, types: Readonly<Record<string, string>>, rows: readonly Row[]): SQL {
  const columns = Object.entries(types).map(([name, type]) => `${name} ${type}`);
  return sql`jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as ${sql.raw(`${alias}(${columns.join(', ')})`)}`;
}

/** A Postgres array of small numbers, as text: cast it where it is used. */
export function arrayText(values: readonly (number | string)[]): string {
  return `{${values.join(',')}}`;
}

/** `a = i.a, b = i.b`: every column of a recordset but its keys. */
export function assignments(alias: string, columns: readonly string[]): SQL {
  return sql.raw(columns.map((name) => `${name} = ${alias}.${name}`).join(', '));
}

/** `i.a, i.b` */
export function columnList(alias: string, columns: readonly string[]): SQL {
  return sql.raw(columns.map((name) => `${alias}.${name}`).join(', '));
}
