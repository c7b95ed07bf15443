import { Column, getTableName, is } from 'drizzle-orm';

/** What drizzle selects, in the order of the columns: the value of `field` goes to `path` in the row's object. */
export type Selected = { readonly path: readonly string[]; readonly field: unknown };

/** By table: whether its row is always there; on the right of a left join it may be missing. Undefined: no joins. */
export type Joined = Readonly<Record<string, boolean>>;

export type Row = readonly unknown[];
type Step = { readonly name: string; readonly read: (row: Row) => unknown };
type Cell = { readonly path: readonly string[]; readonly column: Column; readonly index: number };

/**
 * Rows as the objects that drizzle makes of them. Drizzle finds out anew for each value which column it is of, a tenth of
 * a charge's work; here that is found out once a statement.
 * @returns null when something other than a table's column is selected, or deeper than `table.column`: that is drizzle's.
 */
export function rowsMapper(
  selected: readonly Selected[],
): ((rows: readonly Row[], joined: Joined | undefined) => object[]) | null {
  const cells: Cell[] = [];
  for (const [index, { path, field }] of selected.entries()) {
    if (!is(field, Column) || path.length > 2) return null;
    cells.push({ path, column: field, index });
  }
  const groups = Object.entries(Object.groupBy(cells, ({ path }) => path[0] ?? ''));
  return (rows, joined) => rows.map(inSteps(groups.flatMap(([name, group = []]) => stepsOf(name, group, joined))));
}

function stepsOf(name: string, group: readonly Cell[], joined: Joined | undefined): Step[] {
  if (group.some(({ path }) => path.length === 1)) return group.map((cell) => ({ name, read: reader(cell) }));
  const read = inSteps(group.map((cell) => ({ name: cell.path[1] ?? '', read: reader(cell) })));
  if (joined === undefined || !mayBeMissing(group, joined)) return [{ name, read }];
  return [{ name, read: (row) => (group.every(({ index }) => row[index] === null) ? null : read(row)) }];
}

/** Drizzle's rule: a group of one table's columns, all of them null, is a row that was not there. */
function mayBeMissing(group: readonly Cell[], joined: Joined): boolean {
  const tables = new Set(group.map(({ column }) => getTableName(column.table)));
  const [table = ''] = tables;
  return tables.size === 1 && joined[table] !== true;
}

function reader({ column, index }: Cell): (row: Row) => unknown {
  return (row) => (row[index] === null ? null : column.mapFromDriverValue(row[index]));
}

function inSteps(steps: readonly Step[]): (row: Row) => object {
  return (row) => {
    const result: Record<string, unknown> = {};
    for (const { name, read } of steps) result[name] = read(row);
    return result;
  };
}
