import type { Context } from '../../context.ts';
import type { Entry, EntryKind } from '../../domain/books/ledger.ts';
import type { Catalog, Plan } from '../../domain/catalog/plan.ts';
import { NOTHING_DUE, ofPlanAlone, openedAs } from '../../domain/charges/moves.ts';
import type { Opening } from '../../domain/dunning/missed-cycles.ts';
import { linesText } from '../../domain/money/lines.ts';
import type { Terms } from '../../domain/subscriptions/terms.ts';
import type { Change } from '../../infra/tables/change/changes.ts';
import type { NewCharge, SubscriptionRow } from '../../infra/tables/schema/change-columns.ts';
import type { ItemRow } from '../../infra/tables/schema/item-columns.ts';
import type { Owned } from '../../infra/tables/subscriptions/subscriptions.ts';
import { type Facts, record } from '../change/record.ts';
import { type Brings, isOfPlanAlone, type Made, madeOfLines, type OpenedCycle } from './made-of-lines.ts';
import { underTermsOf } from './terms/terms-reached.ts';

/** What new charges come from. */
type Source = {
  readonly catalog: Catalog;
  readonly terms: readonly Terms[];
  /** What waits for the next charge. */
  readonly items: readonly ItemRow[];
  /** Charges that carry its coupon and are not given up. */
  readonly discounted: number;
  /** Cycles that count for nothing since nobody paid them. */
  readonly unpaid: number;
  readonly askedAt: Temporal.Instant | null;
};

type NewCharges = {
  readonly charges: readonly NewCharge[];
  readonly entries: readonly Entry[];
  /** What they change of their subscription beside its place among its cycles. */
  readonly brings: Partial<Brings>;
  readonly taken: Pick<Change, 'items' | 'addedItems'>;
};

/** The charges of these openings, each under the terms that were agreed for its cycle, and what is told of each. */
export async function newCharges(
  ctx: Context,
  dossier: Owned,
  openings: readonly Opening[],
  { catalog, terms, items, discounted, unpaid, askedAt }: Source,
  now: Temporal.Instant,
): Promise<NewCharges> {
  const cycles = openings.map((opening): OpenedCycle => {
    const subscription = underTermsOf(dossier.subscription, terms, opening.cycle.number);
    return { opening, subscription, plan: planOf(ctx, catalog, subscription), unpaid, askedAt };
  });
  if (cycles.every(isOfPlanAlone)) {
    const charges = cycles.map((cycle) => chargeFor(ctx, cycle, null, now));
    const entries = cycles.flatMap(({ opening }, index) =>
      entriesFor(ctx, dossier, charges[index] as NewCharge, opening, null, now),
    );
    return { charges, entries, brings: {}, taken: {} };
  }
  const { made, brings, taken } = await madeOfLines(ctx, dossier.subscription, cycles, { items, discounted }, now);
  const charges = cycles.map((cycle, index) => chargeFor(ctx, cycle, made[index] as Made, now));
  const entries = cycles.flatMap(({ opening }, index) =>
    entriesFor(ctx, dossier, charges[index] as NewCharge, opening, made[index] as Made, now),
  );
  return { charges, entries, brings, taken };
}

/** As the catalog in force has it, or else the version that the subscription comes from; undefined: neither has it. */
function planOf(ctx: Context, catalog: Catalog, { plan }: SubscriptionRow): Plan | undefined {
  return ctx.catalog.current.plans.get(plan) ?? catalog.plans.get(plan);
}

/** The catalog version whose rules a new charge of it goes by. */
function versionFor({ catalog }: Context, { plan, catalogVersion }: SubscriptionRow): number {
  return catalog.current.plans.has(plan) ? catalog.current.version : catalogVersion;
}

/** The charge of a cycle that is made of its plan alone, or of these lines. One that comes to nothing is paid, without a call. */
function chargeFor(ctx: Context, opened: OpenedCycle, made: Made | null, now: Temporal.Instant): NewCharge {
  const { opening, subscription, askedAt } = opened;
  const { cycle, becomes, why } = opening;
  const isPaid = made !== null && made.amount === 0n && becomes !== 'void';
  const parts = made ?? ofPlanAlone;
  return {
    bucket: subscription.bucket,
    id: made?.id ?? ctx.newId(subscription.bucket),
    subscriptionId: subscription.id,
    customerId: subscription.customerId,
    account: subscription.account,
    kind: 'cycle',
    cycle: cycle.number,
    extra: null,
    periodStart: cycle.startsOn,
    periodEnd: cycle.endsOn,
    dueAt: cycle.dueAt,
    plan: subscription.plan,
    catalogVersion: versionFor(ctx, subscription),
    amount: made?.amount ?? subscription.amount,
    currency: subscription.currency,
    lines: parts.lines,
    subtotal: parts.subtotal,
    discount: parts.discount,
    taxIncluded: parts.taxIncluded,
    taxAdded: parts.taxAdded,
    creditUsed: parts.creditUsed,
    coupon: parts.coupon,
    collected: 0n,
    waitsUntil: null,
    missed: opening.missed,
    ...openedAs(isPaid ? 'paid' : becomes, { dueAt: cycle.dueAt, why }, now),
    askedAt,
    createdAt: now,
  };
}

/** What is told of a new charge: its lines, each movement of credit, and what it is if it is not due. */
function entriesFor(
  ctx: Context,
  dossier: Owned,
  charge: NewCharge,
  { why }: Opening,
  made: Made | null,
  now: Temporal.Instant,
): readonly Entry[] {
  const subject = { ...dossier, charge };
  const write = (kind: EntryKind, facts: Facts) => record(ctx.newId(charge.bucket), now, kind, subject, facts);
  const detail = made === null ? undefined : linesText(made.lines);
  const entries = [write('charge.opened', { why, actor, detail })];
  if (made !== null) for (const facts of creditMoved(made)) entries.push(write(facts.kind, facts));
  if (charge.status === 'held') entries.push(write('charge.held', { why, actor }));
  if (charge.status === 'void') entries.push(write('charge.voided', { why, actor }));
  if (charge.status === 'paid') entries.push(write('charge.paid', { why: NOTHING_DUE, actor }));
  return entries;
}

type CreditMoved = Facts & { readonly kind: 'credit.used' | 'credit.granted' };

function creditMoved({ creditUsed: used, granted }: Made): readonly CreditMoved[] {
  const moved: CreditMoved[] = [];
  if (used !== 0n) moved.push({ kind: 'credit.used', amount: used, credit: -used, why: USED, actor });
  if (granted !== 0n) moved.push({ kind: 'credit.granted', amount: granted, credit: granted, why: GRANTED, actor });
  return moved;
}

const actor = 'schedule';
const USED = 'used before money is asked for';
const GRANTED = 'its lines give back more than they ask for';
