import type { Context } from '../../../context.ts';
import type { RefundState } from '../../../domain/refunds/refund.ts';
import { chargeDossiers } from '../../../infra/tables/charges/charges.ts';
import { type RefundFilter, refundPage, refundsNamed, refundTotals } from '../../../infra/tables/refunds/refunds.ts';
import type { RefundRow } from '../../../infra/tables/schema/refunds/refund-columns.ts';
import { readCursor, writeCursor } from '../cursor.ts';
import { type RefundTold, refundTold } from '../refund-view.ts';
import { major } from '../subscription-view.ts';

export type { RefundFilter };

/** A refund as a list and its file have it. */
export type RefundLine = RefundTold & {
  readonly reference: string;
  /** Null of a charge that is for no cycle. */
  readonly cycle: number | null;
  readonly customer: string | null;
};

export type RefundsTotal = {
  readonly currency: string;
  readonly state: RefundState;
  readonly count: number;
  readonly amount: number;
};

export type RefundList = {
  readonly lines: readonly RefundLine[];
  /** Of each currency and state that the other filters leave; the list's own are among them. */
  readonly totals: readonly RefundsTotal[];
  readonly count: number;
  readonly place: number;
  /** A link to what lies before; null: nothing does. */
  readonly next: string | null;
};

const ROWS = 50;

/** One page of refunds, the newest first, with what all of them come to. Throws CursorFault for a place that is none of ours. */
export async function refundList(ctx: Context, filter: RefundFilter, after: string | null): Promise<RefundList> {
  const { state, ...others } = filter;
  const from = readCursor(after, ['at', 'id', 'number'] as const);
  const [rows, found] = await Promise.all([refundPage(ctx.db, filter, from, ROWS + 1), refundTotals(ctx.db, others)]);
  const shown = rows.slice(0, ROWS);
  const last = shown.at(-1);
  const place = Number(from?.number ?? 1);
  const totals = found.map(({ amount, ...total }) => ({ ...total, amount: major(amount, total.currency) }));
  return {
    lines: await linesOf(ctx, shown),
    totals,
    count: totals.reduce((sum, one) => sum + (state === undefined || one.state === state ? one.count : 0), 0),
    place,
    next:
      rows.length > ROWS && last !== undefined
        ? writeCursor({ at: last.askedAt.toString(), id: last.id, number: String(place + shown.length) })
        : null,
  };
}

/** Small, so that what is read is garbage before it is old. */
const PAGE = 250;

/** All refunds of a filter, a page at a time. */
export async function* refundLines(ctx: Context, filter: RefundFilter): AsyncGenerator<readonly RefundLine[]> {
  let after: { readonly at: string; readonly id: string } | null = null;
  while (true) {
    const rows: readonly RefundRow[] = await refundPage(ctx.db, filter, after, PAGE);
    yield await linesOf(ctx, rows);
    const end = rows.at(-1);
    if (end === undefined || rows.length < PAGE) return;
    after = { at: end.askedAt.toString(), id: end.id };
  }
}

/** One refund; null when nobody has it. */
export async function showRefundLine(ctx: Context, id: string): Promise<RefundLine | null> {
  const [line] = await linesOf(ctx, await refundsNamed(ctx.db, [id]));
  return line ?? null;
}

/** How many refunds a filter has. */
export async function countRefunds(ctx: Context, filter: RefundFilter): Promise<number> {
  return (await refundTotals(ctx.db, filter)).reduce((sum, { count }) => sum + count, 0);
}

async function linesOf(ctx: Context, rows: readonly RefundRow[]): Promise<readonly RefundLine[]> {
  const dossiers = await chargeDossiers(ctx.db, [...new Set(rows.map(({ chargeId }) => chargeId))]);
  const byId = new Map(dossiers.map((one) => [one.charge.id, one]));
  const { timeZone } = ctx.catalog.current.defaults;
  return rows.flatMap((row) => {
    const dossier = byId.get(row.chargeId);
    if (dossier === undefined) return [];
    const { charge, subscription, customer } = dossier;
    return [
      {
        ...refundTold(row, timeZone),
        reference: subscription.referenceId,
        cycle: charge.cycle,
        customer: customer.referenceId ?? customer.xenditId,
      },
    ];
  });
}
