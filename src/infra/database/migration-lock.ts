import { setTimeout as pause } from 'node:timers/promises';
import type { Sql } from 'postgres';

/** Any number that nobody else locks with. A session's lock: not through a pooler in transaction mode. */
const LOCK = 68_733_929;
const LOCK_NOT_AVAILABLE = '55P03';
const BETWEEN_LOOKS_MS = 50;

/** Whether a statement gave up waiting for what another session has locked. */
export function isHeldByAnother(code: unknown): boolean {
  return code === LOCK_NOT_AVAILABLE;
}

/**
 * Does the work while no other dueday migrates this database; the lock goes with the session. Whoever may connect can
 * hold it too, so nobody waits for it without an end: throws with who has it once the patience is used up. The lock is asked for
 * again and again: a statement that waits for it would keep a snapshot, and an index that the holder builds concurrently waits for
 * every older snapshot, so that the two would wait for each other.
 */
export async function alone<T>(client: Sql, patienceMs: number, work: () => Promise<T>): Promise<T> {
  const began = performance.now();
  while (!(await isOurs(client))) {
    if (performance.now() - began >= patienceMs) throw await lockHeld(client, performance.now() - began);
    await pause(BETWEEN_LOOKS_MS);
  }
  try {
    return await work();
  } finally {
    await client`select pg_advisory_unlock(${LOCK})`;
  }
}

async function isOurs(client: Sql): Promise<boolean> {
  const [row] = await client<{ ours: boolean }[]>`select pg_try_advisory_lock(${LOCK}) as ours`;
  return row?.ours === true;
}

async function lockHeld(client: Sql, waitedMs: number): Promise<Error> {
  return new Error(
    `The database lacks migrations of this version, and another session has held the lock of migrations for ${Math.round(waitedMs / 1000)} ` +
      `seconds: ${words(await lockHolders(client))}. If a dueday migrates there, wait for its end; if not, end that session ` +
      '(select pg_terminate_backend(<process>)). Then start this again.',
  );
}

/** Why a migration could not go on, with who holds any table of ours, or a transaction that an index has to wait for. */
export async function tablesHeld(client: Sql): Promise<Error> {
  return new Error(
    `A migration waited in vain for another session to end its transaction: ${words(await tableHolders(client))}. Have that ` +
      'transaction finished, or end it (select pg_terminate_backend(<process>)). Then start this again.',
  );
}

type Holder = { readonly pid: number; readonly name: string; readonly application: string };

async function lockHolders(client: Sql): Promise<readonly Holder[]> {
  return await client<
    Holder[]
  >`select a.pid, coalesce(a.usename::text, '') as name, coalesce(a.application_name, '') as application
    from pg_locks l join pg_stat_activity a on a.pid = l.pid
    where l.granted and l.locktype = 'advisory' and l.classid = 0 and l.objid = ${LOCK} and l.objsubid = 1
      and l.database = (select d.oid from pg_database d where d.datname = current_database())`;
}

const MOST = 5;

/** Daemons of ours come and go with their locks, so whoever is none is told first. */
async function tableHolders(client: Sql): Promise<readonly Holder[]> {
  return await client<
    Holder[]
  >`select a.pid, coalesce(a.usename::text, '') as name, coalesce(a.application_name, '') as application
    from pg_stat_activity a
    where a.pid <> pg_backend_pid() and (a.datname = current_database() and a.backend_xmin is not null or exists (
      select 1 from pg_locks l join pg_class c on c.oid = l.relation
      where l.pid = a.pid and l.granted and l.locktype = 'relation' and c.relkind = 'r'
        and l.database = (select d.oid from pg_database d where d.datname = current_database())
        and c.relnamespace in (to_regnamespace('public'), to_regnamespace('drizzle'))))
    order by a.application_name like 'dueday%', a.xact_start limit ${MOST}`;
}

function words(holders: readonly Holder[]): string {
  const each = holders.map(
    ({ pid, name, application }) => `process ${pid} of user ${JSON.stringify(name)} (${JSON.stringify(application)})`,
  );
  return each.length === 0 ? 'it is gone just now' : each.join(', ');
}
