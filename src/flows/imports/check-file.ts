import type { Context } from '../../context.ts';
import type { ImportFault } from '../../domain/imports/header.ts';
import type { ImportedRow } from '../../domain/imports/imported-row.ts';
import { openEndFault } from '../../domain/imports/open-end.ts';
import { againstEarlier, nothingSeen } from '../../domain/imports/seen-before.ts';
import { wholeFile } from '../../infra/subscriber-file/whole-file.ts';
import { bookFaults } from './book-faults.ts';
import { fileRows } from './file-rows.ts';
import type { Watch } from './watch.ts';

/** What a file is: so many good lines; or what is wrong with it, the first of so many. */
export type CheckedFile = {
  readonly digest: string;
  readonly rows: number;
  readonly faults: readonly ImportFault[];
  readonly faultCount: number;
};

/** Faults that are kept to be told; all are counted. */
const MOST_TOLD = 1_000;
/** What is remembered of a file are its names: more of them would not fit into a small machine. */
const MOST_ROWS = 1_000_000;

/** Looks for everything that is wrong in a file, by itself and against the books. Nothing is written. */
export async function checkFile(ctx: Context, path: string, now: Temporal.Instant, watch: Watch): Promise<CheckedFile> {
  const { digest, faults: whole, endsOpen } = await wholeFile(path);
  const seen = nothingSeen();
  const told = [...whole];
  let [rows, faultCount] = [0, whole.length];
  let last: { readonly row: ImportedRow; readonly column: string } | null = null;
  const tell = (faults: readonly ImportFault[]) => {
    faultCount += faults.length;
    told.push(...faults.slice(0, Math.max(0, MOST_TOLD - told.length)));
  };
  for await (const batch of fileRows(ctx, path, now)) {
    rows += batch.rows.length;
    const row = batch.rows.at(-1);
    last = row?.line === batch.to ? { row, column: batch.lastColumn ?? '' } : null;
    tell([
      ...batch.faults,
      ...batch.rows.flatMap((row) => againstEarlier(seen, row)),
      ...(await bookFaults(ctx, batch.rows)),
    ]);
    watch({ step: 'reading', done: rows, of: null, until: null });
    if (rows > MOST_ROWS) {
      tell([{ line: batch.to, column: null, message: `is beyond ${MOST_ROWS} lines: divide the file` }]);
      break;
    }
  }
  if (endsOpen && last !== null) tell(openEndFault(last.row, last.column));
  if (rows === 0 && faultCount === 0) tell([{ line: 1, column: null, message: 'names columns, and no line follows' }]);
  return { digest, rows, faults: told.toSorted((a, b) => a.line - b.line), faultCount };
}
