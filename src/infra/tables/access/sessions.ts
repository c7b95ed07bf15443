import type { Database } from '../../database/db.ts';
import { sql } from '../../database/sql.ts';
import type { Credential } from '../schema/people.ts';
import { entryOf, type NewEntry } from './activity.ts';
import type { Role } from './api-keys.ts';

export type { Credential };

export type Session = {
  readonly credential: Credential;
  readonly credentialId: string;
  readonly who: string;
  readonly role: Role;
};

const LONGEST = sql`interval '12 hours'`;
const IDLE = sql`interval '2 hours'`;
/** How old what is known of its last use may be: not each page writes a row. */
const SEEN_WITHIN = sql`interval '1 minute'`;

export async function startSession(db: Database, digest: string, session: Session, entry: NewEntry): Promise<void> {
  const { credential, credentialId, who, role } = session;
  await db.run(sql`with told as (${entryOf(entry)})
    insert into sessions (digest, credential, credential_id, who, role, started_at, seen_at)
    values (${digest}, ${credential}, ${credentialId}, ${who}, ${role}, now(), now())`);
}

/**
 * Whose session this is; null: nobody's, or it is over. What somebody proved themselves with is looked at each time: a key that was
 * revoked, a user who was disabled or has another role, and an own key that is no longer ours open nothing.
 */
export async function sessionOf(db: Database, digest: string, ownKey: string): Promise<Session | null> {
  const [row] = await db.run<Session>(sql`with found as (
      select s.digest, s.credential, s.credential_id as "credentialId", s.who, s.role, s.seen_at from sessions s
      where s.digest = ${digest} and s.ended_at is null and s.started_at > now() - ${LONGEST} and s.seen_at > now() - ${IDLE}
        and case s.credential
          when 'user' then exists (select 1 from users u where u.id::text = s.credential_id and u.disabled_at is null and u.role = s.role)
          when 'key' then exists (select 1 from api_keys k where k.id::text = s.credential_id and k.revoked_at is null)
          when 'own_key' then s.credential_id = ${ownKey}
          else true end),
    seen as (update sessions s set seen_at = now() from found f
      where s.digest = f.digest and f.seen_at < now() - ${SEEN_WITHIN} returning 1)
    select credential, "credentialId", who, role from found`);
  return row ?? null;
}

/** Ends a session that is open; a second end changes and tells nothing. */
export async function endSession(db: Database, digest: string, entry: NewEntry): Promise<void> {
  await db.run(sql`with ended as (update sessions set ended_at = now(), ended_why = ${entry.kind}
      where digest = ${digest} and ended_at is null returning 1)
    ${entryOf(entry, sql`ended`)}`);
}
