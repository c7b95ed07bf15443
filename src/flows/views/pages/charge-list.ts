import type { Context } from '../../../context.ts';
import type { ChargeStatus } from '../../../domain/charges/charge.ts';
import { type ShownState, shownState } from '../../../domain/charges/shown-state.ts';
import { shortWhy } from '../../../domain/charges/story/short.ts';
import { type ChargeFilter, type ChargeOrder, chargePage } from '../../../infra/tables/charges/charge-list.ts';
import type { ChargeDossier } from '../../../infra/tables/charges/charges.ts';
import { lastAttempts } from '../../../infra/tables/charges/last-attempts.ts';
import { readCursor, writeCursor } from '../cursor.ts';
import { type ChargesTotal, chargesTotals } from '../list-charges.ts';
import { idsAsked, subscriptionsNamed, subscriptionsOfCustomer } from '../named.ts';
import { major } from '../subscription-view.ts';

export type ListAsked = {
  readonly status: ChargeStatus | null;
  readonly subscription: string | null;
  readonly customer: string | null;
  readonly failureCode: string | null;
  /** Only those that were declined and are neither paid nor given up. */
  readonly inDunning: boolean;
  /** Both included; null: without an end. */
  readonly dueFrom: Temporal.PlainDate | null;
  readonly dueTo: Temporal.PlainDate | null;
  readonly order: ChargeOrder;
  /** A place in the list, as a link of it says; both null: its beginning. `before` of `last`: its end. */
  readonly after: string | null;
  readonly before: string | null;
};

export type ListedCharge = {
  readonly id: string;
  readonly subscription: string;
  readonly cycle: number | null;
  readonly customer: string | null;
  readonly plan: string;
  readonly amount: number;
  readonly currency: string;
  readonly dueAt: Temporal.Instant;
  readonly state: ShownState;
  readonly why: string;
  readonly lastAttemptAt: string | null;
};

export type ChargeList = {
  readonly rows: readonly ListedCharge[];
  /** Of each currency and status that the other filters leave; the list's own are among them. */
  readonly totals: readonly ChargesTotal[];
  /** How many the list has, and the number of its first row here. */
  readonly count: number;
  readonly place: number;
  /** Links to the pages beside it; null: there is none. */
  readonly next: string | null;
  readonly previous: string | null;
};

export const LAST = 'last';
const ROWS = 50;

/** One page of charges with what the whole list comes to, as of one moment. Throws CursorFault for a place that is none of ours. */
export async function chargeList(ctx: Context, asked: ListAsked, now: Temporal.Instant): Promise<ChargeList> {
  const zone = ctx.catalog.current.defaults.timeZone;
  const filter = await filterOf(ctx, asked, zone);
  const totals = await chargesTotals(ctx, filter);
  const count = totals.reduce((sum, one) => sum + (isListed(asked, one) ? one.count : 0), 0);
  const { dossiers, place, isMore } = await pageOf(ctx, { ...filter, status: asked.status ?? undefined }, asked, count);
  const tried = await lastAttempts(
    ctx.db,
    dossiers.map(({ charge }) => charge.id),
  );
  const rows = dossiers.map((dossier) => rowOf(dossier, tried.get(dossier.charge.id) ?? null, zone, now));
  const [first, last] = [dossiers[0]?.charge, dossiers.at(-1)?.charge];
  return {
    rows,
    totals,
    count,
    place,
    next: isMore && last !== undefined ? cursorAt(last, place + rows.length) : null,
    previous: place > 1 && first !== undefined ? cursorAt(first, place) : null,
  };
}

export function isListed({ status }: Pick<ListAsked, 'status'>, one: Pick<ChargesTotal, 'status'>): boolean {
  return status === null || one.status === status;
}

async function filterOf(ctx: Context, asked: ListAsked, zone: string): Promise<Omit<ChargeFilter, 'status'>> {
  const start = (day: Temporal.PlainDate | undefined) => day?.toZonedDateTime(zone).toInstant();
  return {
    subscriptions: await idsAsked([
      asked.subscription === null ? null : subscriptionsNamed(ctx, asked.subscription),
      asked.customer === null ? null : subscriptionsOfCustomer(ctx, asked.customer),
    ]),
    dueFrom: start(asked.dueFrom ?? undefined),
    dueUntil: start(asked.dueTo?.add({ days: 1 })),
    failureCode: asked.failureCode ?? undefined,
    inDunning: asked.inDunning ? true : undefined,
  };
}

type ReadPage = { readonly dossiers: readonly ChargeDossier[]; readonly place: number; readonly isMore: boolean };

/** What lies before a place is read backwards, in the other order, and turned. */
async function pageOf(ctx: Context, filter: ChargeFilter, asked: ListAsked, count: number): Promise<ReadPage> {
  const { order, before, after } = asked;
  if (before === null) {
    const from = readCursor(after, ['at', 'id', 'seq'] as const);
    const read = await chargePage(ctx.db, filter, order, from, ROWS + 1);
    return { dossiers: read.slice(0, ROWS), place: Number(from?.seq ?? 1), isMore: read.length > ROWS };
  }
  const until = before === LAST ? null : readCursor(before, ['at', 'id', 'seq'] as const);
  const rows = until === null ? count % ROWS || ROWS : ROWS;
  const read = await chargePage(ctx.db, filter, order === 'due_at' ? '-due_at' : 'due_at', until, rows);
  const end = until === null ? count + 1 : Number(until.seq);
  return { dossiers: read.toReversed(), place: Math.max(1, end - read.length), isMore: until !== null };
}

function cursorAt({ dueAt, id }: ChargeDossier['charge'], place: number): string {
  return writeCursor({ at: dueAt.toString(), id, seq: String(place) });
}

type Tried = { readonly sentAt: string; readonly outcome: string | null } | null;

function rowOf(
  { charge, subscription, customer }: ChargeDossier,
  tried: Tried,
  zone: string,
  now: Temporal.Instant,
): ListedCharge {
  return {
    id: charge.id,
    subscription: subscription.referenceId,
    cycle: charge.cycle,
    customer: customer.referenceId ?? customer.xenditId,
    plan: charge.plan,
    amount: major(charge.amount, charge.currency),
    currency: charge.currency,
    dueAt: charge.dueAt,
    state: shownState({ ...charge, lastOutcome: tried?.outcome ?? null }),
    why: shortWhy(charge, zone, now),
    lastAttemptAt: tried?.sentAt ?? null,
  };
}
