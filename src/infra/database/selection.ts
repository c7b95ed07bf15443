import type { Column } from 'drizzle-orm';
import { Sql } from './sql.ts';

/** Columns of the schema, by the names that an object has for them. */
export type Fields = Readonly<Record<string, Column>>;

/** A table in a selection: what the statement calls it, what is read of it, and whether a left join may find no row. */
export type Part = { readonly alias: string; readonly fields: Fields; readonly isOptional?: boolean };

/** What a statement reads of several tables: the list of columns, and the objects that a row of them makes. */
export type Selection<T> = { readonly columns: Sql; readonly row: (values: readonly unknown[]) => T };

/** The value of a field as the schema has it. */
type Values<F extends Fields> = { [Name in keyof F]: Value<F[Name]> };
type Value<C extends Column> = C['_']['notNull'] extends true ? C['_']['data'] : C['_']['data'] | null;
type Row<P extends Readonly<Record<string, Part>>> = {
  [Name in keyof P]: P[Name]['isOptional'] extends true ? Values<P[Name]['fields']> | null : Values<P[Name]['fields']>;
};

/**
 * For the reads on the path of every charge, made once for all of them. Drizzle's builders find out anew for each value
 * which column it is of, which was a tenth of a charge's CPU.
 */
export function selection<P extends Readonly<Record<string, Part>>>(parts: P): Selection<Row<P>> {
  const names: string[] = [];
  const readers = Object.entries(parts).map(([name, { alias, fields, isOptional = false }]) => {
    const first = names.length;
    const columns = Object.entries(fields);
    names.push(...columns.map(([, column]) => `${alias}.${column.name}`));
    return { name, read: objectOf(columns, first, isOptional) };
  });
  return {
    columns: new Sql([names.join(', ')], []),
    row: (values) => {
      const row: Record<string, unknown> = {};
      for (const { name, read } of readers) row[name] = read(values);
      return row as Row<P>;
    },
  };
}

/** One table's object of a row's values, which begin at `first`; null where all of an optional one are null. */
function objectOf(
  columns: readonly (readonly [string, Column])[],
  first: number,
  isOptional: boolean,
): (values: readonly unknown[]) => object | null {
  return (values) => {
    const object: Record<string, unknown> = {};
    let isMissing = isOptional;
    for (const [index, [name, column]] of columns.entries()) {
      const value = values[first + index];
      if (value !== null) isMissing = false;
      object[name] = value === null ? null : column.mapFromDriverValue(value);
    }
    return isMissing ? null : object;
  };
}
