import type { Context } from '../../context.ts';
import { canonicalJson } from '../../domain/books/canonical-json.ts';
import type { Entry } from '../../domain/books/ledger.ts';
import type { TakenCoupon } from '../../domain/catalog/coupon.ts';
import type { BareLine, Sums } from '../../domain/money/sums.ts';
import type { ProratedLine } from '../../domain/subscriptions/proration.ts';
import { boughtBy } from '../../domain/subscriptions/schedule.ts';
import type { Terms } from '../../domain/subscriptions/terms.ts';
import type { ChangeSubject, TermsText } from '../../domain/subscriptions/terms-change.ts';
import type { SubscriptionRow, SubscriptionState } from '../../infra/tables/schema/change-columns.ts';
import type { NewItem } from '../../infra/tables/schema/item-columns.ts';
import { record, type Subject } from './record.ts';
import { repricingUnder } from './terms-in-force.ts';

/** A change that applies now, with what it costs and gives back of the period that runs. */
export type AppliedChange = {
  readonly number: number;
  readonly what: ChangeSubject;
  readonly before: TermsText;
  readonly after: TermsText;
  readonly terms: Omit<Terms, 'number'>;
  readonly lines: readonly ProratedLine[];
  readonly sums: Pick<Sums, 'givenBack'>;
  /** The charge that has paid for it; left out: what it costs waits for the next charge. */
  readonly paidBy?: string;
  readonly actor: string;
  readonly why: string | null;
};

/** A line of a change, for the arithmetic of charges: it has its share of the price as it is, so no discount is taken of it again. */
export function bareLine({ kind, text, amount, period }: ProratedLine): BareLine {
  return { kind, text, quantity: 1, unitAmount: amount, amount, period, discounted: false };
}

/**
 * What a subscription pays from now on, for the rest of the running period too. What that costs waits for the next charge, line by
 * line; what it gives back is credit, and both are told with it.
 */
export function appliedTerms(
  ctx: Context,
  dossier: { readonly subscription: SubscriptionRow } & Pick<Subject, 'customer'>,
  change: AppliedChange,
  now: Temporal.Instant,
): {
  readonly subscription: Partial<SubscriptionState>;
  readonly addedItems: readonly NewItem[];
  readonly entries: readonly Entry[];
} {
  const { subscription } = dossier;
  const { terms, sums, lines, paidBy } = change;
  const isAsked = paidBy === undefined && sums.givenBack === 0n && lines.length > 0;
  const addedItems = isAsked ? lines.map((line, index) => itemOf(ctx, subscription, line, index, now)) : [];
  const { plan, catalogVersion, quantity, amount, timeZone, chargeAt } = terms;
  const repricing = repricingUnder(subscription, terms);
  const after = { plan, catalogVersion, quantity, amount, timeZone, chargeAt, repricing, endsAfter: boughtBy(terms) };
  return {
    subscription: {
      ...after,
      coupon: takenInPeriod(subscription.coupon, terms.coupon ?? null),
      credit: subscription.credit + sums.givenBack,
      items: subscription.items + addedItems.length,
      waitingItems: subscription.waitingItems + addedItems.length,
    },
    addedItems,
    entries: entriesOf(ctx, { ...dossier, subscription: { ...subscription, ...after } }, change, now),
  };
}

/** The coupon from now on. The one before is remembered: the period that runs was charged with that. */
function takenInPeriod(before: TakenCoupon | null, coupon: TakenCoupon | null): TakenCoupon | null {
  if (coupon === null || coupon.code === before?.code) return before;
  return before === null ? coupon : { ...coupon, before };
}

function itemOf(
  ctx: Context,
  { bucket, id, customerId, items }: SubscriptionRow,
  line: ProratedLine,
  index: number,
  now: Temporal.Instant,
): NewItem {
  const { period, ...bare } = bareLine(line);
  return {
    ...bare,
    bucket,
    id: ctx.newId(bucket),
    customerId,
    subscriptionId: id,
    number: items + 1 + index,
    periodStart: period?.start ?? null,
    periodEnd: period?.end ?? null,
    why: 'a change of the subscription',
    createdAt: now,
  };
}

function entriesOf(
  ctx: Context,
  subject: Subject & { readonly subscription: SubscriptionRow },
  change: AppliedChange,
  now: Temporal.Instant,
): readonly Entry[] {
  const { number, what, before, after, lines, sums, actor, why, terms, paidBy } = change;
  const told = lines.map(({ kind, text, amount, period }) => ({
    kind,
    text,
    amount: Number(amount),
    period: { start: period.start.toString(), end: period.end.toString() },
  }));
  const detail = canonicalJson({
    number,
    what,
    before,
    after,
    lines: told,
    ...(paidBy !== undefined && { charge_id: paidBy }),
  });
  const write = (kind: Entry['kind'], facts: Parameters<typeof record>[4]) =>
    record(ctx.newId(subject.subscription.bucket), now, kind, subject, { actor, ...facts });
  const { givenBack } = sums;
  return [
    write('subscription.changed', { amount: terms.amount, detail, why }),
    ...(givenBack === 0n
      ? []
      : [write('credit.granted', { amount: givenBack, credit: givenBack, why: `change ${number} gives it back` })]),
  ];
}
