import type { Database } from '../../database/db.ts';
import { type Sql, sql } from '../../database/sql.ts';
import { newId } from '../../ids.ts';

export type Deed =
  | 'sign_in'
  | 'sign_in_refused'
  | 'sign_in_must_wait'
  | 'sign_out'
  | 'password_changed'
  | 'user_added'
  | 'user_replaced'
  | 'user_disabled'
  /** What somebody decided by a page, named by its address: `charges/void`. */
  | `${string}/${string}`;

export type NewEntry = {
  readonly actor: string;
  readonly kind: Deed;
  readonly address: string | null;
  readonly about?: string | null;
  readonly reason?: string | null;
};

/** A part of the statement that does it, so that nothing is done without its entry. Only where `happened` has a row, if it is given. */
export function entryOf({ actor, kind, address, about = null, reason = null }: NewEntry, happened?: Sql): Sql {
  const only = happened === undefined ? sql`` : sql` where exists (select 1 from ${happened})`;
  return sql`insert into activity (id, at, actor, kind, address, about, reason)
    select ${newId(0)}::uuid, now(), ${actor}, ${kind}, ${address}, ${about}, ${reason}${only} returning 1`;
}

export async function writeEntry(db: Database, entry: NewEntry): Promise<void> {
  await db.run(entryOf(entry));
}
