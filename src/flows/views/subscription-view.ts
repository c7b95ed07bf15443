import type { Context } from '../../context.ts';
import { cycleAt, runningCycle } from '../../domain/calendar/cycle.ts';
import { type Currency, majorNumber } from '../../domain/money/money.ts';
import { openChargesOf } from '../../infra/tables/charges/charges.ts';
import { onboardingsOf, type SubscriptionBook } from '../../infra/tables/subscriptions/subscriptions.ts';
import { scheduleOf } from '../due-date/open-charges.ts';

/** A subscription as the API, the commands and the pages show it: snake_case, major units, nothing secret. */
export async function subscriptionView(ctx: Context, book: SubscriptionBook, now: Temporal.Instant) {
  const { subscription, customer, token } = book;
  const [onboarding] = await onboardingsOf(ctx.db, subscription.bucket, subscription.id);
  return {
    id: subscription.id,
    reference_id: subscription.referenceId,
    status: subscription.status,
    plan: subscription.plan,
    catalog_version: subscription.catalogVersion,
    price: { amount: major(subscription.amount, subscription.currency), currency: subscription.currency },
    customer: { id: customer.id, reference_id: customer.referenceId, xendit_customer_id: customer.xenditId },
    time_zone: subscription.timeZone,
    anchor_date: (subscription.anchor ?? subscription.wantedAnchor)?.toString() ?? null,
    token: token === null ? null : tokenView(token),
    mandate:
      token === null
        ? null
        : {
            card_on_file_type: 'RECURRING',
            recurring_frequency: token.recurringFrequency,
            recurring_expiry: token.recurringExpiry.toString(),
          },
    current_cycle: currentView(book, now),
    next_charge_at: await nextChargeAt(ctx, book),
    cancel_at: subscription.cancelsAtPeriodEnd ? (subscription.nextCycleAt?.toString() ?? null) : null,
    reason: subscription.reason,
    onboarding:
      onboarding === undefined
        ? null
        : {
            session_id: onboarding.sessionId,
            status: onboarding.status,
            mode: onboarding.mode,
            payment_link_url: onboarding.paymentLinkUrl,
            expires_at: onboarding.expiresAt?.toString() ?? null,
            ...(onboarding.why !== null && { why: onboarding.why }),
          },
    metadata: subscription.metadata,
    created_at: subscription.createdAt.toString(),
    activated_at: subscription.activatedAt?.toString() ?? null,
    ended_at: subscription.endedAt?.toString() ?? null,
  };
}

function tokenView(token: NonNullable<SubscriptionBook['token']>) {
  return {
    channel_code: token.channelCode,
    label: token.label,
    network: token.network,
    expiry_month: token.expiryMonth,
    expiry_year: token.expiryYear,
    status: token.status,
    saved_at: token.savedAt.toString(),
  };
}

export function major(minor: bigint, currency: string): number {
  return majorNumber({ minor, currency: currency as Currency });
}

function currentView({ subscription }: SubscriptionBook, now: Temporal.Instant) {
  if (subscription.anchor === null || subscription.endedAt !== null) return null;
  const { nextCycle: next, nextCycleAt: nextAt, endsAfter } = subscription;
  const over = subscription.cancelsAtPeriodEnd ? next : endsAfter;
  const cycle = runningCycle(scheduleOf(subscription), { next, nextAt, over }, now);
  return cycle === null
    ? null
    : { number: cycle.number, starts_on: cycle.startsOn.toString(), ends_on: cycle.endsOn.toString() };
}

/** The earliest of the next retry and the next cycle; null when nothing is to come. */
async function nextChargeAt(ctx: Context, { subscription }: SubscriptionBook): Promise<string | null> {
  if (subscription.status === 'paused' || subscription.status === 'canceled') return null;
  const open = await openChargesOf(ctx.db, subscription.id);
  const retries = open.flatMap((charge) => (charge.nextAttemptAt === null ? [] : [charge.nextAttemptAt]));
  const over =
    subscription.cancelsAtPeriodEnd ||
    (subscription.endsAfter !== null && subscription.nextCycle >= subscription.endsAfter);
  const cycle = subscription.nextCycleAt === null || over ? [] : [subscription.nextCycleAt];
  return [...retries, ...cycle].sort(Temporal.Instant.compare)[0]?.toString() ?? null;
}

/** The next charges of a subscription, with dates and amounts: at most `count`, fewer when it ends before. */
export function upcomingView({ subscription }: SubscriptionBook, count: number) {
  if (subscription.nextCycleAt === null || subscription.anchor === null) return [];
  if (subscription.status === 'paused' || subscription.cancelsAtPeriodEnd) return [];
  const schedule = scheduleOf(subscription);
  const left =
    subscription.endsAfter === null ? count : Math.min(count, subscription.endsAfter - subscription.nextCycle);
  return Array.from({ length: Math.max(0, left) }, (_, index) => {
    const cycle = cycleAt(schedule, subscription.nextCycle + index);
    const dueAt = index === 0 && subscription.nextCycleAt !== null ? subscription.nextCycleAt : cycle.dueAt;
    return {
      cycle: cycle.number,
      period: { start: cycle.startsOn.toString(), end: cycle.endsOn.toString() },
      due_at: dueAt.toString(),
      amount: major(subscription.amount, subscription.currency),
      currency: subscription.currency,
    };
  });
}
