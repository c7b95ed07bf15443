import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Failed } from './verb.ts';

/** Under another name until it is whole: half a file must not be taken for one. `what` begins the sentence that says it failed. */
export async function writeFile(lines: Readable, file: string, what: string): Promise<void> {
  const partial = `${file}.part`;
  try {
    await pipeline(lines, createWriteStream(partial, { mode: 0o600 }));
    await rename(partial, file);
  } catch (error) {
    await rm(partial, { force: true });
    throw new Failed(`${what} could not be written to ${file}: ${error instanceof Error ? error.message : 'unknown'}`);
  }
}
