import type { Context } from '../../context.ts';
import { logColumns } from '../../domain/books/ledger.ts';
import { type Currency, majorText } from '../../domain/money/money.ts';
import { type LogPosition, type LogRange, type LogRow, logPage } from '../../infra/tables/books/ledger.ts';
import { readCursor, writeCursor } from './cursor.ts';

export type LogLine = { readonly [column in (typeof logColumns)[number]]: string | number | null };
export type { LogRange };

/** Small, so that what is read is garbage before it is old: that keeps the process small while exports run. */
const PAGE = 250;

/** A page of the charge log. Throws CursorFault for a cursor that we never gave. */
export async function chargeLogPage(ctx: Context, range: LogRange, cursor: string | null, limit: number) {
  const read = readCursor(cursor, ['at', 'bucket', 'subscriptionId', 'seq'] as const);
  const after = read === null ? null : { ...read, bucket: Number(read.bucket), seq: Number(read.seq) };
  const rows = await logPage(ctx.db, ctx.buckets, range, after, limit + 1);
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return { data: shown.map(lineOf), next_cursor: rows.length > limit && last !== undefined ? cursorAfter(last) : null };
}

function cursorAfter(row: LogRow): string {
  const { at, bucket, subscriptionId, seq } = positionOf(row);
  return writeCursor({ at, bucket: String(bucket), subscriptionId, seq: String(seq) });
}

function positionOf(row: LogRow): LogPosition {
  return { at: String(row.at), bucket: row.bucket, subscriptionId: String(row.subscription_id), seq: row.seq };
}

/** The whole log of a range, a page at a time, so that neither memory nor a snapshot grows with it. */
export async function* chargeLog(ctx: Context, range: LogRange): AsyncGenerator<LogLine> {
  let after: LogPosition | null = null;
  for (;;) {
    const rows: readonly LogRow[] = await logPage(ctx.db, ctx.buckets, range, after, PAGE);
    for (const row of rows) yield lineOf(row);
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return;
    after = positionOf(last);
  }
}

/** A line as people read it: amounts in major units, with the decimals of their currency. */
function lineOf(row: LogRow): LogLine {
  const currency = row.currency === null ? null : (String(row.currency) as Currency);
  const amount = (minor: string | number | null) =>
    minor === null || currency === null ? null : majorText({ minor: BigInt(minor), currency });
  const line = Object.fromEntries(logColumns.map((column) => [column, row[column]])) as LogLine;
  return { ...line, amount: amount(row.amount), money: amount(row.money) ?? '0' };
}

export type RangeFault = { readonly field: 'from' | 'to'; readonly message: string };

/**
 * A range of the log: dates, both included, in the zone of the catalog's defaults; or instants, `to` included.
 * Answers every fault in words for anything else.
 */
export function logRange(
  ctx: Context,
  from: string | undefined,
  to: string | undefined,
): LogRange | { readonly faults: readonly RangeFault[] } {
  const zone = ctx.catalog.current.defaults.timeZone;
  const start = from === undefined ? null : moment(from, zone, 'start');
  const end = to === undefined ? null : moment(to, zone, 'end');
  const message = 'Must be a date like 2026-01-31 or an instant like 2026-01-31T00:00:00Z.';
  if (start === 'fault' || end === 'fault') {
    const wrong = { from: start === 'fault', to: end === 'fault' };
    return { faults: (['from', 'to'] as const).filter((field) => wrong[field]).map((field) => ({ field, message })) };
  }
  if (start !== null && end !== null && Temporal.Instant.compare(start, end) >= 0) {
    return { faults: [{ field: 'to', message: 'Must not lie before from.' }] };
  }
  return { from: start, until: end };
}

function moment(text: string, zone: string, edge: 'start' | 'end'): Temporal.Instant | 'fault' {
  try {
    const moment = /^\d{4}-\d\d-\d\d$/.test(text) ? edgeOfDay(text, zone, edge) : edgeOfInstant(text, edge);
    // Temporal knows years that Postgres does not.
    return /^[1-9]\d{3}-/.test(moment.toString()) ? moment : 'fault';
  } catch {
    return 'fault';
  }
}

function edgeOfDay(text: string, zone: string, edge: 'start' | 'end'): Temporal.Instant {
  const date = Temporal.PlainDate.from(text);
  return (edge === 'start' ? date : date.add({ days: 1 })).toZonedDateTime(zone).toInstant();
}

/** The ledger keeps whole milliseconds: the one after an instant is the first that is not included. */
function edgeOfInstant(text: string, edge: 'start' | 'end'): Temporal.Instant {
  const instant = Temporal.Instant.from(text);
  return edge === 'start' ? instant : instant.add({ milliseconds: 1 });
}
