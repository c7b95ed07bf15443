import type { Database } from '../../database/db.ts';
import { sql } from '../../database/sql.ts';
import { entryOf, type NewEntry } from './activity.ts';
import type { Role } from './api-keys.ts';

export type User = {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly createdAt: string;
  readonly changedAt: string;
  readonly disabledAt: string | null;
};

const SHOWN = sql`u.id, u.name, u.role, to_json(u.created_at) #>> '{}' as "createdAt",
  to_json(u.changed_at) #>> '{}' as "changedAt", to_json(u.disabled_at) #>> '{}' as "disabledAt"`;

/** Stores a new user; false when the name is taken. */
export async function storeUser(
  db: Database,
  user: { readonly id: string; readonly name: string; readonly role: Role; readonly password: string },
  entry: NewEntry,
): Promise<boolean> {
  const { id, name, role, password } = user;
  const rows = await db.run(sql`with made as (insert into users (id, name, role, password, created_at, changed_at)
      values (${id}::uuid, ${name}, ${role}, ${password}, now(), now()) on conflict (name) do nothing returning 1),
    told as (${entryOf(entry, sql`made`)})
    select 1 from made`);
  return rows.length > 0;
}

type Change = {
  readonly role?: Role;
  readonly password?: string;
  readonly disabled?: boolean;
  /** The hash of the session that goes on: the person's own. */
  readonly keepsSession?: string;
};

/**
 * Gives a user another password, role, or end; every session that they have open is ended by the same statement. Answers whether
 * there is such a user.
 */
export async function changeUser(db: Database, name: string, change: Change, entry: NewEntry): Promise<boolean> {
  const { role = null, password = null, disabled = null, keepsSession = '' } = change;
  const rows = await db.run(sql`with changed as (update users u set role = coalesce(${role}, u.role),
        password = coalesce(${password}, u.password), changed_at = now(),
        disabled_at = case ${disabled}::boolean when true then coalesce(u.disabled_at, now()) when false then null else u.disabled_at end
      where u.name = ${name} returning u.id),
    ended as (update sessions s set ended_at = now(), ended_why = ${entry.kind}
      where s.credential = 'user' and s.credential_id = (select id::text from changed) and s.ended_at is null
        and s.digest <> ${keepsSession} returning 1),
    told as (${entryOf(entry, sql`changed`)})
    select 1 from changed`);
  return rows.length > 0;
}

/** Who has this name, with the hash of their password; null: nobody who may sign in. */
export async function userNamed(db: Database, name: string): Promise<(User & { readonly password: string }) | null> {
  const [row] = await db.run<User & { password: string }>(
    sql`select ${SHOWN}, u.password from users u where u.name = ${name} and u.disabled_at is null`,
  );
  return row ?? null;
}

/** All, in the order of their names. */
export async function listUsers(db: Database): Promise<readonly User[]> {
  return await db.run<User>(sql`select ${SHOWN} from users u order by u.name`);
}
