import type { Context } from '../../context.ts';
import { bucketOf } from '../../domain/charges/attempt.ts';
import {
  type ChargeFilter,
  type ChargeOrder,
  type ChargeTotal,
  chargeCount,
  chargePage,
  chargeTotals,
} from '../../infra/tables/charges/charge-list.ts';
import { type ChargeDossier, chargeDossier } from '../../infra/tables/charges/charges.ts';
import { type LastAttempt, lastAttempts } from '../../infra/tables/charges/last-attempts.ts';
import type { ChargeRow } from '../../infra/tables/schema/change-columns.ts';
import { adviceView } from './advice-view.ts';
import { chargeView, wholeChargeView } from './charge-view.ts';
import { type Page, readCursor, writeCursor } from './cursor.ts';
import { find } from './lists/find.ts';
import { idsAsked, subscriptionsNamed, subscriptionsOfCustomer } from './named.ts';
import { major } from './subscription-view.ts';

export type ChargeView = ReturnType<typeof chargeView>;
export type WholeChargeView = Awaited<ReturnType<typeof wholeChargeView>>;

export type ChargesAsked = Omit<ChargeFilter, 'subscriptions' | 'ids'> & {
  /** Our id or the product's reference of the subscription. */
  readonly subscription?: string | undefined;
  /** Our id, the product's reference, or Xendit's id of the customer. */
  readonly customer?: string | undefined;
  /** Whatever somebody holds of it: a reference, an id, a payment at Xendit. */
  readonly find?: string | undefined;
  /** Oldest due first unless said. */
  readonly sort?: ChargeOrder | undefined;
};

/** What a whole list comes to; major units. */
export type ChargesTotal = ReturnType<typeof totalView>;
export type ChargesPage = Page<ChargeView> & { readonly totals: readonly ChargesTotal[] };

/** A page of charges, and what the whole list comes to. Throws CursorFault for a cursor that we never gave. */
export async function listCharges(
  ctx: Context,
  { sort = 'due_at', ...asked }: ChargesAsked,
  cursor: string | null,
  limit: number,
): Promise<ChargesPage> {
  const after = readCursor(cursor, ['at', 'id'] as const);
  const filter = await filterOf(ctx, asked);
  if (filter === null) return { data: [], next_cursor: null, totals: [] };
  const [dossiers, totals] = await Promise.all([
    chargePage(ctx.db, filter, sort, after, limit + 1),
    chargeTotals(ctx.db, filter),
  ]);
  const shown = dossiers.slice(0, limit);
  const last = shown.at(-1)?.charge;
  const isMore = dossiers.length > limit && last !== undefined;
  return {
    data: await Promise.all(shown.map((dossier) => listed(ctx, dossier))),
    next_cursor: isMore ? writeCursor(positionOf(last)) : null,
    totals: totals.map(totalView),
  };
}

function positionOf({ dueAt, id }: ChargeRow) {
  return { at: dueAt.toString(), id };
}

/** Null: what was asked for names nothing that there is. */
async function filterOf(
  ctx: Context,
  { subscription, customer, find: held, ...narrowing }: Omit<ChargesAsked, 'sort'>,
): Promise<ChargeFilter | null> {
  const found = held === undefined ? null : await find(ctx, held);
  const ofFound = found === null || found.charges.length > 0 ? null : Promise.resolve(found.subscriptions);
  const subscriptions = await idsAsked([
    subscription === undefined ? null : subscriptionsNamed(ctx, subscription),
    customer === undefined ? null : subscriptionsOfCustomer(ctx, customer),
    ofFound,
  ]);
  if (subscriptions?.length === 0) return null;
  return { ...narrowing, subscriptions, ids: found !== null && ofFound === null ? found.charges : undefined };
}

/** A charge as a file has it: with its last attempt. */
export type ChargeLine = { readonly charge: ChargeView; readonly last: LastAttempt | null };

/** Small, so that what is read is garbage before it is old. */
const PAGE = 250;

/** All charges of a filter, a page at a time. */
export async function* chargeLines(
  ctx: Context,
  { sort = 'due_at', ...asked }: ChargesAsked,
): AsyncGenerator<readonly ChargeLine[]> {
  const filter = await filterOf(ctx, asked);
  let after: { readonly at: string; readonly id: string } | null = null;
  while (filter !== null) {
    const dossiers: readonly ChargeDossier[] = await chargePage(ctx.db, filter, sort, after, PAGE);
    const last = await lastAttempts(
      ctx.db,
      dossiers.map(({ charge }) => charge.id),
    );
    const views = await Promise.all(dossiers.map((dossier) => listed(ctx, dossier)));
    yield views.map((charge) => ({ charge, last: last.get(charge.id) ?? null }));
    const end = dossiers.at(-1)?.charge;
    if (end === undefined || dossiers.length < PAGE) return;
    after = positionOf(end);
  }
}

/** How many charges a filter has, counted no further than `most` + 1. */
export async function countCharges(ctx: Context, asked: ChargesAsked, most: number): Promise<number> {
  const { sort: _, ...narrowing } = asked;
  const filter = await filterOf(ctx, narrowing);
  return filter === null ? 0 : await chargeCount(ctx.db, filter, most);
}

async function listed(ctx: Context, dossier: ChargeDossier): Promise<ChargeView> {
  return chargeView(ctx, dossier.charge, dossier, await adviceView(ctx, dossier));
}

/** What all charges of a filter come to, by currency and status. */
export async function chargesTotals(ctx: Context, filter: ChargeFilter): Promise<readonly ChargesTotal[]> {
  return filter.subscriptions?.length === 0 ? [] : (await chargeTotals(ctx.db, filter)).map(totalView);
}

function totalView({ currency, status, count, amount, collected }: ChargeTotal) {
  return {
    currency,
    status,
    count,
    amount: major(BigInt(amount), currency),
    collected: major(BigInt(collected), currency),
  };
}

/** One charge with its attempts; null when nobody has it. */
export async function showCharge(ctx: Context, id: string): Promise<WholeChargeView | null> {
  const dossier = await chargeDossier(ctx.db, bucketOf(id), id);
  return dossier === null ? null : await wholeChargeView(ctx, dossier);
}
