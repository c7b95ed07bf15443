import { type SQL, sql } from 'drizzle-orm';
import type { Entry } from '../../domain/ledger.ts';
import { chain } from './chain.ts';
import {
  type AttemptOutcome,
  attemptColumns,
  type ChargeState,
  chargeColumns,
  type NewAttempt,
  type NewCharge,
  type NewToken,
  newAttemptColumns,
  newChargeColumns,
  newTokenColumns,
  type OnboardingState,
  onboardingColumns,
  onboardingKeys,
  rowKeys,
  type SubscriptionRow,
  type SubscriptionState,
  subscriptionColumns,
  type TokenState,
  tokenColumns,
} from './change-columns.ts';
import type { Database } from './db.ts';
import { ledgerColumns } from './ledger.ts';
import { arrayText, assignments, columnList, put, type Row, recordset } from './recordset.ts';

/**
 * One change of a subscription and what belongs to it. `seen` is the row that the decision was made on: its place in
 * the ledger is the fence, so a change decided on anything older than the newest state is refused as a whole.
 */
export type Change = {
  readonly seen: SubscriptionRow;
  readonly entries: readonly Entry[];
  readonly subscription?: Partial<SubscriptionState>;
  readonly savedTokens?: readonly NewToken[];
  readonly openedCharges?: readonly NewCharge[];
  readonly sentAttempts?: readonly NewAttempt[];
  readonly charges?: readonly ChargeState[];
  readonly attempts?: readonly AttemptOutcome[];
  readonly tokens?: readonly TokenState[];
  readonly onboardings?: readonly OnboardingState[];
};

export type ApplyOptions = {
  /** Leave subscriptions alone that somebody else is changing just now, instead of waiting for them. */
  readonly skipLocked?: boolean;
  /** How long the owner of new attempts may be silent before another process asks about them; real seconds. */
  readonly leaseSeconds?: number;
};

/**
 * Applies changes, at most one a subscription, in ONE statement: all that belongs to a change or nothing of it.
 * Safe to repeat: what was applied already is refused by its fence.
 * @returns the ids of the subscriptions whose change was applied; the others were decided on an old state.
 */
export async function applyChanges(
  db: Database,
  buckets: readonly number[],
  changes: readonly Change[],
  options: ApplyOptions = {},
): Promise<ReadonlySet<string>> {
  if (changes.length === 0) return new Set();
  const rows = await db.run<{ id: string }>(statement(buckets, changes, options));
  return new Set(rows.map((row) => row.id));
}

function statement(buckets: readonly number[], changes: readonly Change[], options: ApplyOptions): SQL {
  const chained = changes.map((change) =>
    chain(change.seen.bucket, change.seen.ledgerSeq, change.seen.ledgerHead, change.entries),
  );
  const moves = changes.map((change, index) => subscriptionMove(change, chained[index]?.seq, chained[index]?.head));
  const entries = chained.flatMap((one) => one.rows);
  const parts = [
    lockedAndMoved(buckets, moves, options),
    ...insertions(changes, options),
    ...updates(buckets, changes),
    sql`logged as (insert into ledger (${columnNames(ledgerColumns)})
      select ${columnList('e', Object.keys(ledgerColumns))} from ${recordset('e', ledgerColumns, entries)}
      join moved m on m.bucket = e.bucket and m.id = e.subscription_id)`,
  ];
  return sql`with ${sql.join(parts, sql`, `)} select m.id from moved m`;
}

function subscriptionMove(change: Change, seq = 0, head = ''): Row {
  const { seen, subscription = {} } = change;
  const state: SubscriptionState = { ...seen, ...subscription };
  const row: Row = { bucket: seen.bucket, id: seen.id, seq: seen.ledgerSeq, new_seq: seq, new_head: head };
  for (const [column, { key }] of subscriptionPairs) put(row, column, state[key]);
  return row;
}

const subscriptionPairs = Object.entries(subscriptionColumns);

/** The fence, then the move. Locked in one order by everybody, so that two batches cannot deadlock. */
function lockedAndMoved(buckets: readonly number[], moves: readonly Row[], options: ApplyOptions): SQL {
  const types = { ...rowKeys, seq: 'int', new_seq: 'int', new_head: 'text', ...typesOf(subscriptionColumns) };
  const all = sql`any(${arrayText(buckets)}::smallint[])`;
  const skip = options.skipLocked === true ? sql`skip locked` : sql``;
  return sql`i as (select * from ${recordset('i', types, moves)}),
    locked as (select s.bucket, s.id from subscriptions s join i on s.bucket = i.bucket and s.id = i.id
      where s.bucket = ${all} and s.ledger_seq = i.seq order by s.bucket, s.id for update of s ${skip}),
    moved as (update subscriptions s set ledger_seq = i.new_seq, ledger_head = i.new_head,
        ${assignments('i', Object.keys(subscriptionColumns))}
      from i join locked l on l.bucket = i.bucket and l.id = i.id
      where s.bucket = ${all} and s.bucket = i.bucket and s.id = i.id returning s.bucket, s.id)`;
}

type Columns = Readonly<Record<string, { readonly key: string; readonly type: string }>>;

function typesOf(columns: Columns): Record<string, string> {
  return Object.fromEntries(Object.entries(columns).map(([name, { type }]) => [name, type]));
}

function columnNames(columns: Readonly<Record<string, unknown>>): SQL {
  return sql.raw(Object.keys(columns).join(', '));
}

/** The rows of all changes, with the subscription that fences each. */
function rowsOf<T extends object>(
  changes: readonly Change[],
  pick: (change: Change) => readonly T[] | undefined,
  columns: Columns,
): Row[] {
  const pairs = Object.entries(columns);
  return changes.flatMap((change) =>
    (pick(change) ?? []).map((item) => {
      const row: Row = { of_id: change.seen.id };
      for (const [column, { key }] of pairs) put(row, column, (item as Record<string, Row[string]>)[key]);
      return row;
    }),
  );
}

function insertions(changes: readonly Change[], options: ApplyOptions): SQL[] {
  const lease = sql`now() + ${options.leaseSeconds ?? 0}::int * interval '1 second'`;
  return [
    ...insertion(
      'tokens',
      newTokenColumns,
      rowsOf(changes, (change) => change.savedTokens, newTokenColumns),
    ),
    ...insertion(
      'charges',
      newChargeColumns,
      rowsOf(changes, (change) => change.openedCharges, newChargeColumns),
    ),
    ...insertion(
      'attempts',
      newAttemptColumns,
      rowsOf(changes, (change) => change.sentAttempts, newAttemptColumns),
      {
        name: 'lease_until',
        value: lease,
      },
    ),
  ];
}

function insertion(table: string, columns: Columns, rows: readonly Row[], extra?: { name: string; value: SQL }): SQL[] {
  if (rows.length === 0) return [];
  const names = Object.keys(columns);
  const into = sql.raw([...names, ...(extra === undefined ? [] : [extra.name])].join(', '));
  const more = extra === undefined ? sql`` : sql`, ${extra.value}`;
  return [
    sql`${sql.raw(`new_${table}`)} as (insert into ${sql.raw(table)} (${into})
      select ${columnList('n', names)}${more} from ${recordset('n', { of_id: 'uuid', ...typesOf(columns) }, rows)}
      join moved m on m.bucket = n.bucket and m.id = n.of_id)`,
  ];
}

function updates(buckets: readonly number[], changes: readonly Change[]): SQL[] {
  return [
    ...update(
      buckets,
      'charges',
      rowKeys,
      chargeColumns,
      rowsOf(changes, (change) => change.charges, { ...byId, ...chargeColumns }),
    ),
    ...update(
      buckets,
      'attempts',
      rowKeys,
      attemptColumns,
      rowsOf(changes, (change) => change.attempts, { ...byId, ...attemptColumns }),
    ),
    ...update(
      buckets,
      'tokens',
      rowKeys,
      tokenColumns,
      rowsOf(changes, (change) => change.tokens, { ...byId, ...tokenColumns }),
    ),
    ...update(
      buckets,
      'onboardings',
      onboardingKeys,
      onboardingColumns,
      rowsOf(changes, (change) => change.onboardings, { ...byNumber, ...onboardingColumns }),
    ),
  ];
}

const byId: Columns = { bucket: { key: 'bucket', type: 'smallint' }, id: { key: 'id', type: 'uuid' } };
const byNumber: Columns = {
  bucket: { key: 'bucket', type: 'smallint' },
  subscription_id: { key: 'subscriptionId', type: 'uuid' },
  number: { key: 'number', type: 'int' },
};

function update(
  buckets: readonly number[],
  table: string,
  keys: Readonly<Record<string, string>>,
  columns: Columns,
  rows: readonly Row[],
): SQL[] {
  if (rows.length === 0) return [];
  const same = sql.raw(
    Object.keys(keys)
      .map((key) => `t.${key} = u.${key}`)
      .join(' and '),
  );
  return [
    sql`${sql.raw(`set_${table}`)} as (update ${sql.raw(table)} t set ${assignments('u', Object.keys(columns))}
      from ${recordset('u', { of_id: 'uuid', ...keys, ...typesOf(columns) }, rows)}
      join moved m on m.bucket = u.bucket and m.id = u.of_id
      where t.bucket = any(${arrayText(buckets)}::smallint[]) and ${same})`,
  ];
}
