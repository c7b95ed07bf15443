import { stringify } from 'csv-stringify/sync';
import { logColumns } from '../../domain/books/ledger.ts';
import type { LogLine } from './charge-log.ts';

/** Columns that are numbers: never quoted, so that -5 stays a number and a sum stays a sum. */
const numeric: ReadonlySet<string> = new Set(['cycle', 'attempt', 'amount', 'money', 'catalog_version']);

/** A lone CR ends a line in some spreadsheets, and csv-stringify quotes only what ends ours. */
const quoting = { quoted_match: /\r/ } as const;

/** Without it Excel takes the bytes for another charset than UTF-8. */
const BYTE_ORDER_MARK = '\ufeff';
/** Behind the columns of the log: when it happened where the business is, as spreadsheets read times, and in which zone that is. */
const localColumns = ['at_local', 'time_zone'] as const;

/** Written at once: a few milliseconds, in which nothing else runs. */
const LINES = 50;

/** The charge log as CSV, line by line, with a header; text cells can start no formula (OWASP, CSV injection). */
export async function* csvText(lines: AsyncIterable<LogLine>, timeZone: string): AsyncGenerator<string> {
  yield BYTE_ORDER_MARK + stringify([[...logColumns, ...localColumns]], quoting);
  let rows: (string | number | null)[][] = [];
  for await (const line of lines) {
    const cells = logColumns.map((column) => (numeric.has(column) ? line[column] : safe(line[column])));
    rows.push([...cells, localTime(String(line.at), timeZone), timeZone]);
    if (rows.length === LINES) {
      yield stringify(rows, quoting);
      rows = [];
    }
  }
  if (rows.length > 0) yield stringify(rows, quoting);
}

/** "2026-02-03 09:00:00": no offset, which spreadsheets take for text. */
function localTime(at: string, timeZone: string): string {
  const local = Temporal.Instant.from(at).toZonedDateTimeISO(timeZone).toPlainDateTime();
  return local.toString({ smallestUnit: 'second' }).replace('T', ' ');
}

/** Where some spreadsheet begins a cell: at commas, at semicolons where numbers have commas, at tabs, and at line ends. */
const CELL_ENDS = /(?<=[,;\t\r\n])/;
/** What a spreadsheet runs, full width too; before it may stand blanks of any kind, what is not seen, and a quote. */
const RUNS = /^[\s\p{C}\p{Z}"]*[=+\-@＝＋－＠]/u;

/**
 * An apostrophe before what a spreadsheet would run makes it text, wherever in the text it takes a new cell to begin. One that
 * stands there already gets another, so that the text is read back by taking one away from each such place.
 */
function safe(value: string | number | null): string | number | null {
  if (typeof value !== 'string') return value;
  return value.split(CELL_ENDS).map(guarded).join('');
}

function guarded(part: string, index: number): string {
  const isTurned = RUNS.test(part) || part.startsWith("'") || (index === 0 && /^[\t\r\n\0]/.test(part));
  return isTurned ? `'${part}` : part;
}
