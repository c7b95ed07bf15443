import { stringify } from 'csv-stringify/sync';
import { logColumns } from '../../domain/ledger.ts';
import type { LogLine } from './charge-log.ts';

/** Columns that are numbers: never quoted, so that -5 stays a number and a sum stays a sum. */
const numeric: ReadonlySet<string> = new Set(['cycle', 'attempt', 'amount', 'money', 'catalog_version']);

/** A lone CR ends a line in some spreadsheets, and csv-stringify quotes only what ends ours. */
const quoting = { quoted_match: /\r/ } as const;

/** The charge log as CSV, line by line, with a header; text cells can start no formula (OWASP, CSV injection). */
export async function* csvText(lines: AsyncIterable<LogLine>): AsyncGenerator<string> {
  yield stringify([[...logColumns]], quoting);
  let rows: (string | number | null)[][] = [];
  for await (const line of lines) {
    rows.push(logColumns.map((column) => (numeric.has(column) ? line[column] : safe(line[column]))));
    if (rows.length === 500) {
      yield stringify(rows, quoting);
      rows = [];
    }
  }
  if (rows.length > 0) yield stringify(rows, quoting);
}

/** Spreadsheets run a cell that begins with one of these, full width too; an apostrophe makes it text. */
function safe(value: string | number | null): string | number | null {
  return typeof value === 'string' && /^[=+\-@\t\r\n\0＝＋－＠]/.test(value) ? `'${value}` : value;
}
