import { sql } from 'drizzle-orm';
import { check, index, integer, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { instant } from '../../database/columns.ts';
import type { Role } from './control.ts';

/*
 * Who looks at the pages, and what they did there. Real time, whatever the billing clock says: a test clock that jumps a month ends
 * nobody's session.
 */

/** A person who signs in with a password. */
export const users = pgTable(
  'users',
  {
    id: uuid('id').primaryKey(),
    /** As they write it, in small letters. */
    name: text('name').notNull().unique('users_one_per_name'),
    role: text('role').$type<Role>().notNull(),
    /** Argon2id, with its parameters and salt; the password cannot be read back. */
    password: text('password').notNull(),
    createdAt: instant('created_at').notNull(),
    /** When password or role changed last. */
    changedAt: instant('changed_at').notNull(),
    disabledAt: instant('disabled_at'),
  },
  (t) => [check('users_role', sql`${t.role} in ('admin', 'product', 'finance')`)],
);

/** How somebody proved who they are. `own_key`: the key of DUEDAY_API_KEY, or the one that a sandbox made for itself. */
export type Credential = 'user' | 'key' | 'own_key' | 'link';

/** A row each time that somebody signed in; ended by them, by a change of what they proved it with, or by time. */
export const sessions = pgTable(
  'sessions',
  {
    /** SHA-256 of what stands in the cookie. */
    digest: text('digest').primaryKey(),
    credential: text('credential').$type<Credential>().notNull(),
    /** The id of the user or key; the hash of an own key or link. */
    credentialId: text('credential_id').notNull(),
    who: text('who').notNull(),
    role: text('role').$type<Role>().notNull(),
    startedAt: instant('started_at').notNull(),
    /** Within a minute. */
    seenAt: instant('seen_at').notNull(),
    endedAt: instant('ended_at'),
    endedWhy: text('ended_why'),
  },
  (t) => [
    index('sessions_by_credential').on(t.credential, t.credentialId).where(sql`${t.endedAt} is null`),
    check('sessions_credential', sql`${t.credential} in ('user', 'key', 'own_key', 'link')`),
    check('sessions_role', sql`${t.role} in ('admin', 'product', 'finance')`),
    check('sessions_ended_for_a_reason', sql`(${t.endedAt} is null) = (${t.endedWhy} is null)`),
  ],
);

/** A link that signs in once, as the terminal of a sandbox shows one. */
export const signInLinks = pgTable(
  'sign_in_links',
  {
    /** SHA-256 of what stands in the link. */
    digest: text('digest').primaryKey(),
    role: text('role').$type<Role>().notNull(),
    madeAt: instant('made_at').notNull(),
    usedAt: instant('used_at'),
  },
  (t) => [check('sign_in_links_role', sql`${t.role} in ('admin', 'product', 'finance')`)],
);

/** How often somebody tried to sign in, by a name or from a network, since the last time that it went well. */
export const signInTries = pgTable('sign_in_tries', {
  /** SHA-256: what is typed as a name may be a password. */
  subject: text('subject').primaryKey(),
  tries: integer('tries').notNull(),
  triedAt: instant('tried_at').notNull(),
  /** The next try is looked at no sooner. */
  until: instant('until'),
});

/** What people did at the pages, and who was let in or not. Append-only: UPDATE and DELETE are refused by a trigger. */
export const activity = pgTable(
  'activity',
  {
    id: uuid('id').primaryKey(),
    at: instant('at').notNull(),
    actor: text('actor').notNull(),
    kind: text('kind').notNull(),
    /** From where; null for what a command did. */
    address: text('address'),
    /** On whom or what. */
    about: text('about'),
    reason: text('reason'),
  },
  (t) => [index('activity_by_time').on(t.at, t.id)],
);
