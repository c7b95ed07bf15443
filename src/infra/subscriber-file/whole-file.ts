import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { ImportFault } from '../../domain/imports/header.ts';

/** What is known of a file before it is understood: the name that it has for good, and what keeps it from being read. */
export type WholeFile = {
  readonly digest: string;
  readonly faults: readonly ImportFault[];
  /** No line break ends its last line: some spreadsheets write none, and a file that was cut off has none. */
  readonly endsOpen: boolean;
};

const NEWLINE = 10;

/** Reads a file once, in pieces, however long it is. */
export async function wholeFile(path: string): Promise<WholeFile> {
  const hash = createHash('sha256');
  let [last, begin] = [NEWLINE, ''];
  for await (const piece of createReadStream(path) as AsyncIterable<Buffer>) {
    hash.update(piece);
    if (begin === '') begin = piece.subarray(0, 2).toString('hex');
    last = piece.at(-1) ?? last;
  }
  const fault = faultOf(begin);
  const faults = fault === null ? [] : [{ line: 1, column: null, message: fault }];
  return { digest: hash.digest('hex'), faults, endsOpen: last !== NEWLINE };
}

function faultOf(begin: string): string | null {
  if (begin === '') return 'is empty';
  if (begin === 'fffe' || begin === 'feff')
    return 'is written in UTF-16, as some spreadsheets do: save the file as CSV in UTF-8';
  return null;
}
