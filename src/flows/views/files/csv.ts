import type { Cell, CellKind, Column } from './column.ts';

/** Without it Excel takes the bytes for another charset than UTF-8. */
const BYTE_ORDER_MARK = '\ufeff';

/** Written at once: a few milliseconds, in which nothing else runs. */
const LINES = 50;

/**
 * A list as CSV (RFC 4180, with the line ends of Unix), with a header; text cells can start no formula (OWASP, CSV injection), and
 * numbers stay numbers.
 */
export async function* csvText<Row>(
  columns: readonly Column<Row>[],
  batches: AsyncIterable<readonly Row[]>,
): AsyncGenerator<string> {
  yield `${BYTE_ORDER_MARK}${columns.map(({ name }) => quoted(safe(name))).join(',')}\n`;
  for await (const rows of batches) {
    for (let from = 0; from < rows.length; from += LINES) {
      let text = '';
      for (const row of rows.slice(from, from + LINES)) text += lineText(columns, row);
      yield text;
    }
  }
}

function lineText<Row>(columns: readonly Column<Row>[], row: Row): string {
  let line = '';
  for (const [index, { kind, cell }] of columns.entries()) {
    if (index > 0) line += ',';
    line += written(kind, cell(row));
  }
  return `${line}\n`;
}

function written(kind: CellKind, value: Cell): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  return kind === 'text' ? quoted(safe(value)) : value;
}

/** A lone CR ends a line in some spreadsheets too. */
function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Where some spreadsheet begins a cell: at the separators of lists that countries have, and at line ends. */
const CELL_ENDS = /(?<=[,;|\t\r\n])/;
/** What a spreadsheet runs, full width too; before it may stand blanks of any kind, what is not seen, and a quote. */
const RUNS = /^[\s\p{C}\p{Z}"]*[=+\-@＝＋－＠]/u;
/** Text in which no cell could begin so is as safe as it comes. */
const SUSPECT = /(?:^|[,;|\t\r\n])(?:[\s\p{C}\p{Z}"]*[=+\-@＝＋－＠]|')|^[\t\r\n\0]/u;

/**
 * An apostrophe before what a spreadsheet would run makes it text, wherever in the text it takes a new cell to begin. One that
 * stands there already gets another, so that the text is read back by taking one away from each such place.
 */
function safe(text: string): string {
  if (!SUSPECT.test(text)) return text;
  return text.split(CELL_ENDS).map(guarded).join('');
}

function guarded(part: string, index: number): string {
  const isTurned = RUNS.test(part) || part.startsWith("'") || (index === 0 && /^[\t\r\n\0]/.test(part));
  return isTurned ? `'${part}` : part;
}
