import type { AsSeen, Context } from '../../../context.ts';
import { methodWords } from '../../../domain/methods/method-words.ts';
import type { Currency } from '../../../domain/money/money.ts';
import { isPausePlanned, standsStill } from '../../../domain/subscriptions/pause.ts';
import { may, type SubscriptionStatus, type Transition } from '../../../domain/subscriptions/subscription.ts';
import { openChargesOf } from '../../../infra/tables/charges/charges.ts';
import { waitingItems } from '../../../infra/tables/subscriptions/items.ts';
import { type SubscriptionDossier, subscriptionDossiers } from '../../../infra/tables/subscriptions/subscriptions.ts';
import { agreedLater } from '../../change/agreed-later.ts';
import { awaitedOf } from '../../change/changing/awaited-change.ts';
import { methodsOf } from '../../methods/ranking.ts';
import { major } from '../subscription-view.ts';

/** A subscription as somebody has it before their eyes who decides about it. */
export type SubscriptionSubject = {
  readonly id: string;
  readonly reference: string;
  readonly state: SubscriptionStatus;
  readonly zone: string;
  readonly currency: Currency;
  /** What a cycle costs. */
  readonly amount: number;
  readonly seen: AsSeen;
  /** When its next cycle begins; null: none does, or nobody knows. */
  readonly nextCycleAt: Temporal.Instant | null;
  readonly resumesAt: Temporal.Instant | null;
  readonly isToBeCanceled: boolean;
  readonly isToBePaused: boolean;
  readonly standsStill: boolean;
  /** What is due of it and not paid. */
  readonly due: { readonly charges: number; readonly amount: number };
  /** What it may be charged to, first what is. */
  readonly methods: readonly { readonly id: string; readonly words: string }[];
  /** Lines that wait for its next charge. */
  readonly items: readonly { readonly id: string; readonly text: string; readonly amount: number }[];
  /** A change of it is planned, or waits for its payment. */
  readonly isToBeChanged: boolean;
  /** What is sold now, and by which version of the catalog. */
  readonly plan: string;
  readonly plans: readonly string[];
  readonly version: number;
  /** Whether its state allows each of these. */
  readonly may: (transition: Transition) => boolean;
};

/** These subscriptions, as they stand now; one that nobody has is missing. */
export async function subscriptionSubjects(
  ctx: Context,
  ids: readonly string[],
): Promise<readonly SubscriptionSubject[]> {
  return await Promise.all((await subscriptionDossiers(ctx.db, ids)).map((one) => subjectOf(ctx, one)));
}

async function subjectOf(ctx: Context, { subscription }: SubscriptionDossier): Promise<SubscriptionSubject> {
  const { version, plans } = ctx.catalog.current;
  const { id, referenceId, status, timeZone, currency, amount, nextCycleAt, resumesAt } = subscription;
  const [open, methods, items, { planned }, awaited] = await Promise.all([
    openChargesOf(ctx.db, id),
    methodsOf(ctx, subscription),
    subscription.waitingItems === 0 ? null : waitingItems(ctx.db, [id]),
    agreedLater(ctx, subscription),
    awaitedOf(ctx, subscription),
  ]);
  const due = open.filter((one) => one.status === 'due');
  return {
    id,
    reference: referenceId,
    state: status,
    zone: timeZone,
    currency,
    amount: major(amount, currency),
    seen: { subscription: id, seq: subscription.ledgerSeq },
    nextCycleAt,
    resumesAt,
    isToBeCanceled: subscription.cancelsAtPeriodEnd,
    isToBePaused: isPausePlanned(subscription),
    standsStill: standsStill(subscription),
    due: { charges: due.length, amount: due.reduce((sum, one) => sum + major(one.amount, currency), 0) },
    methods: methods.map((method) => ({ id: method.id, words: methodWords(method) })),
    items: (items?.get(id) ?? []).map((item) => ({
      id: item.id,
      text: item.text,
      amount: major(item.amount, currency),
    })),
    isToBeChanged: planned !== null || awaited !== null,
    plan: subscription.plan,
    plans: [...plans.values()]
      .filter(({ price }) => price.currency === currency)
      .map(({ id: name }) => name)
      .toSorted(),
    version,
    may: (transition) => may(transition, status),
  };
}
