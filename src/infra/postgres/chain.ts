import { createHash } from 'node:crypto';
import { canonicalText, type Entry, type EntryRow, entryRow } from '../../domain/ledger.ts';
import { put, type Row } from './recordset.ts';

/** The head of a chain that has no entries yet. */
export const emptyHead = '0'.repeat(64);

export type Chained = { readonly rows: readonly Row[]; readonly seq: number; readonly head: string };

/** Hangs entries on a subscription's chain: each hash covers the one before it and the whole entry. */
export function chain(bucket: number, seq: number, head: string, entries: readonly Entry[]): Chained {
  const rows: Row[] = [];
  let last = head;
  for (const [index, entry] of entries.entries()) {
    const written = entryRow(entry);
    const number = seq + index + 1;
    const hash = linkHash(last, number, written);
    const row: Row = { bucket, seq: number, prev_hash: last, hash };
    for (const column in written) put(row, column, written[column as keyof EntryRow]);
    rows.push(row);
    last = hash;
  }
  return { rows, seq: seq + entries.length, head: last };
}

/** SHA-256 over the previous hash and the entry's canonical text, hex. */
function linkHash(previous: string, seq: number, row: EntryRow): string {
  return createHash('sha256').update(previous).update('\n').update(canonicalText(seq, row)).digest('hex');
}
