import type { Context } from '../../context.ts';
import { localDate } from '../../domain/calendar/cycle.ts';
import { takenByAll } from '../../domain/catalog/channels.ts';
import { couponDiscount } from '../../domain/catalog/coupon.ts';
import type { Plan } from '../../domain/catalog/plan.ts';
import { CARRIED, type ItemStanding, itemLine, type Parts, partsOf, planLine } from '../../domain/charges/parts.ts';
import type { Opening } from '../../domain/dunning/missed-cycles.ts';
import { addUp, type Sums } from '../../domain/money/sums.ts';
import { taxOn } from '../../domain/money/taxes.ts';
import { placeOf } from '../../domain/subscriptions/schedule.ts';
import type { Change } from '../../infra/tables/change/changes.ts';
import { channelOf } from '../../infra/tables/methods/tokens.ts';
import type { SubscriptionRow } from '../../infra/tables/schema/change-columns.ts';
import type { ItemRow, ItemState } from '../../infra/tables/schema/item-columns.ts';
import { newItem } from '../charges/lines/new-item.ts';
import { payable } from '../charges/lines/payable.ts';

/** A charge with what it is made of; `granted`: what its lines give back becomes credit. */
export type Made = Parts & {
  readonly id: string;
  /** The coupon whose discount it has. */
  readonly coupon: string | null;
  readonly granted: bigint;
};

/** A cycle that is opened, with its subscription under the terms that were agreed for it. */
export type OpenedCycle = {
  readonly opening: Opening;
  readonly subscription: SubscriptionRow;
  /** undefined: no catalog has it any more. */
  readonly plan: Plan | undefined;
  /** Cycles that count for nothing since nobody paid them, and are followed by others. */
  readonly unpaid: number;
  readonly askedAt: Temporal.Instant | null;
};

/** What charges change of their subscription beside its place among its cycles. */
export type Brings = Pick<SubscriptionRow, 'credit' | 'items' | 'waitingItems'>;

type MadeOfLines = {
  /** One for each cycle. */
  readonly made: readonly Made[];
  readonly brings: Brings;
  readonly taken: Required<Pick<Change, 'items' | 'addedItems'>>;
};

/** An item that waits, and its row if it has one yet. */
type Waiting = { readonly item: ItemStanding; readonly row: ItemRow | null; readonly why: string | null };

/** Whether a cycle of the subscription costs its plan's price, and nothing else is to be said of it. */
export function isOfPlanAlone({ subscription, plan }: OpenedCycle): boolean {
  const { quantity, coupon, credit, waitingItems, amount, country, currency } = subscription;
  if (coupon !== null || quantity !== 1 || credit !== 0n || waitingItems !== 0 || (plan?.tax ?? null) !== null)
    return false;
  return amount >= takenByAll(country, currency);
}

/**
 * The charges of these cycles with their lines: the first that is not void takes what waits and uses the credit there is, and what is
 * too little to be paid waits for the one after it.
 */
export async function madeOfLines(
  ctx: Context,
  subscription: SubscriptionRow,
  cycles: readonly OpenedCycle[],
  { items, discounted }: { readonly items: readonly ItemRow[]; readonly discounted: number },
  now: Temporal.Instant,
): Promise<MadeOfLines> {
  let waiting: readonly Waiting[] = items.map((row) => ({ item: row, row, why: row.why }));
  let { credit } = subscription;
  const counted = new Map([[subscription.coupon?.code ?? null, discounted]]);
  const made: Made[] = [];
  const taken: ItemState[] = [];
  for (const cycle of cycles) {
    const id = ctx.newId(subscription.bucket);
    const isVoid = cycle.opening.becomes === 'void';
    const code = cycle.subscription.coupon?.code ?? null;
    const before = counted.get(code) ?? 0;
    const sums = await sumsOf(ctx, cycle, isVoid ? null : { credit, waiting, counted: before });
    const coupon = sums.discount === 0n ? null : (cycle.subscription.coupon?.code ?? null);
    made.push({ ...partsOf(sums), id, coupon, granted: sums.givenBack });
    if (isVoid) continue;
    credit += sums.givenBack - sums.creditUsed;
    if (coupon !== null) counted.set(code, before + 1);
    for (const { row } of waiting)
      if (row !== null) taken.push({ bucket: row.bucket, id: row.id, chargeId: id, withdrawnAt: null });
    waiting = carriedBy(sums);
  }
  const added = waiting.flatMap(({ item, row, why }, index) =>
    row === null ? [newItem(ctx, subscription, { item, why, number: subscription.items + 1 + index }, now)] : [],
  );
  const brings = { credit, items: subscription.items + added.length, waitingItems: waiting.length };
  return { made, brings, taken: { items: taken, addedItems: added } };
}

type Brought = { readonly credit: bigint; readonly waiting: readonly Waiting[]; readonly counted: number };

/** `brought` null: a void charge, which takes nothing and uses nothing. */
function sumsOf(
  ctx: Context,
  { opening, subscription, plan, unpaid }: OpenedCycle,
  brought: Brought | null,
): Sums | Promise<Sums> {
  const { cycle } = opening;
  const { coupon } = subscription;
  const period = { start: cycle.startsOn, end: cycle.endsOn };
  const asked = {
    lines: [
      planLine(plan?.name ?? subscription.plan, subscription, period),
      ...(brought?.waiting ?? []).map(({ item }) => itemLine(item)),
    ],
    discount: brought === null || coupon === null ? null : couponDiscount(coupon, brought.counted),
    tax: plan?.tax == null ? null : taxOn(plan.tax, localDate(cycle.dueAt, subscription.timeZone)),
    credit: brought?.credit ?? 0n,
  };
  if (brought === null) return addUp({ ...asked, least: null });
  const { over } = placeOf(subscription, [], unpaid);
  const { bucket, tokenId } = subscription;
  const follows = over === null || cycle.number + 1 < over;
  return payable(asked, subscription, follows, async () =>
    tokenId === null ? null : await channelOf(ctx.db, bucket, tokenId),
  );
}

function carriedBy({ carried }: Sums): readonly Waiting[] {
  if (carried === null) return [];
  const { amount, why } = carried;
  const item: ItemStanding = {
    kind: 'item',
    text: CARRIED,
    quantity: 1,
    unitAmount: amount,
    amount,
    periodStart: null,
    periodEnd: null,
    discounted: false,
  };
  return [{ item, row: null, why }];
}
