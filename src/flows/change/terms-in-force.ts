import { intervalText } from '../../domain/calendar/interval.ts';
import { majorNumber } from '../../domain/money/money.ts';
import type { Repricing } from '../../domain/subscriptions/repricing/repricing.ts';
import { boughtBy } from '../../domain/subscriptions/schedule.ts';
import type { Purchase, Rhythm, Terms } from '../../domain/subscriptions/terms.ts';
import type { TermsText } from '../../domain/subscriptions/terms-change.ts';
import type { SubscriptionRow } from '../../infra/tables/schema/change-columns.ts';

/** A subscription with these terms in force: its row is their copy. */
export function underTerms<T extends SubscriptionRow>(subscription: T, terms: Terms): T {
  const { anchor, anchorCycle, intervalCount, intervalUnit, timeZone, chargeAt } = terms;
  const { plan, catalogVersion, quantity, amount, currency } = terms;
  const rhythm = { anchor, anchorCycle, intervalCount, intervalUnit, timeZone, chargeAt };
  const purchase = { plan, catalogVersion, quantity, amount, currency };
  const coupon = terms.coupon ?? subscription.coupon;
  const repricing = repricingUnder(subscription, terms);
  return { ...subscription, ...rhythm, ...purchase, coupon, repricing, endsAfter: boughtBy(terms) };
}

/** The repricing that a subscription goes on to have under these terms: whoever comes to another plan pays what that costs. */
export function repricingUnder({ repricing }: SubscriptionRow, { plan }: Pick<Purchase, 'plan'>): Repricing | null {
  return repricing?.plan === plan ? repricing : null;
}

/** Terms as a change and its entry in the ledger tell them. */
export function termsText(terms: Rhythm & Purchase): TermsText {
  const major = (minor: bigint) => majorNumber({ minor, currency: terms.currency });
  return {
    plan: terms.plan,
    catalog_version: terms.catalogVersion,
    unit_amount: major(terms.unitAmount),
    quantity: terms.quantity,
    amount: major(terms.amount),
    currency: terms.currency,
    interval: intervalText({ count: terms.intervalCount, unit: terms.intervalUnit }),
    time_zone: terms.timeZone,
    charge_at: terms.chargeAt,
    anchor_date: terms.anchor.toString(),
    ...(terms.coupon == null ? {} : { coupon: terms.coupon.code }),
  };
}
