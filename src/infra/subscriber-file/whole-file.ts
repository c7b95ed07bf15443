import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { ImportFault } from '../../domain/imports/header.ts';

/** What is known of a file before it is understood: the name that it has for good, and what keeps it from being read. */
export type WholeFile = { readonly digest: string; readonly faults: readonly ImportFault[] };

const NEWLINE = 10;

/** Reads a file once, in pieces, however long it is. */
export async function wholeFile(path: string): Promise<WholeFile> {
  const hash = createHash('sha256');
  let [line, last, begin] = [1, NEWLINE, ''];
  for await (const piece of createReadStream(path) as AsyncIterable<Buffer>) {
    hash.update(piece);
    if (begin === '') begin = piece.subarray(0, 2).toString('hex');
    for (let at = piece.indexOf(NEWLINE); at >= 0; at = piece.indexOf(NEWLINE, at + 1)) line += 1;
    last = piece.at(-1) ?? last;
  }
  const fault = faultOf(begin, last);
  const at = fault === CUT ? line : 1;
  return { digest: hash.digest('hex'), faults: fault === null ? [] : [{ line: at, column: null, message: fault }] };
}

const CUT =
  'does not end with a line break, so the file may be cut off: look whether its last line is whole, and add a line break';

function faultOf(begin: string, last: number): string | null {
  if (begin === '') return 'is empty';
  if (begin === 'fffe' || begin === 'feff')
    return 'is written in UTF-16, as some spreadsheets do: save the file as CSV in UTF-8';
  return last === NEWLINE ? null : CUT;
}
