import { createHash } from 'node:crypto';
import type { Context } from '../../context.ts';
import { localDate } from '../../domain/calendar/cycle.ts';
import { intervalText } from '../../domain/calendar/interval.ts';
import type { Catalog } from '../../domain/catalog/plan.ts';
import { type PlanChange, planChanges } from '../../domain/catalog/plan-fields.ts';
import { type Effect, effectOn, type LiveGroup } from '../../domain/subscriptions/repricing/edit-effect.ts';
import { type CountedGroup, liveGroups } from '../../infra/tables/catalog/live-groups.ts';
import { soldTo } from '../catalog/sold-to.ts';

/** Live subscriptions with what an edit does to them. */
export type Affected = { readonly group: CountedGroup; readonly effect: Effect };

/** What an edit does to the live book. */
export type Judged = {
  readonly from: Catalog;
  readonly after: Catalog;
  readonly changes: readonly PlanChange[];
  /** Every group of the book. */
  readonly groups: readonly Affected[];
  readonly digest: string;
  /** The sum of hashes of all rows that are of a plan which is edited. */
  readonly rows: bigint;
};

/** Judges an edit on the live book. Nothing is written. */
export async function judgeEdit(ctx: Context, after: Catalog): Promise<Judged> {
  const from = ctx.catalog.current;
  const changes = planChanges(from, after);
  const edited = new Set(changes.map(({ plan }) => plan));
  const today = localDate(await ctx.clock.now(), from.defaults.timeZone);
  const groups: Affected[] = [];
  for (const group of await liveGroups(ctx.db))
    groups.push({ group, effect: await effectOfEdit(ctx, group, after, edited.has(group.plan), today) });
  const ofEdited = groups.filter(({ group }) => edited.has(group.plan));
  const rows = ofEdited.reduce((sum, { group }) => sum + group.rows, 0n);
  return { from, after, changes, groups, digest: digestOf(from, after, groups), rows };
}

/** Subscriptions that are treated alike, with the price that they come to by a repricing. */
export type ToJudge = LiveGroup & Pick<CountedGroup, 'repricing'>;

/** What an edit does to subscriptions that are treated alike; `isEdited`: it changes their plan. */
export async function effectOfEdit(
  ctx: Context,
  group: ToJudge,
  after: Catalog,
  isEdited: boolean,
  today: Temporal.PlainDate,
): Promise<Effect> {
  const { current } = ctx.catalog;
  const now = current.plans.get(group.plan);
  const next = isEdited ? after.plans.get(group.plan) : now;
  const coming = await comingTo(ctx, group);
  const own = await ctx.catalog.version(coming.catalogVersion);
  return effectOn(coming, { then: own.plans.get(group.plan), now, next }, today);
}

/** A group as a repricing makes it: whoever is moved to a price is judged by that one. */
async function comingTo(ctx: Context, group: ToJudge): Promise<LiveGroup> {
  const { repricing, plan: id } = group;
  const sold = repricing?.plan === id ? await soldTo(ctx, repricing, id) : null;
  if (sold === null || sold.version !== repricing?.version) return group;
  const { price, interval } = sold.plan;
  return {
    ...group,
    catalogVersion: sold.version,
    unitAmount: price.minor,
    intervalCount: interval.count,
    intervalUnit: interval.unit,
  };
}

/**
 * What was shown, in four parts: the version in force, the text of the edit, whom it touches, and on what terms these are. A charge that is
 * made meanwhile moves none of them.
 */
function digestOf(from: Catalog, after: Catalog, groups: readonly Affected[]): string {
  const touched = groups.filter(({ effect }) => effect.kind === 'touched' || effect.kind === 'refused');
  const ids = touched.reduce((sum, { group }) => sum + group.ids, 0n);
  const count = touched.reduce((sum, { group }) => sum + group.count, 0);
  return [String(from.version), after.digest.slice(0, 12), short(`${count} ${ids}`), short(termsOf(touched))].join('-');
}

/** Each price with who pays it: whoever comes to it through a charge that was planned pays it before and after. */
function termsOf(touched: readonly Affected[]): string {
  const sums = new Map<string, bigint>();
  for (const { group, effect } of touched) {
    const { unitAmount, interval } = effect.before;
    const text = `${group.plan} ${group.quantity} ${group.currency} ${unitAmount} ${intervalText(interval)}`;
    sums.set(text, (sums.get(text) ?? 0n) + group.ids);
  }
  const rhythms = touched.reduce((sum, { group }) => sum + group.rhythms, 0n);
  const lines = [...sums].map(([text, sum]) => `${text} ${sum}`).toSorted();
  return [...lines, String(rhythms)].join('\n');
}

function short(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}

/** What is not as it was when an edit was shown, in words; null: all of it is. */
export function movedSince(shown: string, judged: Judged): string | null {
  const [version, text, set, terms, ...more] = shown.split('-');
  const [isVersion, isText, isSet, isTerms] = judged.digest.split('-');
  if (terms === undefined || more.length > 0) return 'the digest is none that a diff has shown';
  const moved = [
    ...(version === isVersion ? [] : [`version ${isVersion} is in force, and ${version} was`]),
    ...(text === isText ? [] : ['the text of the catalog is another one']),
    ...(set === isSet ? [] : ['it touches other subscriptions']),
    ...(set !== isSet || terms === isTerms ? [] : ['the terms of subscriptions that it touches have changed']),
  ];
  return moved.length === 0 ? null : moved.join('; ');
}
