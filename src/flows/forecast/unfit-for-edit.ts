import type { Context } from '../../context.ts';
import { localDate } from '../../domain/calendar/cycle.ts';
import type { Catalog } from '../../domain/catalog/plan.ts';
import { planChanges } from '../../domain/catalog/plan-fields.ts';
import type { Terms } from '../../domain/subscriptions/terms.ts';
import type { Live } from '../../infra/tables/subscriptions/live-subscriptions.ts';
import { termsInRow } from '../change/created-terms.ts';
import { effectOfEdit, type ToJudge } from '../edits/judge-edit.ts';

/** Why an edit cannot be made for a subscription; null: it can be. */
export type Unfit = (live: Live, later: readonly Terms[]) => Promise<string | null>;

/** Judges subscriptions one by one as a diff of the edit judges them by their terms. */
export function unfitForEdit(ctx: Context, after: Catalog, now: Temporal.Instant): Unfit {
  const { current } = ctx.catalog;
  const edited = new Set(planChanges(current, after).map(({ plan }) => plan));
  const today = localDate(now, current.defaults.timeZone);
  return async (live, later) => {
    for (const group of groupsOf(live, later)) {
      if (!edited.has(group.plan)) continue;
      const { kind, why } = await effectOfEdit(ctx, group, after, true, today);
      if (kind === 'refused') return `the edit cannot be made for it: ${why ?? 'its plan'}`;
    }
    return null;
  };
}

/** What holds for its next cycle, and what was agreed for later ones. */
function groupsOf({ subscription, method }: Live, later: readonly Terms[]): readonly ToJudge[] {
  const { country, nextCycle, cancelsAtPeriodEnd, anchor, repricing } = subscription;
  const now =
    anchor === null || later.some(({ fromCycle }) => fromCycle <= nextCycle) ? [] : [termsInRow(subscription)];
  return [...now, ...later].map((terms) => ({
    ...terms,
    country,
    repricing,
    channelCode: method?.channelCode ?? null,
    frequency: method?.recurringFrequency ?? null,
    isNext: terms.fromCycle <= nextCycle,
    goesOn:
      !cancelsAtPeriodEnd && (terms.lastCycle === null || terms.lastCycle >= Math.max(terms.fromCycle, nextCycle, 1)),
  }));
}
