import type { Context } from '../../context.ts';
import type { Catalog, Plan } from '../../domain/catalog/plan.ts';
import type { PlanChange } from '../../domain/catalog/plan-fields.ts';
import { otherChanges } from '../../domain/catalog/plan-fields.ts';
import { type Currency, majorNumber } from '../../domain/money/money.ts';
import { perMonth } from '../../domain/money/per-month.ts';
import { isDearer } from '../../domain/subscriptions/followed-terms.ts';
import type { Price } from '../../domain/subscriptions/repricing/edit-effect.ts';
import { withCatalogInForce } from '../catalog/follow-catalog.ts';
import { examplesOf } from './edit-examples.ts';
import { type Affected, type Judged, judgeEdit } from './judge-edit.ts';
import { type EditSource, readEdit } from './read-edit.ts';

export type CatalogDiff = ReturnType<typeof diffView> & { readonly plans: PlanDiff[] };
export type PlanDiff = Awaited<ReturnType<typeof planDiff>>;

/** An edit as it would be: whom it touches, what that comes to, and a digest that puts exactly this in force. Nothing is written. */
export type Diffed =
  | { readonly kind: 'faults'; readonly faults: readonly string[] }
  | {
      readonly kind: 'shown';
      readonly diff: CatalogDiff;
      readonly judged: Judged;
      readonly isStored: boolean;
      readonly warnings: readonly string[];
    };

/** What an edit of the catalog would do to the live book. */
export async function diffCatalog(given: Context, source: EditSource): Promise<Diffed> {
  const ctx = await withCatalogInForce(given);
  const edit = await readEdit(ctx, source);
  if ('faults' in edit) return { kind: 'faults', faults: edit.faults };
  const judged = await judgeEdit(ctx, edit.catalog);
  const plans: PlanDiff[] = [];
  for (const change of judged.changes) plans.push(await planDiff(ctx, judged, change));
  const { warnings, isStored } = edit;
  return { kind: 'shown', diff: { ...diffView(judged, isStored), plans }, judged, isStored, warnings };
}

function diffView(judged: Judged, isStored: boolean) {
  const { from, after, digest } = judged;
  const isSame = from.digest === after.digest;
  return {
    digest,
    from_version: from.version,
    to_version: isStored ? after.version : null,
    nothing_to_do: isSame,
    others: [...otherChanges(from, after)],
    totals: totalsOf(judged.groups),
    faults: [...refusals(judged)],
  };
}

/** What keeps the edit from being applied: each plan with why, and how many subscriptions that is about. */
function refusals({ groups }: Judged): readonly string[] {
  const refused = groups.filter(({ effect }) => effect.kind === 'refused');
  const byWhy = Map.groupBy(refused, ({ group, effect }) => `plans.${group.plan}: ${effect.why ?? ''}`);
  return [...byWhy].map(([text, some]) => `${text} (${countOf(some)} live)`);
}

async function planDiff(ctx: Context, judged: Judged, { plan, change, fields }: PlanChange) {
  const own = judged.groups.filter(({ group }) => group.plan === plan);
  const of = (kind: Affected['effect']['kind']) => own.filter(({ effect }) => effect.kind === kind);
  const currency = currencyOf(judged, plan);
  const paid = own.filter(({ group }) => group.currency === currency);
  const touched = of('touched');
  return {
    plan,
    change,
    fields: [...fields],
    subscriptions: countOf(touched),
    kept: countOf(of('kept')),
    kept_why: byWhy(of('kept')),
    refused: countOf(of('refused')),
    refused_why: byWhy(of('refused')),
    ...owedBy(touched, judged.after.plans.get(plan)),
    monthly_before: monthly(paid, currency, ({ effect }) => effect.before),
    monthly_after: monthly(paid, currency, ({ effect }) => effect.after),
    currency,
    examples: await examplesOf(ctx, judged.after, own),
  };
}

function currencyOf({ from, after }: { readonly from: Catalog; readonly after: Catalog }, plan: string): Currency {
  const sold = from.plans.get(plan) ?? after.plans.get(plan);
  if (sold === undefined) throw new Error(`Plan ${plan} is in neither catalog.`);
  return sold.price.currency;
}

/** Whom the plan has told of a higher price before it is charged, and who has to agree to it. */
function owedBy(touched: readonly Affected[], plan: Plan | undefined) {
  if (plan?.noticeDays == null) return { notices_owed: 0, consents_owed: 0 };
  const dearer = countOf(touched.filter(({ effect }) => isDearer(boughtFor(effect.before), plan)));
  return { notices_owed: dearer, consents_owed: plan.silence === 'agrees' ? 0 : dearer };
}

function boughtFor({ unitAmount, interval }: Price) {
  return { unitAmount, intervalCount: interval.count, intervalUnit: interval.unit };
}

function countOf(some: readonly Affected[]): number {
  return some.filter(({ group }) => group.isNext).reduce((sum, { group }) => sum + group.count, 0);
}

function byWhy(some: readonly Affected[]): Readonly<Record<string, number>> {
  const groups = Map.groupBy(some, ({ effect }) => effect.why ?? '');
  return Object.fromEntries([...groups].filter(([why]) => why !== '').map(([why, all]) => [why, countOf(all)]));
}

/** What these are asked for in a month, before tax, discounts and credit, in major units. */
function monthly(some: readonly Affected[], currency: Currency, priceOf: (one: Affected) => Price): number {
  const minor = some
    .filter(({ group }) => group.isNext && group.isCharged && group.goesOn)
    .reduce((sum, one) => {
      const { unitAmount, interval } = priceOf(one);
      return sum + perMonth(unitAmount * BigInt(one.group.quantity) * BigInt(one.group.count), interval);
    }, 0n);
  return majorNumber({ minor, currency });
}

function totalsOf(groups: readonly Affected[]) {
  return [...Map.groupBy(groups, ({ group }) => group.currency)].map(([currency, some]) => ({
    currency,
    subscriptions: countOf(some),
    touched: countOf(some.filter(({ effect }) => effect.kind === 'touched')),
    monthly_before: monthly(some, currency, ({ effect }) => effect.before),
    monthly_after: monthly(some, currency, ({ effect }) => effect.after),
  }));
}
