import type { Context } from '../../context.ts';
import { bucketOf } from '../../domain/charges/attempt.ts';
import {
  type ChargeFilter,
  type ChargeOrder,
  type ChargeTotal,
  chargePage,
  chargeTotals,
} from '../../infra/tables/charges/charge-list.ts';
import { type ChargeDossier, chargeDossier } from '../../infra/tables/charges/charges.ts';
import { adviceView } from './advice-view.ts';
import { chargeView, wholeChargeView } from './charge-view.ts';
import { type Page, readCursor, writeCursor } from './cursor.ts';
import { idsAsked, subscriptionsNamed, subscriptionsOfCustomer } from './named.ts';
import { major } from './subscription-view.ts';

export type ChargeView = ReturnType<typeof chargeView>;
export type WholeChargeView = Awaited<ReturnType<typeof wholeChargeView>>;

export type ChargesAsked = Omit<ChargeFilter, 'subscriptions'> & {
  /** Our id or the product's reference of the subscription. */
  readonly subscription?: string | undefined;
  /** Our id, the product's reference, or Xendit's id of the customer. */
  readonly customer?: string | undefined;
  /** Oldest due first unless said. */
  readonly sort?: ChargeOrder | undefined;
};

/** What a whole list comes to; major units. */
export type ChargesTotal = ReturnType<typeof totalView>;
export type ChargesPage = Page<ChargeView> & { readonly totals: readonly ChargesTotal[] };

/** A page of charges, and what the whole list comes to. Throws CursorFault for a cursor that we never gave. */
export async function listCharges(
  ctx: Context,
  { subscription, customer, sort = 'due_at', ...narrowing }: ChargesAsked,
  cursor: string | null,
  limit: number,
): Promise<ChargesPage> {
  const after = readCursor(cursor, ['at', 'id'] as const);
  const subscriptions = await idsAsked([
    subscription === undefined ? null : subscriptionsNamed(ctx, subscription),
    customer === undefined ? null : subscriptionsOfCustomer(ctx, customer),
  ]);
  if (subscriptions?.length === 0) return { data: [], next_cursor: null, totals: [] };
  const filter = { ...narrowing, subscriptions };
  const [dossiers, totals] = await Promise.all([
    chargePage(ctx.db, filter, sort, after, limit + 1),
    chargeTotals(ctx.db, filter),
  ]);
  const shown = dossiers.slice(0, limit);
  const last = shown.at(-1)?.charge;
  const isMore = dossiers.length > limit && last !== undefined;
  return {
    data: await Promise.all(shown.map((dossier) => listed(ctx, dossier))),
    next_cursor: isMore ? writeCursor({ at: last.dueAt.toString(), id: last.id }) : null,
    totals: totals.map(totalView),
  };
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
