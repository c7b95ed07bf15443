import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { passingDirectory } from './passing-directory.ts';

type Entry = { idx: number; version: string; when: number; tag: string; breakpoints: boolean };

/** A copy of a folder of migrations that a test may change; it is gone after the test. */
export function migrationsLike(folder: string): string {
  const directory = passingDirectory();
  cpSync(folder, directory, { recursive: true });
  return directory;
}

export function editJournal(directory: string, edit: (entries: Entry[]) => Entry[]): void {
  const path = join(directory, 'meta', '_journal.json');
  const journal = JSON.parse(readFileSync(path, 'utf8')) as { entries: Entry[] };
  writeFileSync(path, JSON.stringify({ ...journal, entries: edit(journal.entries) }));
}

/** One more migration at the end, as the next version of dueday would bring it. */
export function addMigration(directory: string, tag: string, text: string): void {
  writeFileSync(join(directory, `${tag}.sql`), text);
  editJournal(directory, (entries) => {
    const when = Math.max(...entries.map((entry) => entry.when)) + 1_000;
    return [...entries, { idx: entries.length, version: '7', when, tag, breakpoints: true }];
  });
}
