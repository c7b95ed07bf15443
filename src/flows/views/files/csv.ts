import { stringify } from 'csv-stringify/sync';
import type { Cell, Column } from './column.ts';

/** A lone CR ends a line in some spreadsheets, and csv-stringify quotes only what ends ours. */
const quoting = { quoted_match: /\r/ } as const;

/** Without it Excel takes the bytes for another charset than UTF-8. */
const BYTE_ORDER_MARK = '\ufeff';

/** Written at once: a few milliseconds, in which nothing else runs. */
const LINES = 50;

/** A list as CSV, with a header; text cells can start no formula (OWASP, CSV injection), and numbers stay numbers. */
export async function* csvText<Row>(
  columns: readonly Column<Row>[],
  batches: AsyncIterable<readonly Row[]>,
): AsyncGenerator<string> {
  yield BYTE_ORDER_MARK + stringify([columns.map(({ name }) => safe(name))], quoting);
  for await (const rows of batches) {
    for (let from = 0; from < rows.length; from += LINES) {
      const lines = rows.slice(from, from + LINES).map((row) => columns.map((column) => written(column, row)));
      yield stringify(lines, quoting);
    }
  }
}

function written<Row>({ kind, cell }: Column<Row>, row: Row): Cell {
  return kind === 'text' ? safe(cell(row)) : cell(row);
}

/** Where some spreadsheet begins a cell: at the separators of lists that countries have, and at line ends. */
const CELL_ENDS = /(?<=[,;|\t\r\n])/;
/** What a spreadsheet runs, full width too; before it may stand blanks of any kind, what is not seen, and a quote. */
const RUNS = /^[\s\p{C}\p{Z}"]*[=+\-@＝＋－＠]/u;
/** Text without any of these is as safe as it comes. */
const SUSPECT = /[=+\-@＝＋－＠'\t\r\n\0]/;

/**
 * An apostrophe before what a spreadsheet would run makes it text, wherever in the text it takes a new cell to begin. One that
 * stands there already gets another, so that the text is read back by taking one away from each such place.
 */
function safe(value: Cell): Cell {
  if (typeof value !== 'string' || !SUSPECT.test(value)) return value;
  return value.split(CELL_ENDS).map(guarded).join('');
}

function guarded(part: string, index: number): string {
  const isTurned = RUNS.test(part) || part.startsWith("'") || (index === 0 && /^[\t\r\n\0]/.test(part));
  return isTurned ? `'${part}` : part;
}
