import type { Context } from '../../../context.ts';
import type { ChargeState } from '../../../domain/charges/shown-state.ts';
import {
  type ChargeFilter,
  chargePage,
  nearestDue,
  type StateTotal,
  stateTotals,
} from '../../../infra/tables/charges/charge-list.ts';
import {
  type ChargeOrder,
  type ChargePlace,
  isKeptSorted,
  partsOfPlace,
} from '../../../infra/tables/charges/charge-order.ts';
import type { ChargeDossier } from '../../../infra/tables/charges/charges.ts';
import { readCursor, writeCursor } from '../cursor.ts';
import { type ChargeLine, linesOf, placeOfLine } from '../lists/charge-lines.ts';
import { type ChargesAsked, chargeFilter, MOST_SORTED } from '../lists/charge-question.ts';
import { major } from '../subscription-view.ts';

/** Which part of a list is shown. `after` and `before` are places in it, as a link of it says; `before` of `last`: its end. */
export type Part = {
  readonly after: string | null;
  readonly before: string | null;
  readonly rows: number;
  /** Whether a list is counted to its end, however long that takes. */
  readonly isCounted: boolean;
};

/** What the charges of one state in one currency come to; major units. */
export type ChargesSum = ReturnType<typeof sumOf>;

export type ChargeList = {
  readonly rows: readonly ChargeLine[];
  /** By currency and state that the other filters leave, so that those of the list itself are among them. Null: there are too many to be counted unasked. */
  readonly totals: readonly ChargesSum[] | null;
  /** How many the list has, and the number of its first row here; null: not counted. */
  readonly count: number | null;
  readonly place: number | null;
  /** Links to the pages beside it; null: there is none. */
  readonly next: string | null;
  readonly previous: string | null;
  /** It is too long for its order: no row of it is shown. */
  readonly isTooLongToSort: boolean;
  /** Where the list is empty for its days: the last due date before them, and the first one after. */
  readonly nearest: { readonly before: Temporal.Instant | null; readonly after: Temporal.Instant | null } | null;
};

export const LAST = 'last';
/** More are counted only for who asks. */
export const MOST_COUNTED = 100_000;
/** Among so many charges on either side the nearest one is looked for. */
const NEAREST_AMONG = 10_000;

/** One page of charges with what the whole list comes to. Throws CursorFault for a place that is none of ours. */
export async function chargeList(
  ctx: Context,
  { sort = 'due_at', state, ...asked }: ChargesAsked,
  part: Part,
  now: Temporal.Instant,
): Promise<ChargeList> {
  const all = await chargeFilter(ctx, asked);
  const counted = all === null ? [] : await stateTotals(ctx.db, all, part.isCounted ? null : MOST_COUNTED);
  const isWhole = part.isCounted || sumUp(counted) <= MOST_COUNTED;
  const totals = isWhole ? counted.map(sumOf) : null;
  const count = totals === null ? null : sumUp(totals.filter((one) => isOf(state, one)));
  const isTooLongToSort = !isKeptSorted(sort) && (count ?? Number.POSITIVE_INFINITY) > MOST_SORTED;
  const filter = all === null ? null : { ...all, state };
  if (filter === null || count === 0 || isTooLongToSort) {
    const nearest = filter === null || isTooLongToSort ? null : await nearestOf(ctx, filter);
    return { ...NOTHING, totals, count, isTooLongToSort, nearest };
  }
  const { dossiers, place, hasNext, hasPrevious } = await partOf(ctx, filter, sort, part, count);
  const rows = await linesOf(ctx, dossiers, now);
  const [first, last] = [rows[0], rows.at(-1)];
  const behind = place === null ? null : place + rows.length;
  return {
    rows,
    totals,
    count,
    place,
    next: hasNext && last !== undefined ? placeIn(last, sort, behind) : null,
    previous: hasPrevious && first !== undefined ? placeIn(first, sort, place) : null,
    isTooLongToSort,
    nearest: null,
  };
}

const NOTHING = { rows: [], place: 1, next: null, previous: null };

function sumUp(counted: readonly { readonly count: number }[]): number {
  return counted.reduce((sum, { count }) => sum + count, 0);
}

/** Whether a sum is of this state; of no state all are. */
export function isOf(state: ChargeState | undefined, one: Pick<ChargesSum, 'state'>): boolean {
  return state === undefined || one.state === state;
}

function sumOf({ currency, state, count, amount, collected }: StateTotal) {
  return {
    currency,
    state,
    count,
    amount: major(BigInt(amount), currency),
    collected: major(BigInt(collected), currency),
  };
}

async function nearestOf({ db }: Context, filter: ChargeFilter): Promise<ChargeList['nearest']> {
  const { dueFrom, dueUntil, ...rest } = filter;
  if (dueFrom === undefined && dueUntil === undefined) return null;
  const before =
    dueFrom === undefined ? null : nearestDue(db, { ...rest, dueUntil: dueFrom }, '-due_at', NEAREST_AMONG);
  const after = dueUntil === undefined ? null : nearestDue(db, { ...rest, dueFrom: dueUntil }, 'due_at', NEAREST_AMONG);
  return { before: await before, after: await after };
}

type ReadPart = {
  readonly dossiers: readonly ChargeDossier[];
  readonly place: number | null;
  readonly hasNext: boolean;
  readonly hasPrevious: boolean;
};

/** What lies before a place is read backwards, in the other order, and turned. */
async function partOf(
  ctx: Context,
  filter: ChargeFilter,
  order: ChargeOrder,
  { after, before, rows }: Part,
  count: number | null,
): Promise<ReadPart> {
  if (before === null) {
    const from = placeRead(after, order);
    const read = await chargePage(ctx.db, filter, order, from?.at ?? null, rows + 1);
    const place = from === null ? 1 : from.number;
    return { dossiers: read.slice(0, rows), place, hasNext: read.length > rows, hasPrevious: from !== null };
  }
  const until = before === LAST ? null : placeRead(before, order);
  const most = until === null && count !== null ? count % rows || rows : rows;
  const read = await chargePage(ctx.db, filter, turned(order), until?.at ?? null, most + 1);
  const shown = read.slice(0, most).toReversed();
  const end = until === null ? (count === null ? null : count + 1) : until.number;
  const place = end === null ? null : Math.max(1, end - shown.length);
  return { dossiers: shown, place, hasNext: until !== null, hasPrevious: read.length > most };
}

function turned(order: ChargeOrder): ChargeOrder {
  return (order.startsWith('-') ? order.slice(1) : `-${order}`) as ChargeOrder;
}

/** Of a list that was not counted nobody knows the number of a row that was reached from its end: it is told as 0. */
function placeIn(line: ChargeLine, order: ChargeOrder, place: number | null): string {
  return writeCursor({ ...placeOfLine(line, order), seq: String(place ?? 0) });
}

function placeRead(
  cursor: string | null,
  order: ChargeOrder,
): { readonly at: ChargePlace; readonly number: number | null } | null {
  const read = readCursor(cursor, [...partsOfPlace(order), 'id', 'seq'] as const);
  return read === null ? null : { at: read, number: read.seq === '0' ? null : Number(read.seq) };
}
