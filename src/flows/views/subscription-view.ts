import type { Context } from '../../context.ts';
import { type Cycle, cycleAt, localDate, runningCycle } from '../../domain/calendar/cycle.ts';
import { inOrder, type Order } from '../../domain/methods/ranks.ts';
import { NOT_SAVED } from '../../domain/methods/token-moves.ts';
import { type Currency, majorNumber } from '../../domain/money/money.ts';
import type { Access } from '../../domain/subscriptions/access.ts';
import { cyclesToCharge, isPausePlanned, standsStill } from '../../domain/subscriptions/pause.ts';
import { placeOf, scheduleOf } from '../../domain/subscriptions/schedule.ts';
import { afterShift } from '../../domain/subscriptions/shift.ts';
import { scheduleUnder, type Terms } from '../../domain/subscriptions/terms.ts';
import { nextAttemptsOf } from '../../infra/tables/charges/charges.ts';
import { rankedMethods } from '../../infra/tables/methods/subscription-methods.ts';
import type { SubscriptionRow } from '../../infra/tables/schema/change-columns.ts';
import type { OnboardingRow, TokenRow } from '../../infra/tables/schema/method-columns.ts';
import type { ChangeRow, TermsRow } from '../../infra/tables/schema/terms-columns.ts';
import { newestOnboardings, type SubscriptionDossier } from '../../infra/tables/subscriptions/subscriptions.ts';
import { aheadOf, laterOf } from '../../infra/tables/subscriptions/terms.ts';
import { unpaidCycles } from '../change/unpaid-cycles.ts';
import { accessNow, accessView } from './access-view.ts';
import { methodView } from './method-view.ts';

export type SubscriptionView = ReturnType<typeof subscriptionView>;

/** Subscriptions as they are shown, with their parts read for all of them at once: a page of 500 takes as many statements as one. */
export async function subscriptionViews(
  ctx: Pick<Context, 'db' | 'catalog'>,
  dossiers: readonly SubscriptionDossier[],
  now: Temporal.Instant,
): Promise<readonly SubscriptionView[]> {
  const { db } = ctx;
  const ids = dossiers.map(({ subscription }) => subscription.id);
  const subscriptions = dossiers.map(({ subscription }) => subscription);
  const changed = subscriptions.filter(({ changes }) => changes > 0);
  const [sessions, attempts, methods, later, unpaid, planned] = await Promise.all([
    newestOnboardings(db, ids),
    nextAttemptsOf(db, ids),
    rankedMethods(db, ids),
    laterOf(db, subscriptions),
    unpaidCycles(ctx, subscriptions),
    aheadOf(
      db,
      changed.map(({ id }) => id),
    ),
  ]);
  return await Promise.all(
    dossiers.map(async (dossier) => {
      const { id } = dossier.subscription;
      const parts = {
        onboarding: sessions.get(id),
        retryAt: attempts.get(id),
        methods: inOrder(shownToken(dossier.token), methods.get(id) ?? []),
        terms: later.get(id)?.terms ?? [],
        planned: planned.get(id) ?? null,
        unpaid: unpaid.get(id) ?? null,
        access: await accessNow(ctx, dossier.subscription, unpaid.get(id) ?? 0, now),
      };
      return subscriptionView(dossier, parts, now);
    }),
  );
}

type Parts = {
  readonly onboarding: OnboardingRow | undefined;
  readonly retryAt: Temporal.Instant | undefined;
  readonly methods: Order<TokenRow>;
  /** Agreed for cycles to come. */
  readonly terms: readonly TermsRow[];
  readonly planned: ChangeRow | null;
  /** Cycles that count for nothing since nobody paid them. */
  readonly unpaid: number | null;
  readonly access: Access;
};

/** A subscription as the API, the commands and the pages show it: snake_case, major units, nothing secret. */
function subscriptionView(
  dossier: SubscriptionDossier,
  { onboarding, retryAt, methods, terms, planned, unpaid, access }: Parts,
  now: Temporal.Instant,
) {
  const { subscription, customer } = dossier;
  const token = shownToken(dossier.token);
  const after = { ...afterShift(subscription, terms), unpaid };
  return {
    id: subscription.id,
    reference_id: subscription.referenceId,
    status: subscription.status,
    plan: subscription.plan,
    catalog_version: subscription.catalogVersion,
    price: { amount: major(subscription.amount, subscription.currency), currency: subscription.currency },
    quantity: subscription.quantity,
    unit_amount: major(subscription.amount / BigInt(subscription.quantity), subscription.currency),
    credit: major(subscription.credit, subscription.currency),
    customer: { id: customer.id, reference_id: customer.referenceId, xendit_customer_id: customer.xenditId },
    time_zone: subscription.timeZone,
    anchor_date: (subscription.anchor ?? subscription.wantedAnchor)?.toString() ?? null,
    token: token === null ? null : tokenView(token),
    methods: methods.map(methodView),
    mandate:
      token === null
        ? null
        : {
            card_on_file_type: token.savedFor,
            recurring_frequency: token.recurringFrequency,
            recurring_expiry: token.recurringExpiry.toString(),
          },
    current_cycle: currentView(dossier, { terms, unpaid }, now),
    next_charge_at: nextChargeAt(after, retryAt),
    cancel_at: subscription.cancelsAtPeriodEnd ? (after.subscription.nextCycleAt?.toString() ?? null) : null,
    pause_at: isPausePlanned(subscription) ? (subscription.nextCycleAt?.toString() ?? null) : null,
    resumes_on:
      subscription.resumesAt === null ? null : localDate(subscription.resumesAt, subscription.timeZone).toString(),
    planned_change: planned === null ? null : plannedView(planned, terms),
    reason: subscription.reason,
    access: accessView(access),
    past_due_since: subscription.pastDueSince?.toString() ?? null,
    grace_until: subscription.graceUntil?.toString() ?? null,
    onboarding:
      onboarding === undefined
        ? null
        : {
            session_id: onboarding.sessionId,
            status: onboarding.status,
            mode: onboarding.mode,
            payment_link_url: onboarding.paymentLinkUrl,
            expires_at: onboarding.expiresAt?.toString() ?? null,
            ...(onboarding.lastTry !== null && { last_try: onboarding.lastTry }),
            ...(onboarding.why !== null && { why: onboarding.why }),
          },
    coupon: couponView(subscription),
    metadata: subscription.metadata,
    created_at: subscription.createdAt.toString(),
    activated_at: subscription.activatedAt?.toString() ?? null,
    ended_at: subscription.endedAt?.toString() ?? null,
  };
}

/** The coupon that it took, and after how many paid cycles it ends. */
function couponView({ coupon }: SubscriptionDossier['subscription']) {
  if (coupon === null) return null;
  return { code: coupon.code, ...(coupon.cycles !== null && { ends_after: coupon.cycles }) };
}

/** One that was never saved is shown to nobody. */
function shownToken(token: TokenRow | null): TokenRow | null {
  return token?.endedReason === NOT_SAVED ? null : token;
}

function tokenView(token: NonNullable<SubscriptionDossier['token']>) {
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

export function major(minor: bigint, currency: Currency): number {
  return majorNumber({ minor, currency });
}

/** A change that is planned, or waits for its payment, with the terms that it leads to. */
function plannedView(
  { number, state, effective, appliesAt, after, termsNumber, chargeId }: ChangeRow,
  terms: readonly TermsRow[],
) {
  const row = terms.find((one) => one.number === termsNumber);
  const at = appliesAt ?? (row === undefined ? null : cycleAt(scheduleUnder(row, []), row.fromCycle).dueAt);
  const charge = chargeId === null ? {} : { charge_id: chargeId };
  return { number, state, when: effective, at: at?.toString() ?? null, terms: after, ...charge };
}

/** What says where the cycles to come lie, beside the row of their subscription. */
type Lying = { readonly terms: readonly Terms[]; readonly unpaid: number | null };

function currentView({ subscription }: SubscriptionDossier, { terms, unpaid }: Lying, now: Temporal.Instant) {
  if (subscription.anchor === null || subscription.endedAt !== null) return null;
  const cycle = standsStill(subscription)
    ? cycleAtRest(subscription, terms)
    : runningCycle(scheduleOf(subscription, terms), placeOf(subscription, terms, unpaid), now);
  return cycle === null
    ? null
    : { number: cycle.number, starts_on: cycle.startsOn.toString(), ends_on: cycle.endsOn.toString() };
}

/** The cycle that the calendar stands still in, with the days that it will have; null: it stands between two. */
function cycleAtRest(subscription: SubscriptionRow, terms: readonly Terms[]): Cycle | null {
  const { pause, nextCycle, timeZone } = subscription;
  const schedule = scheduleOf(subscription, terms);
  const isOver =
    pause?.since != null &&
    Temporal.PlainDate.compare(
      cycleAt(schedule, nextCycle).startsOn,
      localDate(Temporal.Instant.from(pause.since), timeZone),
    ) <= 0;
  if (nextCycle === 0 || isOver) return null;
  return cycleAt(scheduleOf(subscription, afterShift(subscription, terms).terms), nextCycle - 1);
}

/** The earliest of the next retry and the next cycle; null when nothing is to come. */
function nextChargeAt(
  { subscription, ...lying }: Lying & { readonly subscription: SubscriptionRow },
  retryAt: Temporal.Instant | undefined,
): string | null {
  if (subscription.status === 'canceled') return null;
  const [next] = chargedNext(subscription, lying, 1);
  const coming = [subscription.status === 'paused' ? undefined : retryAt, next?.dueAt].filter((at) => at !== undefined);
  return coming.toSorted(Temporal.Instant.compare)[0]?.toString() ?? null;
}

/** The cycles that will be charged next. */
function chargedNext(subscription: SubscriptionRow, { terms, unpaid }: Lying, most: number): readonly Cycle[] {
  if (subscription.nextCycleAt === null) return [];
  const [schedule, place] = [scheduleOf(subscription, terms), placeOf(subscription, terms, unpaid)];
  const { owed, cycles } = cyclesToCharge(schedule, place, subscription, { most, until: null });
  return owed === null ? cycles : [{ ...owed.cycle, dueAt: owed.at }, ...cycles];
}
