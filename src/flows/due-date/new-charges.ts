import type { Context } from '../../context.ts';
import { canonicalJson } from '../../domain/books/canonical-json.ts';
import type { Entry } from '../../domain/books/ledger.ts';
import type { Catalog, Plan } from '../../domain/catalog/plan.ts';
import { NOTHING_DUE, ofPlanAlone, openedAs } from '../../domain/charges/moves.ts';
import type { Opening } from '../../domain/dunning/missed-cycles.ts';
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
    const charges = cycles.map((cycle) => chargeFor(ctx, cycle, now));
    const entries = cycles.flatMap(({ opening }, index) =>
      entriesFor(ctx, dossier, charges[index] as NewCharge, opening, now),
    );
    return { charges, entries, brings: {}, taken: {} };
  }
  const { made, brings, taken } = await madeOfLines(ctx, dossier.subscription, cycles, { items, discounted }, now);
  const charges = cycles.map((cycle, index) => linedCharge(ctx, cycle, made[index] as Made, now));
  const entries = cycles.flatMap(({ opening }, index) =>
    linedEntries(ctx, dossier, charges[index] as NewCharge, opening, made[index] as Made, now),
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

function chargeFor(ctx: Context, { opening, subscription, askedAt }: OpenedCycle, now: Temporal.Instant): NewCharge {
  const { cycle, becomes, why } = opening;
  return {
    bucket: subscription.bucket,
    id: ctx.newId(subscription.bucket),
    subscriptionId: subscription.id,
    customerId: subscription.customerId,
    account: subscription.account,
    cycle: cycle.number,
    periodStart: cycle.startsOn,
    periodEnd: cycle.endsOn,
    dueAt: cycle.dueAt,
    plan: subscription.plan,
    catalogVersion: versionFor(ctx, subscription),
    amount: subscription.amount,
    currency: subscription.currency,
    ...ofPlanAlone,
    missed: opening.missed,
    ...openedAs(becomes, { dueAt: cycle.dueAt, why }, now),
    askedAt,
    createdAt: now,
  };
}

/** One that comes to nothing is paid, without a call. */
function linedCharge(
  ctx: Context,
  opened: OpenedCycle,
  { granted: _toCredit, ...parts }: Made,
  now: Temporal.Instant,
): NewCharge {
  const { becomes, why, cycle } = opened.opening;
  const isPaid = parts.amount === 0n && becomes !== 'void';
  return {
    ...chargeFor(ctx, opened, now),
    ...parts,
    ...openedAs(isPaid ? 'paid' : becomes, { dueAt: cycle.dueAt, why }, now),
  };
}

function entriesFor(
  ctx: Context,
  dossier: Owned,
  charge: NewCharge,
  opening: Opening,
  now: Temporal.Instant,
): readonly Entry[] {
  const write = (kind: Entry['kind']) =>
    record(ctx.newId(charge.bucket), now, kind, { ...dossier, charge }, { why: opening.why, actor: 'schedule' });
  switch (opening.becomes) {
    case 'due':
      return [write('charge.opened')];
    case 'held':
      return [write('charge.opened'), write('charge.held')];
    case 'void':
      return [write('charge.opened'), write('charge.voided')];
  }
}

/** With its lines, each movement of credit, and that it is paid if it is. */
function linedEntries(
  ctx: Context,
  dossier: Owned,
  charge: NewCharge,
  opening: Opening,
  { creditUsed, granted, lines }: Made,
  now: Temporal.Instant,
): readonly Entry[] {
  const write = (kind: Entry['kind'], facts: Facts) =>
    record(ctx.newId(charge.bucket), now, kind, { ...dossier, charge }, { actor: 'schedule', ...facts });
  const [opened, ...rest] = entriesFor(ctx, dossier, charge, opening, now);
  return [
    ...(opened === undefined ? [] : [{ ...opened, detail: canonicalJson({ lines }) }]),
    ...(creditUsed === 0n
      ? []
      : [write('credit.used', { amount: creditUsed, credit: -creditUsed, why: 'used before money is asked for' })]),
    ...(granted === 0n
      ? []
      : [
          write('credit.granted', {
            amount: granted,
            credit: granted,
            why: 'its lines give back more than they ask for',
          }),
        ]),
    ...(charge.status === 'paid' ? [write('charge.paid', { why: NOTHING_DUE })] : rest),
  ];
}
