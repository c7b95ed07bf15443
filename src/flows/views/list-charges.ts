import type { Context } from '../../context.ts';
import { bucketOf } from '../../domain/charges/attempt.ts';
import { isOpen } from '../../domain/charges/charge.ts';
import { type AskingAttempt, askingAttempts } from '../../infra/tables/charges/attempts.ts';
import { chargePage } from '../../infra/tables/charges/charge-list.ts';
import { partsOfPlace } from '../../infra/tables/charges/charge-order.ts';
import { type ChargeTotal, chargeTotals } from '../../infra/tables/charges/charge-totals.ts';
import { type ChargeDossier, chargeDossier } from '../../infra/tables/charges/charges.ts';
import { adviceView } from './advice-view.ts';
import { actionsOf, chargeView, wholeChargeView } from './charge-view.ts';
import { type Page, readCursor, writeCursor } from './cursor.ts';
import { linesOf, placeOfLine } from './lists/charge-lines.ts';
import { type ChargesAsked, chargeFilter } from './lists/charge-question.ts';
import { major } from './subscription-view.ts';

export type ChargeView = ReturnType<typeof chargeView>;
export type WholeChargeView = Awaited<ReturnType<typeof wholeChargeView>>;

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
  const after = readCursor(cursor, [...partsOfPlace(sort), 'id'] as const);
  const filter = await chargeFilter(ctx, asked);
  if (filter === null) return { data: [], next_cursor: null, totals: [] };
  const [dossiers, totals] = await Promise.all([
    chargePage(ctx.db, filter, sort, after, limit + 1),
    chargeTotals(ctx.db, filter),
  ]);
  const shown = dossiers.slice(0, limit);
  const [last] = await linesOf(ctx, shown.slice(-1), await ctx.clock.now());
  const asking = await askedOf(ctx, shown);
  const isMore = dossiers.length > limit && last !== undefined;
  return {
    data: await Promise.all(shown.map((dossier) => listed(ctx, dossier, asking.get(dossier.charge.id) ?? []))),
    next_cursor: isMore ? writeCursor(placeOfLine(last, sort)) : null,
    totals: totals.map(totalView),
  };
}

/** What customers of these charges were asked, by charge; nothing is read where none of them waits. */
async function askedOf({ db }: Context, shown: readonly ChargeDossier[]) {
  const open = shown.filter(({ charge }) => isOpen(charge.status) && charge.attempts > 0);
  const asking = await askingAttempts(
    db,
    open.map(({ charge }) => charge.id),
  );
  return Map.groupBy(asking, ({ chargeId }) => chargeId);
}

async function listed(ctx: Context, dossier: ChargeDossier, asking: readonly AskingAttempt[]): Promise<ChargeView> {
  const { charge } = dossier;
  return chargeView(ctx, charge, dossier, await adviceView(ctx, dossier), actionsOf(charge, asking));
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
