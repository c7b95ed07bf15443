import type { Context } from '../../../context.ts';
import type { SubscriptionRow } from '../../../infra/tables/schema/change-columns.ts';
import type { TermsRow } from '../../../infra/tables/schema/terms-columns.ts';
import type { SubscriptionDossier } from '../../../infra/tables/subscriptions/subscriptions.ts';
import { aroundItsDay } from '../../due-date/around-its-day.ts';
import { asItem, type Bringing, type ComingCharge, comingCharges } from '../../due-date/coming-charges.ts';
import type { ChangeBody } from './asked-change.ts';
import type { WorkedOut } from './worked-out.ts';
import { writtenChange } from './written-change.ts';

type Asked = { readonly bringing: Bringing; readonly most: number; readonly body: ChangeBody; readonly actor: string };

/** The next charges of a subscription once a change of it is made, and paid where it is paid first: the very rows that it would write, read as charges read them. */
export async function chargesAfter(
  ctx: Context,
  seen: SubscriptionDossier,
  workedOut: WorkedOut,
  { bringing, most, body, actor }: Asked,
  now: Temporal.Instant,
): Promise<readonly ComingCharge[]> {
  const { dossier, worked } = asPaid(seen, workedOut);
  const {
    agreed,
    subscription: changed,
    addedItems = [],
  } = writtenChange(ctx, dossier, worked, { body, actor, reason: null }, now);
  const subscription: SubscriptionRow = { ...dossier.subscription, ...changed };
  const rows = (agreed?.terms ?? []).slice(-1).map((row): TermsRow => ({ ...row, withdrawnAt: null }));
  const terms = [...worked.later, ...rows];
  const items = [...bringing.items, ...addedItems.map(asItem)];
  // No coupon is taken twice: of one that comes with the change nothing was taken off yet.
  const isOther = subscription.coupon?.code !== bringing.subscription.coupon?.code;
  const after = { ...bringing, subscription, terms, items, discounted: isOther ? 0 : bringing.discounted };
  const ahead = { most, until: null };
  const isOnItsDay = typeof worked.change.applies !== 'string';
  return isOnItsDay
    ? await aroundItsDay(ctx, dossier.customer, worked, after, ahead, now)
    : await comingCharges(ctx, after, ahead, now);
}

/** What is paid before the change applies is on none of the charges after it. */
function asPaid(dossier: SubscriptionDossier, worked: WorkedOut) {
  const { paidFirst, credit: free } = worked;
  const credit = free - (paidFirst?.sums.creditUsed ?? 0n);
  return {
    dossier: { ...dossier, subscription: { ...dossier.subscription, credit } },
    worked: paidFirst === null ? worked : { ...worked, paidFirst: null, lines: [] },
  };
}
