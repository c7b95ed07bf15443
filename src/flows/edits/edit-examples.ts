import type { Context } from '../../context.ts';
import type { Catalog } from '../../domain/catalog/plan.ts';
import { bucketOf } from '../../domain/charges/attempt.ts';
import { majorNumber } from '../../domain/money/money.ts';
import { subscriptionDossier } from '../../infra/tables/subscriptions/subscriptions.ts';
import { decideEach } from '../change/apply-each.ts';
import { bringingOf, type ComingCharge, comingCharges } from '../due-date/coming-charges.ts';
import type { Affected } from './judge-edit.ts';
import { withCatalog } from './with-catalog.ts';

/** Subscriptions that are shown of each kind, one of a group. */
const MOST = 3;
/** Charges that are shown of each. */
const CHARGES = { most: 3, until: null };

type Kind = 'touched' | 'kept' | 'refused';

/** A few of those that an edit touches, leaves as they are, or cannot be made for: with their next charges before and after. */
export async function examplesOf(ctx: Context, after: Catalog, groups: readonly Affected[]) {
  const kinds: readonly Kind[] = ['touched', 'kept', 'refused'];
  const chosen = kinds.flatMap((kind) => {
    const some = groups.filter(({ group, effect }) => effect.kind === kind && group.isNext);
    return some.toSorted(byWeight).slice(0, MOST);
  });
  const rows = chosen.map((one) => ({ ...one, subscription: { id: one.group.example } }));
  const { decided } = await decideEach(ctx, rows, async (one) => await exampleOf(ctx, after, one));
  return decided.filter((one) => one !== null);
}

/** Those that are charged first, then the many. */
function byWeight({ group: a }: Affected, { group: b }: Affected): number {
  return Number(b.isCharged) - Number(a.isCharged) || b.count - a.count;
}

async function exampleOf(ctx: Context, after: Catalog, { group, effect }: Affected) {
  const dossier = await subscriptionDossier(ctx.db, bucketOf(group.example), group.example);
  if (dossier === null) return null;
  const { subscription } = dossier;
  const now = await ctx.clock.now();
  const bringing = await bringingOf(ctx, subscription);
  const view = (charges: readonly ComingCharge[]) =>
    charges.map(({ cycle, made }) => ({
      cycle: cycle.number,
      due_at: cycle.dueAt.toString(),
      amount: majorNumber({ minor: made.amount, currency: subscription.currency }),
    }));
  const isRefused = effect.kind === 'refused';
  return {
    subscription: subscription.id,
    reference: subscription.referenceId,
    like: group.count,
    effect: effect.kind,
    why: effect.why,
    before: view(await comingCharges(ctx, bringing, CHARGES, now)),
    after: isRefused ? [] : view(await comingCharges(withCatalog(ctx, after, now), bringing, CHARGES, now)),
  };
}
