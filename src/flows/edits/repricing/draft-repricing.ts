import type { Context } from '../../../context.ts';
import { didYouMean } from '../../../domain/catalog/did-you-mean.ts';
import type { Plan } from '../../../domain/catalog/plan.ts';
import { movesByItself, type Repricing } from '../../../domain/subscriptions/repricing/repricing.ts';
import { type RepricingFilter, readFilter } from '../../../domain/subscriptions/repricing/repricing-filter.ts';
import { catalogOfVersion } from '../../../infra/tables/catalog/catalog-versions.ts';
import { toReprice } from '../../../infra/tables/catalog/repricing-items.ts';
import { type NewRepricing, runningRepricings, storeRepricing } from '../../../infra/tables/catalog/repricings.ts';
import { subscriptionDossiers } from '../../../infra/tables/subscriptions/subscriptions.ts';
import { withCatalogInForce } from '../../catalog/follow-catalog.ts';
import { type Figures, figuresOf, type ToldItem } from './figures.ts';
import { judgeItems } from './judge-items.ts';

export type DraftInput = {
  readonly plan: string;
  readonly toVersion: number;
  /** `key=value` each; all of them hold. */
  readonly filter: readonly string[];
  /** How many are moved at most; null: all. */
  readonly most: number | null;
  readonly isDryRun: boolean;
  readonly actor: string;
  readonly reason: string | null;
};

export type Drafted =
  | { readonly kind: 'invalid'; readonly faults: readonly string[] }
  | { readonly kind: 'refused'; readonly detail: string }
  /** `number`: null of a dry run, and where nobody is to be moved. */
  | { readonly kind: 'drafted'; readonly number: number | null; readonly figures: Figures };

const PAGE = 500;

/**
 * Judges who would be moved to the price of a version, and writes that list down for the daemon to work on. The dry run does the same, and
 * writes nothing. Where nobody is to be moved nothing is written either: twice in a row says that there is nothing to do.
 */
export async function draftRepricing(given: Context, input: DraftInput): Promise<Drafted> {
  const ctx = await withCatalogInForce(given);
  const read = await readDraft(ctx, input);
  if ('faults' in read) return { kind: 'invalid', faults: read.faults };
  const { plan: id, toVersion, most } = input;
  if (movesByItself(ctx.catalog.current.plans.get(id), read.plan))
    return { kind: 'refused', detail: itself(id, ctx.catalog.current.version) };
  const { ids, told } = await judged(ctx, input, read);
  const figures = figuresOf(told);
  if (input.isDryRun || figures.by_state.done === 0) return { kind: 'drafted', number: null, figures };
  const draftedAt = await ctx.clock.now();
  const { filter, actor, reason } = input;
  ctx.failpoint?.('before-drafting');
  const number = await stored(ctx, { plan: id, toVersion, filter, most, actor, reason, draftedAt }, ids);
  ctx.failpoint?.('after-drafting');
  return number === null
    ? { kind: 'refused', detail: `A repricing of ${id} runs already: see "dueday catalog reprice status", or stop it.` }
    : { kind: 'drafted', number, figures };
}

/** Null: another one of the plan runs. One of another plan may have taken the number at the same instant: then with the next one. */
async function stored(ctx: Context, repricing: NewRepricing, ids: readonly string[]): Promise<number | null> {
  const number = await storeRepricing(ctx.db, repricing, ids);
  if (number !== null) return number;
  const isRunning = (await runningRepricings(ctx.db)).some(({ plan }) => plan === repricing.plan);
  return isRunning ? null : await stored(ctx, repricing, ids);
}

function itself(plan: string, version: number): string {
  return `Version ${version}, which is in force, moves everybody who has ${plan} to its own price by itself (price_change: next_cycle).`;
}

type Read = { readonly plan: Plan; readonly filter: readonly RepricingFilter[] };

/** What is to be moved where; or every fault of the request. */
async function readDraft(ctx: Context, input: DraftInput): Promise<Read | { readonly faults: readonly string[] }> {
  const read = input.filter.map(readFilter);
  const faults = read.flatMap((one) => ('fault' in one ? [`--filter: ${one.fault}`] : []));
  const filter = read.flatMap((one) => ('fault' in one ? [] : [one]));
  const plan = await planOf(ctx, input);
  if (typeof plan === 'string') return { faults: [plan, ...faults] };
  return faults.length > 0 ? { faults } : { plan, filter };
}

async function planOf(ctx: Context, { plan: id, toVersion }: DraftInput): Promise<Plan | string> {
  if ((await catalogOfVersion(ctx.db, toVersion)) === null)
    return `--to: there is no catalog version ${toVersion}: see "dueday catalog versions"`;
  const { plans } = await ctx.catalog.version(toVersion);
  return plans.get(id) ?? `--plan: version ${toVersion} has no plan "${id}"${didYouMean(id, [...plans.keys()])}`;
}

/** Everybody whom it is about, from the oldest on, until as many are to be moved as may. */
async function judged(
  ctx: Context,
  { plan: id, toVersion, most }: DraftInput,
  { plan, filter }: Read,
): Promise<{ readonly ids: readonly string[]; readonly told: readonly ToldItem[] }> {
  const repricing: Repricing = { number: 0, plan: id, version: toVersion };
  const told: ToldItem[] = [];
  let [after, moved]: [string | null, number] = [null, 0];
  for (;;) {
    const page = await toReprice(ctx.db, { plan, toVersion, filter }, after, PAGE);
    for (const item of await judgedPage(ctx, page, repricing)) {
      if (moved === most) break;
      told.push(item);
      moved += item.state === 'done' ? 1 : 0;
    }
    after = page.at(-1) ?? null;
    if (page.length < PAGE || moved === most) return { ids: told.map(({ id: one }) => one), told };
  }
}

async function judgedPage(ctx: Context, ids: readonly string[], repricing: Repricing): Promise<readonly ToldItem[]> {
  const dossiers = await subscriptionDossiers(ctx.db, ids);
  const { judged: items, broken } = await judgeItems(ctx, dossiers, repricing);
  const told = items.map(({ dossier, verdict, terms }): ToldItem => {
    const { id, referenceId } = dossier.subscription;
    return { id, reference: referenceId, ...verdict, terms };
  });
  const failed = dossiers
    .filter(({ subscription }) => broken.has(subscription.id))
    .map(
      ({ subscription: { id, referenceId } }): ToldItem => ({
        id,
        reference: referenceId,
        state: 'failed',
        why: BROKEN,
        terms: null,
      }),
    );
  return [...told, ...failed].toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

/** What is said of a subscription whose rows cannot be worked with. */
export const BROKEN = 'its rows cannot be worked with: the log of the daemon names the fault';
