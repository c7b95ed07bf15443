import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { socketUrl } from '../../src/infra/database/connection.ts';
import { farEnd, named } from './frozen-line.ts';

/** A line to Postgres on which the answer to one statement is lost: it is committed, and whoever sent it never hears so. */
export type DeafLine = {
  readonly url: string;
  /** From now on, the next statement with these words runs, and its connection is cut in place of its answer. */
  losesAnswerTo(words: RegExp): void;
  readonly cuts: () => number;
  close(): void;
};

export async function deafLine(url: string): Promise<DeafLine> {
  const directory = mkdtempSync(join(tmpdir(), 'dueday-line-'));
  const open = new Set<Socket>();
  let words: RegExp | null = null;
  let cuts = 0;
  const server = createServer((near) => {
    const far = connect(farEnd(url));
    let deaf = false;
    const statements = statementReader((text) => {
      if (words?.test(text) !== true) return;
      words = null;
      deaf = true;
    });
    const replies = messages((type) => {
      // Ready for the next query: what was asked is committed.
      if (!deaf || type !== 'Z') return;
      cuts += 1;
      near.destroy();
      far.destroy();
    });
    for (const socket of [near, far]) open.add(socket.on('error', () => socket.destroy()));
    near.on('data', (chunk: Buffer) => {
      statements(chunk);
      far.write(chunk);
    });
    far.on('data', (chunk: Buffer) => {
      replies(chunk);
      if (!deaf) near.write(chunk);
    });
    near.once('close', () => far.destroy());
    far.once('close', () => near.destroy());
  });
  await new Promise<void>((resolve) => server.listen(join(directory, '.s.PGSQL.5432'), resolve));
  const { user, database } = named(url);
  return {
    url: socketUrl(directory, user, database),
    losesAnswerTo: (said) => {
      words = said;
    },
    cuts: () => cuts,
    close() {
      for (const socket of open) socket.destroy();
      server.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Tells the text of each statement that is about to run: simple ones (Q), and prepared ones (P, then B) each time. */
function statementReader(runs: (text: string) => void): (chunk: Buffer) => void {
  const prepared = new Map<string, string>();
  return messages((type, body) => {
    const [first = '', second = ''] = body.toString('utf8').split('\0', 2);
    if (type === 'Q') runs(first);
    else if (type === 'P') prepared.set(first, second);
    // The portal's name comes first, then the statement's.
    else if (type === 'B') runs(prepared.get(second) ?? '');
  }, true);
}

/**
 * Cuts a stream of the protocol (version 3) into its messages: a letter, a length that counts itself, a body. The first
 * message of a client has no letter.
 */
function messages(each: (type: string, body: Buffer) => void, startup = false): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  let head = startup ? 0 : 1;
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= head + 4) {
      const end = head + rest.readUInt32BE(head);
      if (rest.length < end) return;
      if (head === 1) each(String.fromCharCode(rest[0] ?? 0), rest.subarray(5, end));
      rest = rest.subarray(end);
      head = 1;
    }
  };
}
