import type { Database } from '../../database/db.ts';
import { sql } from '../../database/sql.ts';

/** What a connection for webhooks is good for, with a sentence for people. */
export type IntakeState = {
  /** `generous`: it may do what an intake need not. */
  readonly kind: 'fit' | 'generous' | 'unfit';
  readonly detail: string;
};

type Standing = {
  readonly system: string;
  readonly database: string;
  readonly inbox: string | null;
  readonly start: string;
  readonly standby: boolean;
};

type Rights = {
  readonly name: string;
  readonly stores: boolean | null;
  readonly clock: boolean | null;
  readonly more: boolean | null;
};

/**
 * Whether webhooks that are stored over `intake` are found over `db`, by a user who may store them and nothing more.
 * Asked with what the intake's user may look at; a copy of the server is told by the instant of its start.
 */
export async function intakeState(db: Database, intake: Database): Promise<IntakeState> {
  const [ours, its] = [await standingOf(db), await standingOf(intake)];
  const elsewhere = whereElse(ours, its);
  if (elsewhere !== null) return { kind: 'unfit', detail: `${elsewhere}. ${SAME_DATABASE}` };
  const { name, stores, clock, more } = await rightsOf(intake);
  if (stores !== true || clock !== true) return { kind: 'unfit', detail: `its user ${name} ${MAY_NOT_STORE}` };
  if (more === true) return { kind: 'generous', detail: `its user ${name} ${MAY_MORE}` };
  return { kind: 'fit', detail: `the same database as DATABASE_URL, as ${name}, who may store webhooks only` };
}

const SAME_DATABASE =
  'Webhooks would be stored where nobody processes them: write the server and database of DATABASE_URL, with the user dueday_webhook';
const MAY_NOT_STORE =
  'may not store webhooks: use dueday_webhook of drizzle/roles.sql, which has its rights from "dueday migrate" as dueday_owner';
const MAY_MORE = 'may do more than store webhooks: use dueday_webhook of drizzle/roles.sql';

function whereElse(ours: Standing, its: Standing): string | null {
  const isSame = its.system === ours.system && its.database === ours.database;
  if (!isSame) {
    const named = ({ system, database }: Standing) => `cluster ${system}, database ${database}`;
    return `it is another database (${named(its)}) than that of DATABASE_URL (${named(ours)})`;
  }
  if (its.standby) return 'it is a standby, which takes no writes';
  if (its.start !== ours.start) return 'it is another server than that of DATABASE_URL: a copy of it';
  // Null: its user may not look into the schema, which is told with the rights.
  if (its.inbox !== null && its.inbox !== ours.inbox) return 'it leads to another schema than DATABASE_URL';
  return null;
}

async function standingOf(db: Database): Promise<Standing> {
  const [row] = await db.run<Standing>(sql`select (select system_identifier::text from pg_control_system()) as system,
    (select oid::text from pg_database where datname = current_database()) as database,
    to_regclass('inbox')::oid::text as inbox, extract(epoch from pg_postmaster_start_time())::text as start,
    pg_is_in_recovery() as standby`);
  if (row === undefined) throw new Error('The database does not say which one it is.');
  return row;
}

/** What storing a webhook takes (see `storeWebhook` and the clocks), and two of the things that it does not. */
async function rightsOf(db: Database): Promise<Rights> {
  const [row] = await db.run<Rights>(sql`select current_user::text as name,
      has_table_privilege(o.inbox, 'insert') and has_column_privilege(o.inbox, 'bucket', 'select')
        and has_column_privilege(o.inbox, 'digest', 'select') and has_column_privilege(o.inbox, 'deliveries', 'select')
        and has_column_privilege(o.inbox, 'deliveries', 'update') as stores,
      has_table_privilege(o.clock, 'select') as clock,
      has_any_column_privilege(o.tokens, 'select') or has_column_privilege(o.inbox, 'body', 'select') as more
    from (select to_regclass('inbox')::oid as inbox, to_regclass('test_clock')::oid as clock,
      to_regclass('tokens')::oid as tokens) o`);
  if (row === undefined) throw new Error('The database does not say what its user may do.');
  return row;
}
