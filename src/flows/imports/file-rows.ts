import type { Context } from '../../context.ts';
import { cellsOf, headerFaults, type ImportFault } from '../../domain/imports/header.ts';
import { type ImportedRow, importedRow } from '../../domain/imports/imported-row.ts';
import { type NextDues, nextDues } from '../../domain/imports/next-date.ts';
import { type FileLine, fileLines, UnreadableLine } from '../../infra/subscriber-file/file-lines.ts';

/** A few lines of a file: those that are good, and what is wrong with the others. */
export type RowBatch = {
  /** The name of the last column; none while the first line is wrong. */
  readonly lastColumn?: string;
  readonly rows: readonly ImportedRow[];
  readonly faults: readonly ImportFault[];
  readonly from: number;
  readonly to: number;
};

/** Lines that are read, looked up in the books and created together. */
const BATCH = 500;

/** A file batch by batch, so that it may be longer than memory. One whose first line is wrong has nothing that could be read. */
export async function* fileRows(ctx: Context, path: string, now: Temporal.Instant): AsyncGenerator<RowBatch> {
  let names: readonly string[] | null = null;
  let lines: FileLine[] = [];
  const { plans } = ctx.catalog.current;
  const dues = nextDues(now);
  const taken = (header: readonly string[]): RowBatch => {
    const batch = batchOf(lines, (line) => rowOf(line, header, plans, dues));
    lines = [];
    return { ...batch, lastColumn: header.at(-1) ?? '' };
  };
  try {
    for await (const line of fileLines(path)) {
      if (names === null) {
        names = line.cells;
        const faults = headerFaults(line.line, names);
        if (faults.length === 0) continue;
        yield { rows: [], faults, from: line.line, to: line.line };
        return;
      }
      lines.push(line);
      if (lines.length === BATCH) yield taken(names);
    }
    if (names !== null && lines.length > 0) yield taken(names);
  } catch (error) {
    if (!(error instanceof UnreadableLine)) throw error;
    if (names !== null && lines.length > 0) yield taken(names);
    const fault = { line: error.line, column: null, message: error.message };
    yield { rows: [], faults: [fault], from: error.line, to: error.line };
  }
}

function rowOf(
  { line, cells }: FileLine,
  names: readonly string[],
  plans: Parameters<typeof importedRow>[2],
  dues: NextDues,
): ImportedRow | readonly ImportFault[] {
  const named = cellsOf(line, names, cells);
  return 'message' in named ? [named] : importedRow(line, named, plans, dues);
}

function batchOf(lines: readonly FileLine[], read: (line: FileLine) => ImportedRow | readonly ImportFault[]): RowBatch {
  const rows: ImportedRow[] = [];
  const faults: ImportFault[] = [];
  for (const line of lines) {
    const row = read(line);
    if ('referenceId' in row) rows.push(row);
    else faults.push(...row);
  }
  return { rows, faults, from: lines[0]?.line ?? 0, to: lines.at(-1)?.line ?? 0 };
}
