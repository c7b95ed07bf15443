import type { Context } from '../../../context.ts';
import { bucketOf } from '../../../domain/charges/attempt.ts';
import { entryAndNeighbours, type LogRow } from '../../../infra/tables/books/ledger.ts';
import { logPage, logTotals } from '../../../infra/tables/books/log-list.ts';
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
import { LAST, MOST_COUNTED, type Part } from './charge-list.ts';

/** A line of the log with its place in the chain of its subscription. */
export type LogEntry = { readonly line: LogLine; readonly seq: number };

export type LogList = {
  readonly rows: readonly LogEntry[];
  /** Null: there are too many to be counted unasked. */
  readonly totals: readonly ChargeLogTotal[] | null;
  /** How many lines there are, and the number of the first one here; null: not counted. */
  readonly count: number | null;
  readonly place: number | null;
  /** Links to the pages beside it; null: there is none. */
  readonly next: string | null;
  readonly previous: string | null;
};

/** One page of the charge log in the order of time, with what all of the filter come to. Throws CursorFault for a place that is none of ours. */
export async function logList(ctx: Context, asked: LogAsked, part: Part): Promise<LogList> {
  const filter = await logFilter(ctx, asked);
  const counted = await logTotals(ctx.db, ctx.buckets, filter, part.isCounted ? null : MOST_COUNTED);
  const sum = counted.reduce((whole, { count }) => whole + count, 0);
  const count = part.isCounted || sum <= MOST_COUNTED ? sum : null;
  const { rows, place, hasNext, hasPrevious } = await partOf(part, count, (after, limit, isBackward) =>
    logPage(ctx.db, ctx.buckets, filter, after === null ? null : positionRead(after), limit, isBackward),
  );
  const [first, last] = [rows[0], rows.at(-1)];
  return {
    rows: rows.map((row) => ({ line: lineOf(row), seq: row.seq })),
    totals: count === null ? null : counted.map(totalView),
    count,
    place,
    next: hasNext && last !== undefined ? placeOf(last, place === null ? null : place + rows.length) : null,
    previous: hasPrevious && first !== undefined ? placeOf(first, place) : null,
  };
}

type Read = (after: string | null, limit: number, isBackward: boolean) => Promise<readonly LogRow[]>;
type ReadPart = {
  readonly rows: readonly LogRow[];
  readonly place: number | null;
  readonly hasNext: boolean;
  readonly hasPrevious: boolean;
};

/** What lies before a place is read backwards, and turned. */
async function partOf({ after, before, rows: size }: Part, count: number | null, read: Read): Promise<ReadPart> {
  if (before === null) {
    const rows = await read(after, size + 1, false);
    const shown = rows.slice(0, size);
    const place = after === null ? 1 : numberIn(after);
    return { rows: shown, place, hasNext: rows.length > size, hasPrevious: after !== null };
  }
  const isLast = before === LAST;
  const most = isLast && count !== null ? count % size || size : size;
  const rows = await read(isLast ? null : before, most + 1, true);
  const shown = rows.slice(0, most).toReversed();
  const end = isLast ? (count === null ? null : count + 1) : numberIn(before);
  const place = end === null ? null : Math.max(1, end - shown.length);
  return { rows: shown, place, hasNext: !isLast, hasPrevious: rows.length > most };
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
