import type { Context } from '../../../context.ts';
import { soldTerms } from '../../../domain/subscriptions/followed-terms.ts';
import {
  type ItemVerdict,
  leftByStatus,
  type Repricing,
  verdictOn,
} from '../../../domain/subscriptions/repricing/repricing.ts';
import { placeOf, scheduleOf } from '../../../domain/subscriptions/schedule.ts';
import { type Terms, termsOf } from '../../../domain/subscriptions/terms.ts';
import type { SubscriptionRow } from '../../../infra/tables/schema/change-columns.ts';
import type { ChangeRow } from '../../../infra/tables/schema/terms-columns.ts';
import type { SubscriptionDossier } from '../../../infra/tables/subscriptions/subscriptions.ts';
import { aheadOf, laterOf } from '../../../infra/tables/subscriptions/terms.ts';
import { repricedTo, type SoldPlan } from '../../catalog/sold-to.ts';
import { decideEach } from '../../change/apply-each.ts';
import { termsInRow } from '../../change/created-terms.ts';
import { termsFault } from '../../methods/terms-fault.ts';

/** One subscription of a repricing with what becomes of it, and its terms before and after. */
export type JudgedItem = {
  readonly dossier: SubscriptionDossier;
  readonly verdict: ItemVerdict;
  /** Null: it has none yet, or none any more. */
  readonly terms: { readonly before: Terms; readonly after: Terms } | null;
};

/** What becomes of each of these. Nothing is written: a repricing and its dry run come to the same. */
export async function judgeItems(
  ctx: Context,
  dossiers: readonly SubscriptionDossier[],
  repricing: Repricing,
): Promise<{ readonly judged: readonly JudgedItem[]; readonly broken: ReadonlySet<string> }> {
  const target = await repricedTo(ctx, repricing);
  if (target === null) throw new Error(`Version ${repricing.version} has no plan ${repricing.plan}.`);
  const subscriptions = dossiers.map(({ subscription }) => subscription);
  const [later, ahead] = await Promise.all([
    laterOf(ctx.db, subscriptions),
    aheadOf(
      ctx.db,
      subscriptions.map(({ id }) => id),
    ),
  ]);
  const { decided, broken } = await decideEach(ctx, dossiers, async (dossier) => {
    const { id } = dossier.subscription;
    const brought = { later: later.get(id)?.terms ?? [], ahead: ahead.get(id) ?? null };
    return await judgeItem(ctx, dossier, brought, repricing, target);
  });
  return { judged: decided, broken };
}

type Brought = { readonly later: readonly Terms[]; readonly ahead: ChangeRow | null };

async function judgeItem(
  ctx: Context,
  dossier: SubscriptionDossier,
  { later, ahead }: Brought,
  repricing: Repricing,
  target: SoldPlan,
): Promise<JudgedItem> {
  const { subscription } = dossier;
  const { status, country, anchor, nextCycle } = subscription;
  const left = leftByStatus(status);
  if (left !== null || anchor === null)
    return { dossier, terms: null, verdict: left ?? { state: 'skipped', why: 'it was never charged' } };
  const fromCycle = Math.max(1, nextCycle);
  const before = { ...(termsOf(later, fromCycle) ?? termsInRow(subscription)), fromCycle };
  const after = soldTerms(before, target.plan, target.version, scheduleOf(subscription, later));
  const facts = {
    country,
    agreed: before,
    goesOn: goesOn(subscription, later),
    before: subscription.repricing?.plan === repricing.plan ? subscription.repricing : null,
    ahead,
    then: (await ctx.catalog.version(before.catalogVersion)).plans.get(before.plan),
    inForce: ctx.catalog.current.plans.get(repricing.plan),
    target: target.plan,
  };
  const plans = new Map([...ctx.catalog.current.plans, [repricing.plan, target.plan]]);
  const selling = { ...ctx, catalog: { ...ctx.catalog, current: { ...ctx.catalog.current, plans } } };
  const verdict = verdictOn(facts, repricing, () => termsFault(selling, dossier, after, before));
  return { dossier, verdict, terms: { before, after } };
}

/** Whether a cycle is to come after the one whose price its customer agreed to when they saved their method. */
function goesOn(subscription: SubscriptionRow, later: readonly Terms[]): boolean {
  const { nextCycle, nextCycleAt, cancelsAtPeriodEnd } = subscription;
  const { over } = placeOf(subscription, later);
  return nextCycleAt !== null && !cancelsAtPeriodEnd && (nextCycle > 0 || over === null || over > 1);
}
