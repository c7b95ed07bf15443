import type { Database } from '../../database/db.ts';
import { sql } from '../../database/sql.ts';
import type { Role } from './api-keys.ts';

export async function storeLink(db: Database, digest: string, role: Role): Promise<void> {
  await db.run(sql`insert into sign_in_links (digest, role, made_at) values (${digest}, ${role}, now())`);
}

/** Uses a link up: of two who come with it at once, one is let in. Null: it is none of ours, was used, or is a day old. */
export async function useLink(db: Database, digest: string): Promise<Role | null> {
  const [row] = await db.run<{ role: Role }>(sql`update sign_in_links set used_at = now()
    where digest = ${digest} and used_at is null and made_at > now() - interval '24 hours' returning role`);
  return row?.role ?? null;
}
