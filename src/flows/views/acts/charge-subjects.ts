import type { AsSeen, Context } from '../../../context.ts';
import { isInDoubt } from '../../../domain/charges/outcome.ts';
import { type ShownState, shownState } from '../../../domain/charges/shown-state.ts';
import type { SubscriptionStatus } from '../../../domain/subscriptions/subscription.ts';
import { type ChargeDossier, chargeDossiers } from '../../../infra/tables/charges/charges.ts';
import { type LastAttempt, lastAttempts } from '../../../infra/tables/charges/last-attempts.ts';
import { policyOrNone } from '../../change/policies.ts';
import { type ChargeVerb, chargeRefusal, chargeVerbs } from '../../charges/charge-refusal.ts';
import { major } from '../subscription-view.ts';

/** A charge as somebody has it before their eyes who decides about it. */
export type ChargeSubject = {
  readonly id: string;
  readonly subscription: string;
  readonly reference: string;
  /** Null of one that is for no cycle. */
  readonly cycle: number | null;
  readonly amount: number;
  readonly currency: string;
  readonly state: ShownState;
  readonly seen: AsSeen;
  readonly subscriptionStatus: SubscriptionStatus;
  /** An attempt of it has no outcome, and may have moved money. */
  readonly isInDoubt: boolean;
  /** Steps of its ladder, of so many; null where no rules can be read. */
  readonly spent: { readonly retries: number; readonly of: number } | null;
  /** The last day of its mandate; null where there is no method. */
  readonly mandateEnd: Temporal.PlainDate | null;
  /** Why each of these cannot be done as it stands; null: it can. */
  readonly refusals: Readonly<Record<ChargeVerb, string | null>>;
};

/** These charges, as they stand now; one that nobody has is missing. */
export async function chargeSubjects(ctx: Context, ids: readonly string[]): Promise<readonly ChargeSubject[]> {
  const [dossiers, tried] = await Promise.all([chargeDossiers(ctx.db, ids), lastAttempts(ctx.db, ids)]);
  return await Promise.all(dossiers.map((one) => subjectOf(ctx, one, tried.get(one.charge.id) ?? null)));
}

async function subjectOf(ctx: Context, dossier: ChargeDossier, tried: LastAttempt | null): Promise<ChargeSubject> {
  const { charge, subscription, token } = dossier;
  const { policy, unreadable } = await policyOrNone(ctx, charge);
  const refusals = await Promise.all(chargeVerbs.map(async (verb) => [verb, await chargeRefusal(ctx, verb, dossier)]));
  return {
    id: charge.id,
    subscription: subscription.id,
    reference: subscription.referenceId,
    cycle: charge.cycle,
    amount: major(charge.amount, charge.currency),
    currency: charge.currency,
    state: shownState({ ...charge, lastOutcome: tried?.outcome ?? null }),
    seen: { subscription: subscription.id, seq: subscription.ledgerSeq },
    subscriptionStatus: subscription.status,
    isInDoubt: tried !== null && (tried.outcome === null || isInDoubt(tried.outcome)),
    spent: unreadable === null ? { retries: charge.ladderStep, of: policy.retryAfterDays.length } : null,
    mandateEnd: token?.recurringExpiry ?? null,
    refusals: Object.fromEntries(refusals) as ChargeSubject['refusals'],
  };
}
