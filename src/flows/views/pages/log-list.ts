import type { Context } from '../../../context.ts';
import { bucketOf } from '../../../domain/charges/attempt.ts';
import { entryAndNeighbours, type LogRow } from '../../../infra/tables/books/ledger.ts';
import { isByTimeAlone, logCount, logPage, logTotals } from '../../../infra/tables/books/log-list.ts';
import { emptyHead, linkHash } from '../../../infra/tables/change/chain.ts';
import { readCursor, writeCursor } from '../cursor.ts';
import {
  type ChargeLogTotal,
  type LogAsked,
  type LogLine,
  lineOf,
  logFilter,
  positionOf,
  totalView,
} from '../log/charge-log.ts';
import { counted, type Part, type PlacedRows, placedRows, sumUp, type Uncounted } from './list-part.ts';

/** A line of the log with its place in the chain of its subscription. */
export type LogEntry = { readonly line: LogLine; readonly seq: number };

export type LogList = PlacedRows<LogEntry> & {
  /** Null: not counted. */
  readonly totals: readonly ChargeLogTotal[] | null;
  readonly uncounted: Uncounted | null;
  /** How many lines there are; null: not counted. */
  readonly count: number | null;
};

/** One page of the charge log in the order of time, with what all of the filter come to. Throws CursorFault for a place that is none of ours. */
export async function logList(ctx: Context, asked: LogAsked, part: Part): Promise<LogList> {
  const filter = await logFilter(ctx, asked);
  const { totals, uncounted } = await counted(ctx.db, part, {
    totals: (db, most) => logTotals(db, ctx.buckets, filter, most),
    rows: isByTimeAlone(filter) ? (db, most) => logCount(db, ctx.buckets, filter, most) : null,
  });
  const count = totals === null ? null : sumUp(totals);
  const { rows, ...beside } = await placedRows<LogRow>(part, count, {
    read: (at, limit, isBackward) =>
      logPage(ctx.db, ctx.buckets, filter, at === null ? null : positionRead(at), limit, isBackward),
    link: placeOf,
    numberIn,
  });
  return {
    ...beside,
    rows: rows.map((row) => ({ line: lineOf(row), seq: row.seq })),
    totals: totals?.map(totalView) ?? null,
    uncounted,
    count,
  };
}

const PLACE = ['at', 'bucket', 'subscriptionId', 'number', 'seq'] as const;

function positionRead(cursor: string) {
  const read = readCursor(cursor, PLACE);
  return read === null ? null : { ...read, bucket: Number(read.bucket), seq: Number(read.seq) };
}

/** Of a log that was not counted nobody knows the number of a line that was reached from its end: it is told as 0. */
function numberIn(cursor: string): number | null {
  return Number(readCursor(cursor, PLACE)?.number ?? 0) || null;
}

function placeOf(row: LogRow, number: number | null): string {
  const { at, bucket, subscriptionId, seq } = positionOf(row);
  return writeCursor({ at, bucket: String(bucket), subscriptionId, seq: String(seq), number: String(number ?? 0) });
}

export type EntryPage = LogEntry & {
  readonly prevHash: string;
  /** Whether its hash is what its text and the hash before it come to. */
  readonly isAsWritten: boolean;
  /** Whether that is the hash of the entry before it, or what every chain begins with. */
  readonly isChained: boolean;
  readonly before: LogEntry | null;
  readonly after: LogEntry | null;
};

/** An entry with its neighbours in the chain of its subscription; null where there is none. */
export async function entryPage({ db }: Context, subscriptionId: string, seq: number): Promise<EntryPage | null> {
  const rows = await entryAndNeighbours(db, bucketOf(subscriptionId), subscriptionId, seq);
  const [own, before, after] = [0, -1, 1].map((step) => rows.find((row) => row.seq === seq + step));
  if (own === undefined) return null;
  const entry = (row: LogRow | undefined) => (row === undefined ? null : { line: lineOf(row), seq: row.seq });
  return {
    line: lineOf(own),
    seq,
    prevHash: own.prev_hash,
    isAsWritten: linkHash(own.prev_hash, own.seq, own) === own.hash,
    isChained: own.prev_hash === (seq === 1 ? emptyHead : before?.hash),
    before: entry(before),
    after: entry(after),
  };
}
