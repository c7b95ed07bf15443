import { createReadStream } from 'node:fs';
import { CsvError, type Info, parse } from 'csv-parse';

/** One line of a CSV file: `line` is where it begins, since a text in quotes may have line breaks. */
export type FileLine = { readonly line: number; readonly cells: readonly string[] };

/** The file cannot be read on from here. */
export class UnreadableLine extends Error {
  readonly line: number;

  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}

/** A line that is longer has lost the quote that would end its text. */
const LONGEST = 65_536;

/** The lines of a file, one after the other, without those that are empty. Throws where a line has no end. */
export async function* fileLines(path: string): AsyncGenerator<FileLine> {
  const options = { bom: true, info: true, relax_column_count: true, skip_empty_lines: true, max_record_size: LONGEST };
  const parser = createReadStream(path).pipe(parse(options));
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: Info }>) {
      const within = record.reduce((sum, cell) => sum + breaksIn(cell), 0);
      yield { line: info.lines - within, cells: record.map((cell) => cell.trim()) };
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new UnreadableLine(Number(error.lines ?? 1), wordsOf(error.code));
  }
}

function breaksIn(cell: string): number {
  return cell.includes('\n') ? cell.split('\n').length - 1 : 0;
}

function wordsOf(code: string): string {
  switch (code) {
    case 'CSV_QUOTE_NOT_CLOSED':
      return 'has a text in quotes that nothing ends: the file is cut off, or a quote too much is in it';
    case 'CSV_MAX_RECORD_SIZE':
      return `is longer than ${LONGEST} characters: a quote that ends a text is missing`;
    case 'INVALID_OPENING_QUOTE':
    case 'CSV_INVALID_CLOSING_QUOTE':
      return 'has a quote inside a text without quotes: put the text in quotes, and write its own quotes twice';
    default:
      return `cannot be read (${code})`;
  }
}
