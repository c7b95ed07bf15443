import type { Database } from '../../database/db.ts';
import { recordset } from '../../database/recordset.ts';
import { sql } from '../../database/sql.ts';
import { storedRequest } from '../../vault/request.ts';
import { openedBody, sealedBody } from '../inbox/inbox.ts';
import { attempts } from '../schema/charges.ts';
import { columnsOf } from '../schema/columns-of.ts';
import { inbox } from '../schema/inbox.ts';
import { tokens } from '../schema/methods.ts';
import { placeOfToken } from './sealed-tokens.ts';

/** Tables whose rows say which key they are sealed with. */
export type SealedTable = 'tokens' | 'inbox';

/** A row in the order of the primary key: where the next page begins. */
export type Seat = { readonly bucket: number; readonly id: string };

/** One page: where it ended (null: there was nothing more), and how many rows were written. */
export type Page = { readonly last: Seat | null; readonly done: number };

/** The keys that rows of this table are sealed with, the empty one for those that are not; a step through an index for each. */
export async function keysInUse(db: Database, table: SealedTable): Promise<readonly string[]> {
  const name = sql.identifier(table);
  const keys: string[] = [];
  for (;;) {
    const beyond = keys.at(-1);
    const rest = beyond === undefined ? sql`` : sql` where sealed_with > ${beyond}`;
    const [row] = await db.run<{ key: string | null }>(sql`select min(sealed_with) as key from ${name}${rest}`);
    if (row?.key == null) return keys;
    keys.push(row.key);
  }
}

/** How many rows are not sealed with the key that seals now; costs what there is left to do. */
export async function leftToSeal(db: Database, table: SealedTable): Promise<number> {
  const name = sql.identifier(table);
  const [row] = await db.run<{
    left: number;
  }>(sql`select (select count(*) from ${name} where sealed_with < ${db.vault.sealsWith})::int
    + (select count(*) from ${name} where sealed_with > ${db.vault.sealsWith})::int as left`);
  return row?.left ?? 0;
}

/** How many requests still hold their payment token themselves. */
export async function requestsToMark(db: Database): Promise<number> {
  const [row] = await db.run<{ left: number }>(
    sql`select count(*)::int as left from attempts where request_hash is null`,
  );
  return row?.left ?? 0;
}

/** Whether this process opens what is sealed with a key: a row of it is tried. */
export async function opensTokensOf(db: Database, key: string): Promise<boolean> {
  const [row] = await db.run<{ id: string; token_id: string }>(
    sql`select id::text, token_id from tokens where sealed_with = ${key} limit 1`,
  );
  return row === undefined || db.vault.open(placeOfToken(row.id), row.token_id) !== null;
}

/**
 * Seals a page of payment tokens that `key` sealed with the key that seals now. Guarded on that key, so safe to repeat
 * and to run in several processes; a daemon that has both keys never notices.
 */
export async function resealTokens(db: Database, key: string, after: Seat, limit: number): Promise<Page> {
  const rows = await db.run<{ bucket: number; id: string; token_id: string }>(sql`select bucket, id::text, token_id
    from tokens where sealed_with = ${key} and ${beyond(after)} order by sealed_with, bucket, id limit ${limit}::int`);
  const sealed = rows.flatMap(({ bucket, id, token_id }) => {
    const clear = db.vault.open(placeOfToken(id), token_id);
    if (clear === null) return [];
    return [{ bucket, id, tokenId: db.vault.seal(placeOfToken(id), clear), tokenIndex: db.vault.index(clear) }];
  });
  const columns = columnsOf(tokens, ['bucket', 'id', 'tokenId', 'tokenIndex']);
  const done = await db.run(sql`update tokens t set token_id = u.token_id, token_index = u.token_index,
      sealed_with = ${db.vault.sealsWith} from ${recordset('u', columns, sealed)}
    where t.bucket = any(${bucketsOf(sealed)}::smallint[]) and t.bucket = u.bucket and t.id = u.id and t.sealed_with = ${key}
    returning t.id`);
  return pageOf(rows, done.length);
}

/** A body that is no longer kept: there is nothing in it to seal. */
const DROPPED = 'null';

/** The same for a page of webhook bodies. */
export async function resealInbox(db: Database, key: string, after: Seat, limit: number): Promise<Page> {
  const rows = await db.run<{
    bucket: number;
    id: string;
    stored: string;
  }>(sql`select bucket, id::text, body::text as stored
    from inbox where sealed_with = ${key} and ${beyond(after)} order by sealed_with, bucket, id limit ${limit}::int`);
  const sealed = rows.flatMap(({ bucket, id, stored }) => {
    if (stored === DROPPED) return [{ bucket, id, body: DROPPED }];
    const body = key === '' ? stored : openedBody(db.vault, id, JSON.parse(stored));
    return body === null ? [] : [{ bucket, id, body: sealedBody(db.vault, id, body) }];
  });
  const columns = columnsOf(inbox, ['bucket', 'id', 'body']);
  const done = await db.run(sql`update inbox t set body = u.body, sealed_with = ${db.vault.sealsWith}
    from ${recordset('u', columns, sealed)}
    where t.bucket = any(${bucketsOf(sealed)}::smallint[]) and t.bucket = u.bucket and t.id = u.id and t.sealed_with = ${key}
    returning t.id`);
  return pageOf(rows, done.length);
}

/**
 * Takes the payment token out of a page of requests that were written before their place was marked. A trigger lets
 * through exactly this change, once.
 */
export async function markRequests(db: Database, after: Seat, limit: number): Promise<Page> {
  const rows = await db.run<
    Seat & { request: string; token: string; token_id: string }
  >(sql`select a.bucket, a.id::text,
      a.request, t.id::text as token, t.token_id
    from attempts a join tokens t on t.bucket = a.bucket and t.id = a.token_id
    where a.request_hash is null and (a.bucket, a.id) > (${after.bucket}::smallint, ${after.id}::uuid)
    order by a.bucket, a.id limit ${limit}::int`);
  const marked = rows.flatMap(({ bucket, id, request, token, token_id }) => {
    const clear = db.vault.open(placeOfToken(token), token_id);
    if (clear === null) return [];
    const stored = storedRequest(request, clear);
    return [{ bucket, id, ...stored }];
  });
  const columns = columnsOf(attempts, ['bucket', 'id', 'request', 'requestHash']);
  const done = await db.run(sql`update attempts t set request = u.request, request_hash = u.request_hash
    from ${recordset('u', columns, marked)}
    where t.bucket = any(${bucketsOf(marked)}::smallint[]) and t.bucket = u.bucket and t.id = u.id and t.request_hash is null
    returning t.id`);
  return pageOf(rows, done.length);
}

function beyond({ bucket, id }: Seat) {
  return sql`(bucket, id) > (${bucket}::smallint, ${id}::uuid)`;
}

function bucketsOf(rows: readonly { readonly bucket: number }[]) {
  return [...new Set(rows.map((row) => row.bucket))];
}

function pageOf(rows: readonly Seat[], done: number): Page {
  const last = rows.at(-1);
  return { last: last === undefined ? null : { bucket: last.bucket, id: last.id }, done };
}
