import type { Context } from '../../../context.ts';
import type { ChargeState } from '../../../domain/charges/shown-state.ts';
import { type ChargeFilter, chargePage, nearestDue } from '../../../infra/tables/charges/charge-list.ts';
import {
  type ChargeOrder,
  type ChargePlace,
  isKeptSorted,
  partsOfPlace,
} from '../../../infra/tables/charges/charge-order.ts';
import {
  chargeCount,
  isByDueAlone,
  type StateTotal,
  stateTotals,
} from '../../../infra/tables/charges/charge-totals.ts';
import { readCursor, writeCursor } from '../cursor.ts';
import { type ChargeLine, linesOf, placeOfLine } from '../lists/charge-lines.ts';
import { type ChargesAsked, chargeFilter, MOST_SORTED } from '../lists/charge-question.ts';
import { major } from '../subscription-view.ts';
import {
  counted,
  NO_ROWS,
  type Part,
  type PlacedRows,
  placedRows,
  sumUp,
  type Uncounted,
  type Way,
} from './list-part.ts';

/** What the charges of one state in one currency come to; major units. */
export type ChargesSum = ReturnType<typeof sumOf>;

export type ChargeList = PlacedRows<ChargeLine> & {
  /** By currency and state that the other filters leave, so that those of the list itself are among them. Null: not counted. */
  readonly totals: readonly ChargesSum[] | null;
  readonly uncounted: Uncounted | null;
  /** How many the list has; null: not counted. */
  readonly count: number | null;
  /** It is too long for its order: no row of it is shown. */
  readonly isTooLongToSort: boolean;
  /** Where the list is empty for its days: the last due date before them, and the first one after. */
  readonly nearest: { readonly before: Temporal.Instant | null; readonly after: Temporal.Instant | null } | null;
};

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
  if (all === null) return { ...NO_ROWS, ...NOTHING, nearest: null };
  const { totals: sums, uncounted } = await counted(ctx.db, part, {
    totals: (db, most) => stateTotals(db, all, most),
    rows: isByDueAlone(all) ? (db, most) => chargeCount(db, all, most) : null,
  });
  const totals = sums === null ? null : sums.map(sumOf);
  const count = totals === null ? null : sumUp(totals.filter((one) => isOf(state, one)));
  const filter = { ...all, state };
  const known = { totals, uncounted, count, isTooLongToSort: false, nearest: null };
  if (count === 0) return { ...NO_ROWS, ...known, nearest: await nearestOf(ctx, filter) };
  if (!isKeptSorted(sort) && (count ?? (await chargeCount(ctx.db, filter, MOST_SORTED))) > MOST_SORTED)
    return { ...NO_ROWS, ...known, isTooLongToSort: true };
  return { ...known, ...(await placedRows(part, count, wayThrough(ctx, filter, sort, now))) };
}

const NOTHING = { totals: [], uncounted: null, count: 0, isTooLongToSort: false };

function wayThrough(ctx: Context, filter: ChargeFilter, order: ChargeOrder, now: Temporal.Instant): Way<ChargeLine> {
  return {
    async read(at, limit, isBackward) {
      const read = await chargePage(
        ctx.db,
        filter,
        isBackward ? turned(order) : order,
        at === null ? null : placeRead(at, order),
        limit,
      );
      return await linesOf(ctx, read, now);
    },
    // Of a list that was not counted nobody knows the number of a row that was reached from its end: it is told as 0.
    link: (line, number) => writeCursor({ ...placeOfLine(line, order), seq: String(number ?? 0) }),
    numberIn: (link) => Number(placeRead(link, order)?.seq ?? 0) || null,
  };
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

function turned(order: ChargeOrder): ChargeOrder {
  return (order.startsWith('-') ? order.slice(1) : `-${order}`) as ChargeOrder;
}

function placeRead(cursor: string, order: ChargeOrder): (ChargePlace & { readonly seq: string }) | null {
  return readCursor(cursor, [...partsOfPlace(order), 'id', 'seq'] as const);
}
