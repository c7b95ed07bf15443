import { within } from '../../database/buckets.ts';
import { assignments, type Columns, recordset } from '../../database/recordset.ts';
import { type Sql, sql } from '../../database/sql.ts';
import { type Permit, stillPermitted } from '../control/binding.ts';
import { type Spend, spendColumns, withinLimits } from '../control/spending.ts';
import { rowKeys, type SubscriptionRow, subscriptionColumns } from '../schema/change-columns.ts';
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
  readonly isRestated: boolean;
};

const moveColumns: Columns = {
  ...rowKeys,
  seq: { key: 'before', type: 'int' },
  head: { key: 'beforeHead', type: 'text' },
  new_seq: { key: 'ledgerSeq', type: 'int' },
  new_head: { key: 'ledgerHead', type: 'text' },
};

/**
 * The fence, then the move. The head is compared too: after a failover that lost rows another history may have grown as
 * long as the one that a decision was made on. Locked in one order by everybody, so that two batches cannot deadlock.
 */
export function lockedAndMoved(
  buckets: readonly number[],
  moved: readonly Moved[],
  written: readonly Written[],
  options: ApplyOptions,
): Sql {
  const day = options.day ?? null;
  // One that is restated has the whole batch written out: a column is there for all of them or for none.
  const restates = moved.some((one) => one.isRestated);
  const states: Columns = restates ? subscriptionColumns : {};
  const items = moved.map((one, turn) => itemOf(one, turn, restates));
  const columns = { ...moveColumns, ...states, ...(day === null ? {} : spendColumns) };
  const assigned = restates ? sql`, ${assignments('i', Object.keys(states))}` : sql``;
  const limited = day === null ? sql`` : sql`${withinLimits(buckets, day)},`;
  const ours = day === null ? sql`locked` : sql`within`;
  const skips = options.skipLocked === true;
  const [found, skip] = skips ? [sql`subs`, sql`skip locked`] : [sql`locked`, sql``];
  const rows = skips ? sql`${lockedWithRows(buckets, written)},` : sql``;
  const permitted = options.permit === undefined ? sql`` : sql`and ${stillPermitted(options.permit)}`;
  return sql`i as (select * from ${recordset('i', columns, items)}),
    ${found} as (select s.bucket, s.id from subscriptions s join i on s.bucket = i.bucket and s.id = i.id
      where ${within('s', buckets)} and s.ledger_seq = i.seq and s.ledger_head = i.head ${permitted} order by s.bucket, s.id for update of s ${skip}),
    ${rows}
    ${limited}
    moved as (update subscriptions s set ledger_seq = i.new_seq, ledger_head = i.new_head${assigned}
      from i join ${ours} l on l.bucket = i.bucket and l.id = i.id
      where ${within('s', buckets)} and s.bucket = i.bucket and s.id = i.id returning s.bucket, s.id)`;
}

function itemOf({ before, after, spend }: Moved, turn: number, restates: boolean): object {
  const { bucket, id, ledgerSeq, ledgerHead } = after;
  const place = { bucket, id, ledgerSeq, ledgerHead, before: before.ledgerSeq, beforeHead: before.ledgerHead, turn };
  return restates ? { ...after, ...place, ...spend } : { ...place, ...spend };
}
