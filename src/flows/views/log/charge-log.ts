import type { Context } from '../../../context.ts';
import type { LogColumn } from '../../../domain/books/ledger.ts';
import { type Currency, majorText } from '../../../domain/money/money.ts';
import type { LogPosition, LogRow } from '../../../infra/tables/books/ledger.ts';
import {
  type LogFilter,
  type LogRange,
  type LogTotal,
  logCount,
  logPage,
  logTotals,
} from '../../../infra/tables/books/log-list.ts';
import { type Page, readCursor, writeCursor } from '../cursor.ts';
import { find } from '../lists/find.ts';
import { idsAsked, subscriptionsOfCustomer } from '../named.ts';
import { major } from '../subscription-view.ts';

export type LogLine = { readonly [column in LogColumn]: string | number | null };
export type { LogRange };

/** What somebody asks of the log. */
export type LogAsked = Omit<LogFilter, 'subscriptions' | 'charges'> & {
  /** Whatever somebody holds: a reference, an id, a payment at Xendit. */
  readonly find?: string | undefined;
  /** Our id, the product's reference, or Xendit's id of the customer. */
  readonly customer?: string | undefined;
};

/** What the entries of a filter come to in one currency; major units. */
export type ChargeLogTotal = ReturnType<typeof totalView>;
export type ChargeLogPage = Page<LogLine> & {
  /** Of the whole filter, and told with its first page only: to count it with each page would read all of it as often. */
  readonly totals: readonly ChargeLogTotal[] | null;
};

/** Small, so that what is read is garbage before it is old: that keeps the process small while exports run. */
const PAGE = 250;

/** A page of the charge log. Throws CursorFault for a cursor that we never gave. */
export async function chargeLogPage(
  ctx: Context,
  asked: LogAsked,
  cursor: string | null,
  limit: number,
): Promise<ChargeLogPage> {
  const read = readCursor(cursor, ['at', 'bucket', 'subscriptionId', 'seq'] as const);
  const after = read === null ? null : { ...read, bucket: Number(read.bucket), seq: Number(read.seq) };
  const filter = await logFilter(ctx, asked);
  const [rows, totals] = await Promise.all([
    logPage(ctx.db, ctx.buckets, filter, after, limit + 1),
    after === null ? logTotals(ctx.db, ctx.buckets, filter) : null,
  ]);
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    data: shown.map(lineOf),
    next_cursor: rows.length > limit && last !== undefined ? cursorAfter(last) : null,
    totals: totals?.map(totalView) ?? null,
  };
}

export function totalView({ currency, count, money, credit }: LogTotal) {
  const amount = (minor: string) => (currency === null ? Number(minor) : major(BigInt(minor), currency));
  return { currency, count, money: amount(money), credit: amount(credit) };
}

function cursorAfter(row: LogRow): string {
  const { at, bucket, subscriptionId, seq } = positionOf(row);
  return writeCursor({ at, bucket: String(bucket), subscriptionId, seq: String(seq) });
}

export function positionOf(row: LogRow): LogPosition {
  return { at: String(row.at), bucket: row.bucket, subscriptionId: String(row.subscription_id), seq: row.seq };
}

/** How many lines a filter has, counted no further than `most` + 1. */
export async function countChargeLog(ctx: Context, asked: LogAsked, most: number): Promise<number> {
  return await logCount(ctx.db, ctx.buckets, await logFilter(ctx, asked), most);
}

/** The whole log of a filter, a page at a time, so that neither memory nor a snapshot grows with it. */
export async function* chargeLog(ctx: Context, asked: LogAsked): AsyncGenerator<readonly LogLine[]> {
  const filter = await logFilter(ctx, asked);
  let after: LogPosition | null = null;
  for (;;) {
    const rows: readonly LogRow[] = await logPage(ctx.db, ctx.buckets, filter, after, PAGE);
    yield rows.map(lineOf);
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return;
    after = positionOf(last);
  }
}

/** A customer whom nobody knows has no entries, and neither has what names nothing. */
export async function logFilter(ctx: Context, { customer, find: held, ...filter }: LogAsked): Promise<LogFilter> {
  const found = held === undefined ? null : await find(ctx, held);
  const ofCharges = found !== null && found.charges.length > 0;
  const subscriptions = await idsAsked([
    customer === undefined ? null : subscriptionsOfCustomer(ctx, customer),
    found === null || ofCharges ? null : Promise.resolve(found.subscriptions),
  ]);
  return { ...filter, subscriptions, charges: ofCharges ? found.charges : undefined };
}

/** A line as people read it: amounts in major units, with the decimals of their currency. */
export function lineOf(row: LogRow): LogLine {
  const { amount, money, credit, currency } = row;
  return {
    ...row,
    amount: majorOf(amount, currency),
    money: majorOf(money, currency) ?? '0',
    credit: majorOf(credit, currency),
  };
}

function majorOf(minor: string | number | null, currency: string | number | null): string | null {
  if (minor === null || currency === null) return null;
  return majorText({ minor: BigInt(minor), currency: currency as Currency });
}

export type RangeFault = { readonly field: string; readonly message: string };

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
