import type { Database } from '../../database/db.ts';
import { sql } from '../../database/sql.ts';

type Settings = { readonly fsync: string; readonly full_page_writes: string; readonly synchronous_commit: string };

/** What an acknowledged row rests on, as this very session has it; each entry says in words what is missing. */
export async function durabilityFaults(db: Database): Promise<readonly string[]> {
  const [row] = await db.run<Settings>(sql`select current_setting('fsync') as fsync,
    current_setting('full_page_writes') as full_page_writes, current_setting('synchronous_commit') as synchronous_commit`);
  if (row === undefined) throw new Error('The database does not say its settings.');
  return [
    ...(row.fsync === 'on' ? [] : ['fsync is off: a crash of the machine loses what was acknowledged']),
    ...(row.full_page_writes === 'on' ? [] : ['full_page_writes is off: a crash of the machine may break pages']),
    ...(['on', 'remote_apply'].includes(row.synchronous_commit)
      ? []
      : [
          `synchronous_commit is ${row.synchronous_commit} in our session: something between us and the server changes it`,
        ]),
  ];
}
