import { type Database, DatabaseTimeout } from './db.ts';
import { type Slots, slots } from './slots.ts';

const turns = new WeakMap<Database, Slots>();
const PATIENCE_MS = 10_000;

/** Counting reads all that a filter leaves: one list at a time, so that whoever lists takes no connection from charging. */
export async function countInTurn<T>(db: Database, count: () => Promise<T>): Promise<T> {
  const release = await turns.getOrInsertComputed(db, () => slots(1)).take(PATIENCE_MS);
  if (release === null) throw new DatabaseTimeout('Other totals are being counted; nothing was sent.');
  try {
    return await count();
  } finally {
    release();
  }
}
