import type { Context } from '../../context.ts';
import type { Entry } from '../../domain/books/ledger.ts';
import { cycleAt } from '../../domain/calendar/cycle.ts';
import type { Replaced } from '../../domain/subscriptions/planned.ts';
import { scheduleOf } from '../../domain/subscriptions/schedule.ts';
import { nextTermsAfter } from '../../domain/subscriptions/terms.ts';
import type { Agreed } from '../../infra/tables/change/agreed-rows.ts';
import type { ChargeRow, SubscriptionRow, SubscriptionState } from '../../infra/tables/schema/change-columns.ts';
import type { ChangeRow, TermsRow } from '../../infra/tables/schema/terms-columns.ts';
import { agreedLater } from './agreed-later.ts';
import { awaitedEnds, awaitedOf } from './changing/awaited-change.ts';
import type { Subject } from './record.ts';

/** A planned change with its terms, as it is withdrawn. */
export function withdrawnChange(planned: ChangeRow, why: string, now: Temporal.Instant) {
  const { bucket, subscriptionId, termsNumber } = planned;
  return {
    changes: [{ ...planned, state: 'withdrawn' as const, appliesAt: null, closedAt: now, why }],
    withdrawnTerms: termsNumber === null ? [] : [{ bucket, subscriptionId, number: termsNumber, withdrawnAt: now }],
  };
}

/** When the next cycle falls due, and which terms were agreed for later, without what was planned. */
export function withoutPlanned(
  subscription: SubscriptionRow,
  later: readonly TermsRow[],
  now: Temporal.Instant,
): Pick<SubscriptionState, 'nextCycleAt' | 'nextTermsFrom'> {
  const { nextCycle, nextCycleAt } = subscription;
  const { dueAt } = cycleAt(scheduleOf(subscription, later), nextCycle);
  const next = Temporal.Instant.compare(dueAt, now) < 0 ? now : dueAt;
  return {
    nextCycleAt: nextCycleAt === null ? null : next,
    nextTermsFrom: nextTermsAfter(later, nextCycle - 1),
  };
}

/**
 * What becomes of the changes that are planned, or wait for their payment, when their subscription is canceled or rests: they are
 * withdrawn, and nothing is asked for them any more. Nothing where there are none.
 */
export async function plannedEnds(
  ctx: Context,
  dossier: Subject & { readonly subscription: SubscriptionRow },
  by: { readonly why: string; readonly actor: string },
  now: Temporal.Instant,
): Promise<Ends> {
  const { subscription } = dossier;
  const [{ later, planned }, awaited] = await Promise.all([
    agreedLater(ctx, subscription),
    awaitedOf(ctx, subscription),
  ]);
  const waited = awaited === null ? null : awaitedEnds(ctx, dossier, awaited, by, now);
  const { changes = [], ...withdrawn } = planned === null ? {} : withdrawnChange(planned, by.why, now);
  const last = awaited?.change ?? planned;
  return {
    subscription: planned === null ? {} : withoutPlanned(subscription, later, now),
    charges: waited?.charges ?? [],
    entries: waited?.entries ?? [],
    parts:
      last === null
        ? {}
        : {
            agreed: { ...withdrawn, changes: [...changes, ...(waited?.changes ?? [])] },
            replaces: replacedChange(last),
          },
  };
}

type Ends = {
  readonly subscription: Partial<SubscriptionState>;
  /** The charge that was to pay for a change. */
  readonly charges: readonly ChargeRow[];
  readonly entries: readonly Entry[];
  readonly parts: { readonly agreed?: Agreed; readonly replaces?: Replaced };
};

/** A planned change that another puts an end to, as its answer names it. */
export function replacedChange({ appliesAt, reason }: ChangeRow): Replaced {
  return { what: 'change', at: appliesAt, reason };
}
