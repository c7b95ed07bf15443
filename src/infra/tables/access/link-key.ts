import { randomBytes } from 'node:crypto';
import type { Database } from '../../database/db.ts';
import { sql } from '../../database/sql.ts';

const keys = new WeakMap<Database, string>();
const KEY_BYTES = 32;

/**
 * What links to pay are signed with. Whoever hands out the first one makes it, and it never changes: links that were handed out
 * outlive restarts, and every replica reads them.
 */
export async function linkKey(db: Database): Promise<string> {
  const known = keys.get(db);
  if (known !== undefined) return known;
  await db.run(
    sql`insert into link_key (id, key) values (1, ${randomBytes(KEY_BYTES).toString('base64url')}) on conflict do nothing`,
  );
  const [row] = await db.run<{ key: string }>(sql`select key from link_key where id = 1`);
  if (row === undefined) throw new Error('The key of the links to pay is gone.');
  keys.set(db, row.key);
  return row.key;
}
