import type { Context } from '../../../context.ts';
import { cycleAt, localDate } from '../../../domain/calendar/cycle.ts';
import { scheduleOf } from '../../../domain/subscriptions/schedule.ts';
import type { NewCharge } from '../../../infra/tables/schema/change-columns.ts';
import type { ItemRow } from '../../../infra/tables/schema/item-columns.ts';
import type { Customer } from '../../../infra/tables/subscriptions/subscriptions.ts';
import { newItem } from '../../charges/lines/new-item.ts';
import { newCharges } from '../../due-date/new-charges.ts';
import type { FirstPaid } from '../../onboarding/start-onboarding.ts';
import type { CreateInput } from '../create-input.ts';
import { pendingSubscription } from '../pending-subscription.ts';
import type { Agreed } from '../terms.ts';

/** Whom a new subscription is for, and what was asked for and agreed. */
export type Making = { readonly input: CreateInput; readonly agreed: Agreed; readonly customer: Customer };

/** A new subscription with the charge of cycle 0, before its session is asked for. */
export type CycleZero = Omit<FirstPaid, 'charge' | 'attempt'> & { readonly charge: NewCharge };

const WHY = 'to be paid in the session in which its method is saved';

/**
 * The charge of cycle 0 with its lines, tax and coupon, as it would be opened on its day: from today on, until it is known on which day it is
 * paid. Nothing is planned of it: its customer pays it. Null: it comes to nothing, so there is nothing to be paid in a session.
 */
export async function cycleZero(
  ctx: Context,
  { input, agreed, customer }: Making,
  now: Temporal.Instant,
): Promise<CycleZero | null> {
  const { bucket } = customer;
  const waiting = pendingSubscription(input, agreed, customer, { number: 1, subscriptionId: ctx.newId(bucket) }, now);
  const anchor = localDate(now, waiting.timeZone);
  const subscription = { ...waiting, anchor, ledgerSeq: 0, ledgerHead: '' };
  const items = agreed.items.map(
    (item, index): ItemRow => ({
      ...newItem(ctx, waiting, { item, why: null, number: index + 1 }, now),
      chargeId: null,
      withdrawnAt: null,
    }),
  );
  const cycle = { ...cycleAt(scheduleOf(subscription), 0), dueAt: now };
  const opening = { cycle, becomes: 'due', missed: false, why: WHY } as const;
  const source = { catalog: agreed.catalog, terms: [], items, discounted: 0, unpaid: 0, askedAt: null };
  const made = await newCharges(ctx, { subscription, customer }, [opening], source, now);
  const [charge] = made.charges;
  if (charge === undefined || charge.status === 'paid') return null;
  const taken = new Set((made.taken.items ?? []).map(({ id }) => id));
  return {
    subscription: { ...waiting, ...made.brings, nextCycle: 1 },
    items: items.map((item) => ({ ...item, chargeId: taken.has(item.id) ? charge.id : null })),
    charge: { ...charge, nextAttemptAt: null },
    entries: made.entries,
  };
}
