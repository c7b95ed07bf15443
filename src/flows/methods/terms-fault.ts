import type { Context } from '../../context.ts';
import { cycleStart, localDate } from '../../domain/calendar/cycle.ts';
import { chargeableUntil } from '../../domain/methods/method-end.ts';
import { type Purchase, type Rhythm, scheduleUnder, type Terms } from '../../domain/subscriptions/terms.ts';
import { methodFault } from '../../domain/subscriptions/terms-fault.ts';
import type { SubscriptionDossier } from '../../infra/tables/subscriptions/subscriptions.ts';
import { mandateOf } from './request-for.ts';

/** Why a subscription cannot be charged under these terms from their first cycle on, in words; null: it can. */
export function termsFault(
  ctx: Context,
  { subscription, token }: SubscriptionDossier,
  terms: Omit<Terms, 'number'>,
  before: Rhythm & Pick<Purchase, 'plan'>,
): string | null {
  const plan = ctx.catalog.current.plans.get(terms.plan) ?? null;
  if (plan === null && terms.plan !== before.plan)
    return `there is no plan ${JSON.stringify(terms.plan)} in the catalog any more`;
  if (token === null) return null;
  const country = token.country ?? subscription.country;
  const savedOn = localDate(token.savedAt, subscription.timeZone);
  const until = chargeableUntil({ ...token, country, savedOn });
  const saved = { channelCode: token.channelCode, country, mandate: mandateOf(token), until };
  const schedule = scheduleUnder(terms, []);
  const startsOn = cycleStart(schedule, terms.fromCycle);
  const lastOn = terms.lastCycle === null ? null : cycleStart(schedule, terms.lastCycle);
  return methodFault(saved, { before, after: terms, plan, startsOn, lastOn });
}
