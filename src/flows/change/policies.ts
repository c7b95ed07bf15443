import type { Context } from '../../context.ts';
import type { Catalog } from '../../domain/catalog/plan.ts';
import type { Charge } from '../../domain/charges/charge.ts';
import type { Decision } from '../../domain/declines/decision.ts';
import { type Policy, windowEnd } from '../../domain/dunning/circumstances.ts';
import { anyDay, retryDaysOf } from '../../domain/dunning/retry-days.ts';
import { isConnectionFault } from '../../infra/database/db.ts';
import type { ChargeRow, SubscriptionRow } from '../../infra/tables/schema/change-columns.ts';

/** The rules of the catalog version that a charge came from. */
async function policyOf(
  ctx: Context,
  charge: ChargeRow,
): Promise<{ readonly policy: Policy; readonly catalog: Catalog }> {
  const catalog = await ctx.catalog.version(charge.catalogVersion);
  const plan = catalog.plans.get(charge.plan);
  if (plan === undefined)
    throw new Error(
      `Plan ${charge.plan} is not in catalog version ${charge.catalogVersion}, although charge ${charge.id} came from it.`,
    );
  const days = retryDaysOf(ctx.catalog.current.defaults, plan.country);
  const { declines } = catalog.defaults;
  return { catalog, policy: { ...plan.dunning, declines, catalogVersion: catalog.version, days } };
}

/** No tries and no consequences: without rules money is still money, and silence is still asked about. */
const NO_RULES = { name: 'none', retryAfterDays: [], windowDays: 0, then: 'keep' } as const;

/** The same where they can be read; otherwise none, with what keeps them from being read. */
export async function policyOrNone(
  ctx: Context,
  charge: ChargeRow,
): Promise<{ readonly policy: Policy; readonly catalog: Catalog; readonly unreadable: string | null }> {
  try {
    return { ...(await policyOf(ctx, charge)), unreadable: null };
  } catch (error) {
    if (isConnectionFault(error)) throw error;
    const catalog = ctx.catalog.current;
    const { declines } = catalog.defaults;
    const policy = { ...NO_RULES, declines, catalogVersion: charge.catalogVersion, days: anyDay };
    return { catalog, policy, unreadable: error instanceof Error ? error.message : 'its rules cannot be read' };
  }
}

/**
 * What follows an outcome where no rules can be read: whatever would be decided by them is left to a person. Money, silence, and
 * what is no attempt are decided by none.
 */
export function withoutRules(decision: Decision, unreadable: string | null): Decision {
  if (unreadable === null || !BY_RULES.has(decision.kind)) return decision;
  const text = `The rules for what follows cannot be read (${unreadable}); ${decision.why.text}`;
  return { kind: 'hold', reason: 'broken', why: { ...decision.why, rule: 'no_rules', text } };
}

const BY_RULES = new Set<Decision['kind']>(['retry', 'wait_for_customer', 'give_up']);

/** A charge as the rules know it. */
export function chargeOf(row: ChargeRow): Charge {
  return {
    cycle: row.cycle,
    amount: { minor: row.amount, currency: row.currency },
    status: row.status,
    collected: row.collected,
    dueAt: row.dueAt,
    openedAt: row.createdAt,
    firstAttemptAt: row.firstAttemptAt,
    ladderStep: row.ladderStep,
    technicalRetries: row.technicalRetries,
    throttles: row.throttles,
    windowFrom: row.windowFrom,
    byHand: row.byHand,
    missed: row.missed,
    catalogVersion: row.catalogVersion,
  };
}

/** When the dunning window of a charge ends. */
export async function windowEndOf(ctx: Context, { charge, subscription }: Windowed): Promise<Temporal.Instant> {
  const { policy } = await policyOf(ctx, charge);
  return windowEnd({ charge: chargeOf(charge), policy, timeZone: subscription.timeZone });
}

type Windowed = { readonly charge: ChargeRow; readonly subscription: Pick<SubscriptionRow, 'timeZone'> };

/** A person has a charge tried: where its window is over, another one begins, since nothing is tried outside of one. */
export async function reopenedWindow(
  ctx: Context,
  dossier: Windowed,
  now: Temporal.Instant,
): Promise<{ readonly windowFrom?: Temporal.Instant }> {
  const end = await windowEndOf(ctx, dossier);
  return Temporal.Instant.compare(now, end) > 0 ? { windowFrom: now } : {};
}
