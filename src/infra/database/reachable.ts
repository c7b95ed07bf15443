import { setTimeout as pause } from 'node:timers/promises';
import { type Database, isConnectionFault } from './db.ts';
import { sql } from './sql.ts';

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;

/**
 * Waits until the database answers, for at most `patienceMs`; `onWait` hears of each failure. A wrong password or a
 * missing database is no matter of time and is thrown at once, as is the last failure when patience ends.
 */
export async function untilReachable(
  db: Database,
  patienceMs: number,
  onWait: (problem: Error) => void = () => undefined,
): Promise<void> {
  const deadline = performance.now() + patienceMs;
  for (let wait = FIRST_PAUSE_MS; ; wait = Math.min(wait * 2, LONGEST_PAUSE_MS)) {
    try {
      await db.run(sql`select 1`);
      return;
    } catch (error) {
      if (!isConnectionFault(error) || performance.now() + wait > deadline) throw error;
      onWait(error as Error);
      await pause(wait);
    }
  }
}
