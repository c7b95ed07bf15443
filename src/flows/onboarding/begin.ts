import type { Context } from '../../context.ts';
import { type FirstCycle, firstCycle } from '../../domain/calendar/cycle.ts';
import type { Interval } from '../../domain/calendar/interval.ts';
import { activated } from '../../domain/subscriptions/moves.ts';
import { trialOf } from '../../domain/subscriptions/trial.ts';
import type { Token } from '../../infra/gateway/gateway.ts';
import type { Change } from '../../infra/tables/change/changes.ts';
import type { SubscriptionRow } from '../../infra/tables/schema/change-columns.ts';
import type { SubscriptionDossier } from '../../infra/tables/subscriptions/subscriptions.ts';
import { begunWithCycleZero } from '../charges/of-cycle-zero/begun-on-day.ts';
import { setupFeeNow } from './setup-fee.ts';
import { takeTrial } from './trial-once.ts';

type Begun = Pick<Change, 'openedCharges' | 'offered' | 'items'> & {
  readonly subscription: SubscriptionRow;
  readonly entries: Change['entries'];
  /** Why it has no trial that its plan has; null: it has what there is. */
  readonly why: string | null;
};

/** Its cycles are counted from now on. Who had the trial of a plan that gives it once has none. */
export async function begun(
  ctx: Context,
  dossier: SubscriptionDossier,
  token: Token,
  now: Temporal.Instant,
): Promise<Begun> {
  const { subscription } = dossier;
  if (subscription.nextCycle > 0)
    return { ...(await begunWithCycleZero(ctx, subscription, now)), why: null, entries: [] };
  const plan = (await ctx.catalog.version(subscription.catalogVersion)).plans.get(subscription.plan);
  const trial = trialOf(subscription.trial, plan?.trial ?? null);
  const isOnce = trial !== null && plan?.trialOnce === true;
  const why = isOnce ? await takeTrial(ctx, subscription, token.fingerprint) : null;
  const first = firstCycleOf(subscription, why === null ? trial : null, now);
  const active = activated(subscription, first, now);
  const after = why === null ? active : { ...active, trial: 'none' };
  const fee = await setupFeeNow(ctx, { ...dossier, subscription: after }, plan, token, now);
  const { entries = [], subscription: paid = {}, ...opened } = fee ?? {};
  return { ...opened, subscription: { ...after, ...paid }, why, entries };
}

/** The first cycle, by trial and anchor, as docs/design.md section 7 says. */
function firstCycleOf(subscription: SubscriptionRow, trial: Interval | null, now: Temporal.Instant): FirstCycle {
  return firstCycle({
    activatedAt: now,
    timeZone: subscription.timeZone,
    interval: { count: subscription.intervalCount, unit: subscription.intervalUnit },
    chargeAt: subscription.chargeAt,
    trial,
    anchorDate: subscription.wantedAnchor,
  });
}
