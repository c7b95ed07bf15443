import { type Database, isLockTimeout } from '../../database/db.ts';
import { sql } from '../../database/sql.ts';

/** Somebody else's session with a transaction that may hold rows or tables of ours. */
export type Holder = {
  readonly pid: number;
  readonly name: string;
  readonly application: string;
  readonly table: string;
};

const MOST = 5;

/** Sessions other than dueday's own that have locked something in our tables for writing. */
export async function lockHolders(db: Database): Promise<readonly Holder[]> {
  return await db.run<Holder>(sql`select distinct l.pid, coalesce(a.usename::text, '') as name,
      coalesce(a.application_name, '') as application, c.relname::text as table
    from pg_locks l join pg_class c on c.oid = l.relation join pg_stat_activity a on a.pid = l.pid
    where l.granted and l.locktype = 'relation' and c.relkind = 'r' and l.mode not in ('AccessShareLock')
      and l.database = (select d.oid from pg_database d where d.datname = current_database())
      and c.relnamespace = (select n.relnamespace from pg_class n where n.oid = 'charging'::regclass)
      and a.application_name not like 'dueday%'
    order by l.pid limit ${MOST}::int`);
}

/** Does what a daemon cannot start without; where another session holds a row or a table of it, says which one. */
export async function namingHolders<T>(db: Database, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isLockTimeout(error)) throw error;
    const sessions = (await lockHolders(db)).map(
      ({ pid, name, application, table }) => `process ${pid} of user "${name}" (${application}) in ${table}`,
    );
    throw new Error(
      `dueday waited in vain for a row or a table that another session holds: ${sessions.join(', ') || 'it is gone just now'}. ` +
        'Have that transaction finished, or end it (select pg_terminate_backend(<process>)). Then start this again.',
    );
  }
}
