import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Sql } from 'postgres';
import type { Passing } from '../failpoints.ts';
import { applyMigrations } from './apply-migrations.ts';
import { connection } from './connection.ts';
import { DatabaseError, databaseError } from './database-error.ts';
import type { Database } from './db.ts';
import { alone, isHeldByAnother, tablesHeld } from './migration-lock.ts';
import { type Applied, appliedThrough, appliedTo, codeOf, type Migration, migrationsIn } from './migrations.ts';

export type MigrationCheck =
  | { readonly ok: true }
  | { readonly ok: false; readonly problem: 'missing' | 'edited' | 'newer'; readonly detail: string };

/**
 * Applies the migrations of `folder` that the database does not have: all of them or none, but for those that go statement by
 * statement. One process migrates at a time; of several at once the others wait, and find nothing left to do. Throws before
 * touching anything when a migration would be skipped, a `DatabaseError` when one fails, and the way out in words when this user
 * may not apply it, or when another session holds what is needed for longer than `patienceMs`. Nobody waits behind a migration
 * for longer than two seconds; and where nothing is missing nothing is locked, so that nobody who may only connect keeps a daemon
 * from starting.
 * @returns the names of those that were applied.
 */
export async function migrate(
  url: string,
  folder: string,
  passing?: Passing,
  patienceMs = PATIENCE_MS,
): Promise<readonly string[]> {
  const client = connection(url, { max: 1, connect_timeout: 10, connection: { application_name: 'dueday migrate' } });
  try {
    const known = migrationsIn(folder);
    const applied = isComplete(known, await appliedTo(client))
      ? []
      : await alone(client, patienceMs, () => applyMissing(client, known, patienceMs, passing));
    await grantRights(client, folder, known, patienceMs);
    return applied;
  } catch (error) {
    throw inWords(withCode(error));
  } finally {
    await client.end({ timeout: 5 });
  }
}

const PATIENCE_MS = 60_000;

/** Whether there is nothing to apply, and nothing to note for older ones that run. */
function isComplete(known: readonly Migration[], applied: readonly Applied[]): boolean {
  return pendingOf(known, applied).length === 0 && unnoted(known, applied).length === 0;
}

/** What is missing is asked again: another process may have applied it while this one waited for its turn. */
async function applyMissing(
  client: Sql,
  known: readonly Migration[],
  patienceMs: number,
  passing?: Passing,
): Promise<readonly string[]> {
  const before = await appliedTo(client);
  const pending = pendingOf(known, before);
  await noteExpanding(client, unnoted(known, before));
  if (pending.length > 0) await applyPending(client, pending, patienceMs, passing);
  return pending.map(({ tag }) => tag);
}

/** Whether a newer dueday has been here: the rights on its tables are its own to give. */
function isAhead(applied: readonly Applied[], known: readonly Migration[]): boolean {
  const newest = known.at(-1)?.when ?? 0;
  return applied.some(({ when }) => when > newest);
}

async function applyPending(
  client: Sql,
  pending: readonly Migration[],
  patienceMs: number,
  passing?: Passing,
): Promise<void> {
  passing?.('before-migration');
  await client.unsafe(TRIGGERS_ON_CITUS);
  await applyMigrations(client, pending, patienceMs, passing);
  passing?.('after-migration');
  // What was never analysed is planned by guesswork, and badly.
  await client`analyze`;
}

/** Our guards are triggers, which Citus refuses on distributed tables unless it is told. Elsewhere nothing is set. */
const TRIGGERS_ON_CITUS = `select set_config('citus.enable_unsafe_triggers', 'on', false)
  from pg_extension where extname = 'citus'`;

/**
 * For the older ones that run: they know neither the files of newer migrations nor what these did. Noted before they are
 * applied, so that nobody ever sees one that is applied and not noted.
 */
async function noteExpanding(client: Sql, expanding: readonly number[]): Promise<void> {
  if (expanding.length === 0) return;
  await client.unsafe('create schema if not exists drizzle');
  await client.unsafe('create table if not exists drizzle.expanding (created_at bigint primary key)');
  for (const when of expanding)
    await client`insert into drizzle.expanding (created_at) values (${when}) on conflict do nothing`;
}

/** The migrations that only expand the schema, and of which this is not noted yet. */
function unnoted(known: readonly Migration[], applied: readonly Applied[]): readonly number[] {
  const noted = new Set(applied.filter(({ expands }) => expands).map(({ when }) => when));
  return known.filter(({ expands, when }) => expands && !noted.has(when)).map(({ when }) => when);
}

/**
 * Whether the database has the migrations of `folder`, as they are written there. Charging on another schema is
 * refused: drizzle itself compares nothing but the newest time. Newer ones that only expand the schema do no harm.
 */
export async function checkMigrations(db: Database, folder: string): Promise<MigrationCheck> {
  const known = migrationsIn(folder);
  const applied = await appliedThrough(db);
  const times = new Set(known.map(({ when }) => when));
  if (applied.some(({ when, expands }) => !times.has(when) && !expands)) {
    return {
      ok: false,
      problem: 'newer',
      detail: 'The database was migrated by a newer dueday: run that one, or a copy of the database from before.',
    };
  }
  for (const { tag, when, hash } of known) {
    const found = applied.find((one) => one.when === when);
    if (found === undefined)
      return { ok: false, problem: 'missing', detail: `Migration ${tag} is not applied: run "dueday migrate".` };
    if (found.hash !== hash) {
      return {
        ok: false,
        problem: 'edited',
        detail: `Migration ${tag} was changed after it was applied: restore its file, and write a new migration.`,
      };
    }
  }
  return { ok: true };
}

const NOT_ALLOWED = '42501';
const ROLES = 4;

/** The daemon's own user need not, and should not, be allowed to change the schema; then somebody else must. */
function inWords(error: unknown): unknown {
  if (!(error instanceof DatabaseError) || error.code !== NOT_ALLOWED) return error;
  return new Error(
    "The database lacks migrations of this version, and the user of DATABASE_URL may not change its schema. Run 'dueday migrate' " +
      'once with the DATABASE_URL of its owner (dueday_owner, where the roles are those of drizzle/roles.sql), then this again.',
  );
}

/**
 * Where the roles of `roles.sql` are there, they get what `grants.sql` says, no more and no less: after every migration,
 * so that a new table is not forgotten. Only the owner can; whoever else starts has it from the owner. Of two at once one
 * waits: for drizzle's table, which nobody but the owner can lock.
 */
async function grantRights(
  client: Sql,
  folder: string,
  known: readonly Migration[],
  patienceMs: number,
): Promise<void> {
  const file = join(folder, 'grants.sql');
  if (!existsSync(file)) return;
  const [found] = await client<{ roles: number; mine: boolean | null }[]>`select
    (select count(*)::int from pg_roles where rolname in ('dueday_owner', 'dueday_app', 'dueday_webhook', 'dueday_ro')) as roles,
    (select pg_has_role(current_user, relowner, 'USAGE') from pg_class where oid = to_regclass('public.ledger')) as mine`;
  if (found?.roles !== ROLES || found.mine !== true) return;
  await client`begin`;
  await client`select set_config('lock_timeout', ${`${patienceMs}ms`}, true)`;
  await client`lock table drizzle.__drizzle_migrations in share row exclusive mode`.catch(async (error: unknown) => {
    await client`rollback`;
    throw isHeldByAnother(codeOf(error)) ? await tablesHeld(client) : error;
  });
  if (!isAhead(await appliedTo(client), known)) await client.unsafe(readFileSync(file, 'utf8'));
  await client`commit`;
}

/** Drizzle applies what is newer than the newest applied, and skips an older one without a word. */
function pendingOf(known: readonly Migration[], applied: readonly Applied[]): readonly Migration[] {
  const times = new Set(applied.map(({ when }) => when));
  const newest = Math.max(0, ...times);
  const pending = known.filter(({ when }) => !times.has(when));
  const skipped = pending.find(({ when }) => when < newest);
  if (skipped === undefined) return pending;
  throw new Error(
    `Migration ${skipped.tag} is older than what is applied and would be skipped: generate it again, so that it comes last.`,
  );
}

/** What the server said; a fault of our own files is passed on as it is. */
function withCode(error: unknown): unknown {
  return error instanceof DatabaseError || codeOf(error) !== null ? databaseError(error) : error;
}
