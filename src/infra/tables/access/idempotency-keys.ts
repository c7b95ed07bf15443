import type { Database } from '../../database/db.ts';
import { sql } from '../../database/sql.ts';
import { sha256 } from '../../ids.ts';

/** A call as its key names it; `request` is the hash of what it asks. */
export type KeyedCall = { readonly caller: string; readonly key: string; readonly request: string };
export type HeldCall = KeyedCall & { readonly holder: string };

const KEPT = sql`interval '24 hours'`;
/** No call takes so long: whoever began it is dead, and left it open. */
const ABANDONED = sql`interval '2 minutes'`;
const PRUNED_AT_ONCE = 100;

/**
 * Takes a key for this call: a new one, one that is older than a day, or one whose call died at work. Answers whether it was
 * taken. What is older than a day is deleted on the way, some at a time.
 */
export async function takeKey(db: Database, { caller, key, request, holder }: HeldCall): Promise<boolean> {
  const rows = await db.run(sql`with old as (delete from idempotency_keys o using
      (select caller, key from idempotency_keys where started_at < now() - ${KEPT} and not (caller = ${caller} and key = ${key})
        order by started_at limit ${PRUNED_AT_ONCE} for update skip locked) d where o.caller = d.caller and o.key = d.key)
    insert into idempotency_keys as k (caller, key, request, started_at, holder)
    values (${caller}, ${key}, ${request}, now(), ${holder}::uuid)
    on conflict (caller, key) do update set request = excluded.request, started_at = excluded.started_at,
      holder = excluded.holder, status = null, answer = null
    where k.started_at < now() - ${KEPT}
      or (k.status is null and k.request = excluded.request and k.started_at < now() - ${ABANDONED})
    returning k.holder`);
  return rows.length > 0;
}

export type KeptAnswer = {
  readonly request: string;
  /** Null: the call is at work. */
  readonly status: number | null;
  /** Null: at work, or sealed with a key that is gone. */
  readonly answer: string | null;
};

/** What is known of a key; null when nobody took it. */
export async function keptAnswer(db: Database, { caller, key }: KeyedCall): Promise<KeptAnswer | null> {
  const [row] = await db.run<KeptAnswer>(
    sql`select request, status, answer from idempotency_keys where caller = ${caller} and key = ${key}`,
  );
  if (row === undefined) return null;
  return { ...row, answer: row.answer === null ? null : db.vault.open(placeOf(caller, key), row.answer) };
}

/** Keeps what was answered, unless another call has taken over. */
export async function keepAnswer(db: Database, held: HeldCall, status: number, answer: string): Promise<void> {
  const { caller, key, holder } = held;
  const sealed = db.vault.seal(placeOf(caller, key), answer);
  await db.run(sql`update idempotency_keys set status = ${status}::smallint, answer = ${sealed}
    where caller = ${caller} and key = ${key} and holder = ${holder}::uuid and status is null returning 1`);
}

/** Lets a key go whose call was not done: it may be sent again. */
export async function dropKey(db: Database, { caller, key, holder }: HeldCall): Promise<void> {
  await db.run(sql`delete from idempotency_keys
    where caller = ${caller} and key = ${key} and holder = ${holder}::uuid and status is null`);
}

function placeOf(caller: string, key: string) {
  return { table: 'idempotency_keys', id: sha256(`${caller}\n${key}`), column: 'answer' };
}
