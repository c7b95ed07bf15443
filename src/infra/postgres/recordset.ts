import { type SQL, sql } from 'drizzle-orm';

export type Cell = string | number | bigint | boolean | null | Temporal.Instant | Temporal.PlainDate | object;
export type Row = { readonly [column: string]: Cell };

/**
 * Rows as one parameter: `jsonb_to_recordset` gives them back typed, however many there are. One parameter instead of
 * thousands keeps the statement's text, and so its plan, the same for every batch.
 * `types` maps columns to Postgres types and comes from this folder only, never from outside.
 */
export function recordset(alias: string, types: Readonly<Record<string, string>>, rows: readonly Row[]): SQL {
  const columns = Object.entries(types).map(([name, type]) => `${name} ${type}`);
  return sql`jsonb_to_recordset(${JSON.stringify(rows.map(lean))}::jsonb) as ${sql.raw(`${alias}(${columns.join(', ')})`)}`;
}

/** Without its nulls, which come back by themselves: half of what would be sent. */
function lean(row: Row): Record<string, unknown> {
  const slim: Record<string, unknown> = {};
  for (const [column, cell] of Object.entries(row)) {
    if (cell !== null) slim[column] = typeof cell === 'bigint' ? cell.toString() : cell;
  }
  return slim;
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
