import { getTableColumns } from 'drizzle-orm';
import type { PgTable } from 'drizzle-orm/pg-core';
import type { Columns } from '../../database/recordset.ts';

/**
 * Columns of a table as a recordset wants them, by the keys of its rows; without keys all of them. Name and type of a column
 * are said in the schema, and nowhere else.
 */
export function columnsOf<Table extends PgTable>(
  table: Table,
  keys?: readonly (keyof Table['$inferSelect'] & string)[],
): Columns {
  const columns = getTableColumns(table);
  return Object.fromEntries(
    (keys ?? Object.keys(columns)).map((key) => {
      const column = columns[key];
      if (column === undefined) throw new Error(`The schema has no column ${key}.`);
      return [column.name, { key, type: typeOf(column.getSQLType()) }];
    }),
  );
}

/** Without its precision: a cast to it would have Postgres round each value of an array, and the column does that anyway. */
function typeOf(type: string): string {
  return type.replace(/ \(\d+\)/, '');
}
