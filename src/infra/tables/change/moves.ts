import { within } from '../../database/buckets.ts';
import { assignments, type Columns, recordset } from '../../database/recordset.ts';
import { type Sql, sql } from '../../database/sql.ts';
import { isPermitted, type Permit, permitOf } from '../control/binding.ts';
import { type Spend, spendColumns, withinLimits } from '../control/spending.ts';
import {
  oftenColumns,
  rareColumns,
  rareKeys,
  rowKeys,
  type SubscriptionRow,
  type SubscriptionState,
  takenColumns,
  takenKeys,
} from '../schema/change-columns.ts';
import { lockedWithRows, type Written } from './free-rows.ts';

/** On what conditions changes are applied. */
export type ApplyOptions = {
  /** Leave subscriptions alone that somebody else is changing just now, or a row of theirs, instead of waiting for them. */
  readonly skipLocked?: boolean;
  /** How long the owner of new attempts may be silent before another process asks about them; real seconds. */
  readonly leaseSeconds?: number;
  /** Nothing is applied unless charging is still permitted on the server that runs the statement. */
  readonly permit?: Permit;
  /** Counts what the changes spend on this day; what would go beyond its limits is not applied. */
  readonly day?: Temporal.PlainDate | null;
};

/** A subscription on its way from one state to the next. */
export type Moved = {
  readonly before: SubscriptionRow;
  readonly after: SubscriptionRow;
  readonly spend: Spend | undefined;
  /** More of it changes than its place in the ledger. */
  readonly changesState: boolean;
};

const moveColumns: Columns = {
  ...rowKeys,
  seq: { key: 'before', type: 'int' },
  head: { key: 'beforeHead', type: 'text' },
  new_seq: { key: 'ledgerSeq', type: 'int' },
  new_head: { key: 'ledgerHead', type: 'text' },
};

/**
 * The fence: the rows that changes want to move (`i`), and those of them that are as they were seen, locked (`locked`) and, where a day
 * is counted, within its limits (`within`). The head is compared too: after a failover that lost rows another history may have
 * grown as long as the one that a decision was made on. Everybody locks in one order, so that two batches cannot deadlock.
 */
export function fence(
  buckets: readonly number[],
  moved: readonly Moved[],
  written: readonly Written[],
  { day = null, permit, skipLocked = false }: ApplyOptions,
): Sql[] {
  const states = changedColumns(moved);
  const items = moved.map((one, turn) => itemOf(one, turn, states !== noColumns));
  const columns = { ...moveColumns, ...states, ...(day === null ? {} : spendColumns) };
  const [found, skip] = [
    written.length === 0 && !skipLocked ? sql`locked` : sql`subs`,
    skipLocked ? sql` skip locked` : sql``,
  ];
  const permitted = permit === undefined ? sql`` : sql` and ${isPermitted}`;
  return [
    ...(permit === undefined ? [] : [permitOf(permit)]),
    sql`i as (select * from ${recordset('i', columns, items)})`,
    sql`${found} as (select f.bucket, f.id from (select s.bucket, s.id from subscriptions s
        join i on i.bucket = s.bucket and i.id = s.id
      where ${within('s', buckets)} and s.ledger_seq = i.seq and s.ledger_head = i.head${permitted}
      order by s.bucket, s.id for update of s${skip}) f)`,
    ...(written.length === 0 && !skipLocked ? [] : lockedWithRows(buckets, written)),
    ...(day === null ? [] : withinLimits(buckets, day)),
  ];
}

/** The rows that passed the fence, by the name of the part that has them. */
export function passed({ day = null }: ApplyOptions): Sql {
  return day === null ? sql`locked` : sql`within`;
}

/** The move: whatever else a statement writes is joined to the rows that moved. */
export function move(buckets: readonly number[], moved: readonly Moved[], options: ApplyOptions): Sql {
  const columns = Object.keys(changedColumns(moved));
  const states = columns.length === 0 ? sql`` : sql`, ${assignments('i', columns)}`;
  return sql`moved as (update subscriptions s set ledger_seq = i.new_seq, ledger_head = i.new_head${states}
      from i join ${passed(options)} l on l.bucket = i.bucket and l.id = i.id
      where ${within('s', buckets)} and s.bucket = i.bucket and s.id = i.id returning s.bucket, s.id)`;
}

const noColumns: Columns = {};
type Key = keyof SubscriptionState;

/**
 * If one subscription of a batch changes more than its place in the ledger, its columns are sent for all of them: a statement has a
 * column or it has not. Those that are seldom changed are sent if one of the batch changes one of them.
 */
function changedColumns(moved: readonly Moved[]): Columns {
  const restated = moved.filter((one) => one.changesState);
  if (restated.length === 0) return noColumns;
  return {
    ...oftenColumns,
    ...(changesAny(restated, takenKeys) ? takenColumns : noColumns),
    ...(changesAny(restated, rareKeys) ? rareColumns : noColumns),
  };
}

function changesAny(moved: readonly Moved[], keys: readonly Key[]): boolean {
  return moved.some(({ before, after }) => keys.some((key) => before[key] !== after[key]));
}

function itemOf({ before, after, spend }: Moved, turn: number, restates: boolean): object {
  const { bucket, id, ledgerSeq, ledgerHead } = after;
  const place = { bucket, id, ledgerSeq, ledgerHead, before: before.ledgerSeq, beforeHead: before.ledgerHead, turn };
  return restates ? { ...after, ...place, ...spend } : { ...place, ...spend };
}
