import { hash } from 'node:crypto';
import { canonicalText, type Entry, type EntryRow, entryRow } from '../../../domain/books/ledger.ts';

/** The head of a chain that has no entries yet. */
export const emptyHead = '0'.repeat(64);

export type ChainedRow = EntryRow & {
  readonly bucket: number;
  readonly account: string;
  readonly seq: number;
  readonly prev_hash: string;
  readonly hash: string;
};
export type Chained = { readonly rows: readonly ChainedRow[]; readonly seq: number; readonly head: string };

type Owner = { readonly bucket: number; readonly account: string };

/** Hangs entries on a subscription's chain: each hash covers the one before it and the whole entry. */
export function chain({ bucket, account }: Owner, seq: number, head: string, entries: readonly Entry[]): Chained {
  const rows: ChainedRow[] = [];
  let last = head;
  for (const [index, entry] of entries.entries()) {
    const written = entryRow(entry);
    const number = seq + index + 1;
    const link = linkHash(last, number, written);
    rows.push({ ...written, bucket, account, seq: number, prev_hash: last, hash: link });
    last = link;
  }
  return { rows, seq: seq + entries.length, head: last };
}

/** SHA-256 over the previous hash and the entry's canonical text, hex. */
export function linkHash(previous: string, seq: number, row: EntryRow): string {
  return hash('sha256', `${previous}\n${canonicalText(seq, row)}`);
}
