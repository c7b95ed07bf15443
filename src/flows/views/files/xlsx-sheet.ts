import type { Cell, CellKind, Column } from './column.ts';
import { sheetHead, styleOf } from './xlsx-parts.ts';
import { xmlText } from './xml-text.ts';

/** A sheet of XLSX has so many rows (2^20), of which the head is one. */
export const MOST_SHEET_ROWS = 2 ** 20 - 1;

/** Written at once: a few milliseconds, in which nothing else runs. */
const ROWS = 50;

/** The sheet of a list: a head that stays in sight and has filters, then a row each. */
export async function* sheetText<Row>(
  columns: readonly Column<Row>[],
  batches: AsyncIterable<readonly Row[]>,
): AsyncGenerator<string> {
  const letters = columns.map((_, index) => columnLetters(index));
  const head = columns.map(({ name }, index) => textCell(`${letters[index]}1`, name, styleOf.head));
  yield `${sheetHead(columns.map(({ kind, name }) => widthOf(kind, name)))}<row r="1">${head.join('')}</row>`;
  let last = 1;
  for await (const rows of batches) {
    for (let from = 0; from < rows.length; from += ROWS) {
      const written = rows.slice(from, from + ROWS).map((row) => {
        last += 1;
        const cells = columns.map(({ kind, cell }, index) => cellText(`${letters[index]}${last}`, kind, cell(row)));
        return `<row r="${last}">${cells.join('')}</row>`;
      });
      yield written.join('');
    }
  }
  // The list grew while it was written: the file breaks off, and nobody takes it for the whole.
  if (last - 1 > MOST_SHEET_ROWS) throw new RangeError('There are more rows than a sheet holds.');
  yield `</sheetData><autoFilter ref="A1:${letters.at(-1)}${last}"/></worksheet>`;
}

/** A to Z, AA to ZZ. */
function columnLetters(index: number): string {
  const letter = String.fromCharCode(65 + (index % 26));
  return index < 26 ? letter : columnLetters(Math.floor(index / 26) - 1) + letter;
}

function widthOf(kind: CellKind, name: string): number {
  const widths = { id: 20, text: 22, count: 9, amount: 14, date: 12, local: 20, instant: 20 } as const;
  return Math.max(widths[kind], name.length + 4);
}

/** Nothing stands where there is nothing: a cell with no text would still be counted. */
function cellText(place: string, kind: CellKind, value: Cell): string {
  if (value === null || value === '') return '';
  switch (kind) {
    case 'count':
      return numberCell(place, String(value), styleOf.count);
    case 'amount':
      return numberCell(place, String(value), String(value).includes('.') ? styleOf.cents : styleOf.whole);
    case 'date':
      return numberCell(place, String(daysOf(`${value}T00:00`)), styleOf.date);
    case 'local':
    case 'instant':
      return numberCell(place, String(daysOf(String(value).slice(0, 19).replace(' ', 'T'))), styleOf.local);
    case 'id':
    case 'text':
      return textCell(place, String(value), styleOf.text);
  }
}

function numberCell(place: string, number: string, style: number): string {
  return `<c r="${place}" s="${style}"><v>${number}</v></c>`;
}

/** Text in its cell: of its kind for good, so that digits stay digits, and nothing in it is run. */
function textCell(place: string, text: string, style: number): string {
  return `<c r="${place}" s="${style}" t="inlineStr"><is><t xml:space="preserve">${xmlText(text)}</t></is></c>`;
}

const SECONDS_OF_DAY = 86_400;
/** Days are counted so that 1 January 1970 is this one; before March 1900 the count differs, and no charge is so old. */
const DAY_OF_1970 = 25_569;

/** A time as spreadsheets count it: days, and parts of a day to the second. */
function daysOf(local: string): number {
  const seconds = Math.round(Temporal.PlainDateTime.from(local).toZonedDateTime('UTC').epochMilliseconds / 1_000);
  return DAY_OF_1970 + seconds / SECONDS_OF_DAY;
}
