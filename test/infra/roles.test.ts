import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import { afterAll, describe, expect, test } from 'vitest';
import { receiveWebhook } from '../../src/flows/inbox/receive-webhook.ts';
import { type Database, DatabaseError, openDatabase } from '../../src/infra/database/db.ts';
import { checkMigrations, migrate } from '../../src/infra/database/migrate.ts';
import {
  askingAttemptColumns,
  begunChargeColumns,
  chargeColumns,
  oftenColumns,
  rareColumns,
  takenColumns,
} from '../../src/infra/tables/schema/change-columns.ts';
import { disputeColumns } from '../../src/infra/tables/schema/disputes/dispute-columns.ts';
import { itemColumns } from '../../src/infra/tables/schema/item-columns.ts';
import { noticeColumns, onboardingColumns, tokenColumns } from '../../src/infra/tables/schema/method-columns.ts';
import { refundColumns } from '../../src/infra/tables/schema/refunds/refund-columns.ts';
import {
  changeColumns,
  repricingItemColumns,
  termsWithdrawalColumns,
} from '../../src/infra/tables/schema/terms-columns.ts';
import { migrationsFolder } from '../../src/wire/schema.ts';
import { adminKey } from '../support/api.ts';
import { street } from '../support/customer.ts';
import { client, daemon, daemonVariables, eventually } from '../support/daemon.ts';
import { emptyDatabase, testDatabase } from '../support/database.ts';
import { editJournal, migrationsLike } from '../support/migrations.ts';
import { asRole, type DatabaseRole } from '../support/role.ts';
import { testWorld } from '../support/world.ts';

/*
 * Each role tries each verb on each table and column, and gets 42501 for all that is not listed here.
 * The lists are ours, not read from grants.sql: what the statements of the code change, and no more.
 */

type Rights = {
  /** Every column; otherwise those listed in `reads`. */
  readonly readsAll: readonly string[];
  readonly reads: Readonly<Record<string, readonly string[]>>;
  readonly inserts: readonly string[];
  readonly updates: Readonly<Record<string, readonly string[]>>;
  readonly deletes: readonly string[];
};

const columnsOf = (columns: object) => Object.keys(columns);

const written =
  'api_keys armings attempts breakers catalog_applies catalog_versions changes charges coupon_counts coupon_uses customers disarmings findings idempotency_keys inbox items ledger names onboardings subscriptions terms link_key pay_links consents notices owed_notices subscription_methods activity sessions sign_in_links sign_in_tries users repricings repricing_items imports import_rows payments pulse refunds disputes replicas';
const app: Rights = {
  readsAll: `${written} charging clock_watch pace spending sweep test_clock tokens`.split(' '),
  reads: {},
  inserts: `${written} test_clock tokens`.split(' '),
  updates: {
    api_keys: ['revoked_at'],
    changes: columnsOf(changeColumns),
    attempts: [
      ...columnsOf(askingAttemptColumns),
      'action_closed_at',
      'lease_until',
      'repeated_at',
      'request',
      'request_hash',
    ],
    charges: [
      ...columnsOf(chargeColumns),
      ...columnsOf(begunChargeColumns),
      'asked_at',
      'claim_faults',
      'refunded',
      'charged_back',
    ],
    breakers: 'state since code why by probe_at probes room probe answers'.split(' '),
    charging:
      'stopped_at reason ask_since armed_at mode fingerprint system database tables files timeline arming run run_since stopped_by disarming catalog_version catalog_apply catalog_since'.split(
        ' ',
      ),
    clock_watch: ['newest', 'back_from', 'back_to'],
    coupon_counts: ['used', 'most'],
    coupon_uses: ['number', 'most', 'taken_at', 'given_back_at'],
    customers: ['spent', 'spent_on', 'xendit_id'],
    findings: ['amount', 'currency', 'why', 'found_at', 'closed_at', 'closed_why', 'asked_at'],
    idempotency_keys: ['request', 'started_at', 'holder', 'status', 'answer'],
    inbox: [
      'deliveries',
      'status',
      'next_try_at',
      'tries',
      'note',
      'processed_at',
      'body',
      'sealed_with',
      'body_dropped_at',
    ],
    import_rows: ['state', 'token_index', 'method', 'subscription_id', 'why', 'looked_at'],
    imports: ['state', 'created_at'],
    items: columnsOf(itemColumns),
    onboardings: [...columnsOf(onboardingColumns), 'doubts', 'asked_at', 'last_try', 'why'],
    pace: ['at', 'permits', 'paused_until', 'pauses'],
    replicas: ['seen_at', 'runs'],
    refunds: columnsOf(refundColumns),
    disputes: [...columnsOf(disputeColumns), 'warned_at'],
    repricings: ['state', 'ended_at', 'resumed_at'],
    repricing_items: columnsOf(repricingItemColumns),
    spending: ['day', 'amount', 'counted_from'],
    subscriptions: [
      ...columnsOf(oftenColumns),
      ...columnsOf(takenColumns),
      ...columnsOf(rareColumns),
      'session_number',
      'ledger_seq',
      'ledger_head',
    ],
    subscription_methods: ['rank', 'removed_at'],
    sessions: ['seen_at', 'ended_at', 'ended_why'],
    sign_in_links: ['used_at'],
    sign_in_tries: ['tries', 'tried_at', 'until'],
    users: ['role', 'password', 'changed_at', 'disabled_at'],
    sweep: ['swept_until', 'next_at', 'holder', 'lease_until', 'fault'],
    terms: columnsOf(termsWithdrawalColumns),
    test_clock: ['now', 'target'],
    tokens: [...columnsOf(tokenColumns), ...columnsOf(noticeColumns), 'token_id', 'token_index', 'sealed_with'],
  },
  deletes: ['idempotency_keys', 'pulse', 'replicas', 'sign_in_tries'],
};
const webhook: Rights = {
  readsAll: ['test_clock'],
  reads: { inbox: ['bucket', 'digest', 'deliveries'] },
  inserts: ['inbox'],
  updates: { inbox: ['deliveries'] },
  deletes: [],
};
/** What a report must not see: whatever lets its bearer take money, or be somebody. */
const secret: Readonly<Record<string, readonly string[]>> = {
  api_keys: ['digest'],
  attempts: ['request', 'request_hash', 'action_url', 'actions'],
  idempotency_keys: ['answer'],
  import_rows: ['token_index', 'method'],
  inbox: ['body'],
  link_key: ['key'],
  onboardings: ['payment_link_url'],
  sessions: ['digest'],
  sign_in_links: ['digest'],
  users: ['password'],
  tokens: ['token_id', 'token_index', 'fingerprint'],
};

const { db, admin, adminUrl } = await testDatabase();
// A second time, and in a database that is there already: as an admin does who forgot whether it was done.
await admin.run(sql.raw(wrapped(readFileSync(`${migrationsFolder}/roles.sql`, 'utf8'))));
await migrate(asRole(adminUrl, 'dueday_owner'), migrationsFolder);

const roles: Readonly<Record<DatabaseRole, Database>> = {
  dueday_owner: as('dueday_owner'),
  dueday_app: db,
  dueday_webhook: as('dueday_webhook'),
  dueday_ro: as('dueday_ro'),
};

/** Many statements as one prepared one. */
function wrapped(script: string): string {
  return `do $roles$ begin execute $script$${script}$script$; end $roles$`;
}

function as(role: DatabaseRole): Database {
  const opened = openDatabase({ url: asRole(adminUrl, role), poolSize: 2 });
  afterAll(() => opened.close());
  return opened;
}

/** The SQLSTATE of a statement; `done` when nothing refused it. */
async function answer(to: Database, statement: string): Promise<string> {
  try {
    await to.run(sql.raw(statement));
    return 'done';
  } catch (error) {
    return error instanceof DatabaseError ? error.code : String(error);
  }
}

const rows = await admin.run<{ name: string; columns: readonly string[] }>(
  sql`select c.relname as name, json_agg(a.attname order by a.attnum) as columns from pg_class c
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' group by c.relname order by 1`,
);
const tables = new Map(rows.map(({ name, columns }) => [name, columns]));

/** What the role did although it is not listed, and what it was refused although it is: both must be empty. */
async function wrongs(role: DatabaseRole, rights: Rights): Promise<readonly string[]> {
  const to = roles[role];
  const found: string[] = [];
  const expected = async (statement: string, allowed: boolean) => {
    const code = await answer(to, statement);
    if (allowed === (code === '42501')) found.push(`${statement}: ${code}`);
  };
  for (const [table, columns] of tables) {
    const readsAll = rights.readsAll.includes(table);
    await expected(`select * from ${table} limit 0`, readsAll);
    await expected(`insert into ${table} default values`, rights.inserts.includes(table));
    await expected(`delete from ${table} where false`, rights.deletes.includes(table));
    await expected(`truncate ${table}`, false);
    for (const column of columns) {
      await expected(
        `select ${column} from ${table} limit 0`,
        readsAll || rights.reads[table]?.includes(column) === true,
      );
      const change = `update ${table} set ${column} = default where false`;
      await expected(change, rights.updates[table]?.includes(column) === true);
    }
  }
  return found;
}

const ddl = [
  'create table public.mine (id int)',
  'create temp table mine (id int)',
  'create schema mine',
  'alter table ledger add column mine int',
  'alter table ledger disable trigger all',
  'drop table ledger',
  'create index mine on ledger (at)',
  'create function public.mine() returns int language sql return 1',
  'create or replace function dueday_refuse() returns trigger language plpgsql as $$ begin return new; end $$',
  'drop trigger ledger_is_append_only on ledger',
  'alter table ledger owner to dueday_app',
  'create role mine',
  'set session_replication_role = replica',
  "copy ledger to program 'true'",
  "select pg_read_file('/etc/passwd')",
];

describe('each role has what it needs and no more: 42501 for', () => {
  test('dueday_app: every TRUNCATE, every DELETE but of old answers and of tries, and every UPDATE of what is written once', async () => {
    expect(await wrongs('dueday_app', app)).toEqual([]);
  });

  test('dueday_webhook: everything but storing a webhook', async () => {
    expect(await wrongs('dueday_webhook', webhook)).toEqual([]);
  });

  test('dueday_ro: every change, and every column that holds a secret', async () => {
    const reads = Object.fromEntries(
      [...tables].map(([table, columns]) => [table, columns.filter((one) => secret[table]?.includes(one) !== true)]),
    );
    const readsAll = [...tables.keys()].filter((table) => secret[table] === undefined);
    expect(await wrongs('dueday_ro', { readsAll, reads, inserts: [], updates: {}, deletes: [] })).toEqual([]);
  });

  test.each(['dueday_app', 'dueday_webhook', 'dueday_ro'] as const)('%s: every change of the schema', async (role) => {
    for (const statement of ddl)
      expect([statement, await answer(roles[role], statement)]).toEqual([statement, '42501']);
  });

  test('dueday_owner: whatever reaches beyond its database', async () => {
    for (const statement of ddl.slice(-4)) {
      expect([statement, await answer(roles.dueday_owner, statement)]).toEqual([statement, '42501']);
    }
  });
});

test('an older dueday that starts again takes nobody a right on a table that it does not know', async () => {
  const older = migrationsLike(migrationsFolder);
  editJournal(older, (entries) =>
    entries.slice(
      0,
      entries.findIndex(({ tag }) => tag.includes('armings')),
    ),
  );
  const grants = join(older, 'grants.sql');
  writeFileSync(grants, readFileSync(grants, 'utf8').replaceAll(/\barmings, /g, ''));
  await migrate(asRole(adminUrl, 'dueday_owner'), older);
  expect(await answer(db, 'select * from armings limit 0')).toBe('done');
});

test('no role is above the guards, all have limits, and none looks for names in a schema of somebody else', async () => {
  const all = await admin.run<{ name: string; above: boolean; settings: string }>(sql`select rolname as name,
      rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication as above, array_to_string(rolconfig, ';') as settings
    from pg_roles where rolname like 'dueday\\_%' order by 1`);
  expect(all.map(({ name, above }) => [name, above])).toEqual(
    Object.keys(roles)
      .sort()
      .map((name) => [name, false]),
  );
  for (const { settings } of all) {
    expect(settings).toContain('search_path=public, pg_temp');
    for (const limit of ['statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout'])
      expect(settings).toMatch(new RegExp(`(^|;)${limit}=[1-9]`));
  }
  expect(all.find(({ name }) => name === 'dueday_ro')?.settings).toContain('default_transaction_read_only=on');
});

test('everybody else is nobody: no right on the database, the schema or a table', async () => {
  const [left] = await admin.run(sql`select
    has_database_privilege('public', current_database(), 'connect') as connects,
    has_schema_privilege('public', 'public', 'usage') or has_schema_privilege('public', 'public', 'create') as enters,
    (select count(*)::int from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'
      and has_table_privilege('public', oid, 'select, insert, update, delete, truncate')) as tables`);
  expect(left).toEqual({ connects: false, enters: false, tables: 0 });
});

test('an intake with the rights of dueday_webhook stores a webhook once and counts it when it comes again', async () => {
  const world = await testWorld({ at: '2026-01-31T02:00:00Z', db });
  const ctx = { ...world.ctx, db: roles.dueday_webhook };
  const body = { event: 'payment.capture', data: { reference_id: 'from elsewhere' } };
  const delivery = { raw: JSON.stringify(body), body, webhookId: null };
  expect([await receiveWebhook(ctx, delivery), await receiveWebhook(ctx, delivery)]).toEqual(['new', 'known']);
});

test('a daemon with the rights of dueday_app starts on a migrated database, and bills', async () => {
  const started = await daemon(daemonVariables(asRole(adminUrl, 'dueday_app')));
  const product = street(client(started.url, adminKey), client(started.sandboxUrl ?? ''));
  const id = await product.subscribe('as-app');
  await eventually(async () => expect((await product.charges(id))[0]?.status).toBe('paid'));
});

test('a daemon that may not migrate says who can, and how', async () => {
  const url = asRole(await emptyDatabase(), 'dueday_app');
  await expect(daemon(daemonVariables(url))).rejects.toThrow(
    /may not change its schema\. Run 'dueday migrate' once with the DATABASE_URL of its owner \(dueday_owner/,
  );
  expect(await checkMigrations(db, migrationsFolder)).toEqual({ ok: true });
});
