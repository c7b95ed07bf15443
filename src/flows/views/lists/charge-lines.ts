import type { Context } from '../../../context.ts';
import { type ShownState, shownState } from '../../../domain/charges/shown-state.ts';
import { shortWhy } from '../../../domain/charges/story/short.ts';
import { type ChargeFilter, chargeIds, chargePage, chargesOf } from '../../../infra/tables/charges/charge-list.ts';
import {
  type ChargeOrder,
  type ChargePlace,
  isKeptSorted,
  sortedBy,
} from '../../../infra/tables/charges/charge-order.ts';
import type { ChargeDossier } from '../../../infra/tables/charges/charges.ts';
import { type LastAttempt, lastAttempts } from '../../../infra/tables/charges/last-attempts.ts';
import { type ChargesAsked, chargeFilter, MOST_SORTED } from './charge-question.ts';

/** A charge as a row of its list, on the page as in a file: as it stands, why, and when it was tried last. */
export type ChargeLine = Pick<ChargeDossier, 'charge' | 'subscription' | 'customer'> & {
  readonly state: ShownState;
  readonly why: string;
  readonly last: LastAttempt | null;
};

/** Charges with what their rows say; times are told in the zone of the catalog's defaults. */
export async function linesOf(
  ctx: Context,
  dossiers: readonly ChargeDossier[],
  now: Temporal.Instant,
): Promise<readonly ChargeLine[]> {
  const zone = ctx.catalog.current.defaults.timeZone;
  const tried = await lastAttempts(
    ctx.db,
    dossiers.map(({ charge }) => charge.id),
  );
  return dossiers.map(({ charge, subscription, customer }) => {
    const last = tried.get(charge.id) ?? null;
    const state = shownState({ ...charge, lastOutcome: last?.outcome ?? null });
    return { charge, subscription, customer, state, why: shortWhy(charge, zone, now), last };
  });
}

/** Where a row stands in an order. */
export function placeOfLine({ charge, subscription, last }: ChargeLine, order: ChargeOrder): ChargePlace {
  const { id } = charge;
  switch (sortedBy(order)) {
    case 'due_at':
      return { at: charge.dueAt.toString(), id };
    case 'amount':
      return { currency: charge.currency, minor: String(charge.amount), id };
    case 'last_attempt':
      return { at: last?.sentAt ?? '1970-01-01T00:00:00Z', id };
    case 'charge':
      return {
        reference: subscription.referenceId,
        kind: charge.kind,
        number: String(charge.cycle ?? charge.extra),
        id,
      };
  }
}

/** Small, so that what is read is garbage before it is old. */
const PAGE = 250;

/** All charges of a filter, some at a time. */
export async function* chargeLines(
  ctx: Context,
  { sort = 'due_at', ...asked }: ChargesAsked,
): AsyncGenerator<readonly ChargeLine[]> {
  const now = await ctx.clock.now();
  const filter = await chargeFilter(ctx, asked);
  if (filter === null) return;
  const read = isKeptSorted(sort) ? byPlace(ctx, filter, sort, now) : byId(ctx, filter, sort, now);
  yield* read;
}

async function* byPlace(ctx: Context, filter: ChargeFilter, order: ChargeOrder, now: Temporal.Instant) {
  let after: ChargePlace | null = null;
  for (;;) {
    const dossiers: readonly ChargeDossier[] = await chargePage(ctx.db, filter, order, after, PAGE);
    const lines = await linesOf(ctx, dossiers, now);
    yield lines;
    const end = lines.at(-1);
    if (end === undefined || lines.length < PAGE) return;
    after = placeOfLine(end, order);
  }
}

/** Sorted once: to sort all of them anew for each page would take as long as there are pages. */
async function* byId(ctx: Context, filter: ChargeFilter, order: ChargeOrder, now: Temporal.Instant) {
  const ids = await chargeIds(ctx.db, filter, order, MOST_SORTED + 1);
  // It grew after it was counted: the file breaks off, and nobody takes it for the whole.
  if (ids.length > MOST_SORTED) throw new RangeError('There are more charges than are sorted so.');
  for (let from = 0; from < ids.length; from += PAGE)
    yield await linesOf(ctx, await chargesOf(ctx.db, ids.slice(from, from + PAGE)), now);
}
