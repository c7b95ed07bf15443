import type { Context } from '../../context.ts';
import { isOpenAction, type StoredAction } from '../../domain/charges/action.ts';
import { isOpen } from '../../domain/charges/charge.ts';
import { isInDoubt } from '../../domain/charges/outcome.ts';
import { type LogRow, storyOf } from '../../infra/tables/books/ledger.ts';
import { attemptsOf } from '../../infra/tables/charges/attempts.ts';
import type { ChargeDossier } from '../../infra/tables/charges/charges.ts';
import type { AttemptRow, ChargeRow, SubscriptionRow } from '../../infra/tables/schema/change-columns.ts';
import { type AdviceView, adviceView } from './advice-view.ts';
import { partsView } from './lines-view.ts';
import { priceView } from './price-view.ts';
import { major } from './subscription-view.ts';

type Owner = {
  readonly subscription: Pick<SubscriptionRow, 'id' | 'referenceId' | 'timeZone'>;
  readonly customer: { readonly referenceId: string | null; readonly xenditId: string | null };
};

/** A charge as everybody sees it; major units. */
export function chargeView(
  { catalog }: Pick<Context, 'catalog'>,
  charge: ChargeRow,
  { subscription, customer }: Owner,
  advice: AdviceView | null,
  actions: readonly StoredAction[],
) {
  const money = (minor: bigint) => major(minor, charge.currency);
  return {
    id: charge.id,
    subscription_id: subscription.id,
    subscription_reference: subscription.referenceId,
    customer_reference: customer.referenceId ?? customer.xenditId,
    plan: charge.plan,
    catalog_version: charge.catalogVersion,
    status: charge.status,
    amount: money(charge.amount),
    currency: charge.currency,
    collected: money(charge.collected),
    overpaid: money(charge.overpaid),
    refunded: money(charge.refunded),
    charged_back: money(charge.chargedBack),
    ...partsView(charge, catalog.current.plans.get(charge.plan)?.name ?? charge.plan),
    kind: charge.kind,
    cycle: charge.cycle,
    period: { start: charge.periodStart.toString(), end: charge.periodEnd.toString() },
    due_at: charge.dueAt.toString(),
    time_zone: subscription.timeZone,
    missed: charge.missed,
    next_attempt_at: charge.nextAttemptAt?.toString() ?? null,
    waits_until: charge.waitsUntil?.toString() ?? null,
    hold_reason: charge.holdReason,
    retries_by_hand: charge.byHand?.retries ?? 0,
    failure_code: charge.lastFailureCode,
    advice,
    actions,
    note: charge.note,
    settled_at: charge.settledAt?.toString() ?? null,
    created_at: charge.createdAt.toString(),
  };
}

/** What its customer is asked now: of an attempt that they may still confirm, or of a code that they may still pay by. */
export function actionsOf(
  { status }: Pick<ChargeRow, 'status'>,
  attempts: readonly Pick<AttemptRow, 'outcome' | 'failureCode' | 'actionClosedAt' | 'actions'>[],
): readonly StoredAction[] {
  if (!isOpen(status)) return [];
  const asking = attempts.findLast((attempt) => isOpenAction(attempt) || isInDoubt(attempt.outcome));
  return asking?.actions ?? [];
}

/** One attempt with its decision and why; the request is left out, since it names the payment token. */
function attemptView(attempt: AttemptRow) {
  const { decision } = attempt;
  return {
    number: attempt.number,
    via: attempt.via,
    reference_id: attempt.referenceId,
    sent_at: attempt.sentAt.toString(),
    outcome: attempt.outcome,
    outcome_at: attempt.outcomeAt?.toString() ?? null,
    failure_code: attempt.failureCode,
    class: attempt.class,
    network_code: attempt.networkCode,
    advice_code: attempt.adviceCode,
    action_url: attempt.actionUrl,
    payment_request_id: attempt.paymentRequestId,
    payment_id: attempt.paymentId,
    next_check_at: attempt.nextCheckAt?.toString() ?? null,
    decision: decision === null ? null : { ...decision, at: decision.at },
  };
}

/** What the ledger says happened, people's acts with their reasons among it. */
function eventView({ at, kind, attempt, why, actor }: LogRow) {
  return {
    at: String(at),
    kind: String(kind),
    attempt: attempt === null ? null : Number(attempt),
    why: why === null ? null : String(why),
    actor: String(actor),
  };
}

/** A charge with all its attempts, and what the ledger tells of it. */
export async function wholeChargeView(ctx: Context, dossier: ChargeDossier) {
  const { charge } = dossier;
  // Nothing happens to one that is no longer open but by a person, or late news of Xendit, which the ledger has under the charge.
  const [attempts, story, advice, price] = await Promise.all([
    attemptsOf(ctx.db, charge.bucket, charge.id),
    storyOf(ctx.db, { ...charge, isOpen: isOpen(charge.status) }),
    adviceView(ctx, dossier),
    priceView(ctx, charge, dossier.subscription),
  ]);
  const view = chargeView(ctx, charge, dossier, advice, actionsOf(charge, attempts));
  return { ...view, price, attempts: attempts.map(attemptView), history: story.map(eventView) };
}
