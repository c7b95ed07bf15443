import type { Context } from '../../../context.ts';
import type { Mandate } from '../../../domain/methods/mandate.ts';
import { neverSaved } from '../../../domain/methods/token-moves.ts';
import { decidedStatuses } from '../../../domain/subscriptions/subscription-status.ts';
import type { Change } from '../../../infra/tables/change/changes.ts';
import type { AttemptDossier } from '../../../infra/tables/charges/attempts.ts';
import type { Onboarding } from '../../../infra/tables/methods/onboardings.ts';
import type { SubscriptionRow } from '../../../infra/tables/schema/change-columns.ts';
import type { NewToken } from '../../../infra/tables/schema/method-columns.ts';
import { chargeOfCycle } from '../../../infra/tables/subscriptions/cycles.ts';
import {
  type Owned,
  type SubscriptionDossier,
  subscriptionDossier,
} from '../../../infra/tables/subscriptions/subscriptions.ts';
import { record } from '../../change/record.ts';
import { isApplied, LOST, untilApplied } from '../../change/until-applied.ts';
import { begunOn, begunWithCycleZero, laidOnToday } from './begun-on-day.ts';

/** What a method that was to be saved in a session was to be saved for. */
type ToSave = Pick<Onboarding, 'sessionId' | 'savedFor' | 'recurringFrequency' | 'recurringExpiry'>;

/** What of a change lets a subscription begin without a method. */
type BegunUnsaved = Required<Pick<Change, 'savedTokens' | 'subscription' | 'entries'>>;

/**
 * A session is over, and no method of it can be linked. Where cycle 0 was paid in it, what was paid for begins all the same; its next cycle waits for
 * the customer, as that of a method which is over. Of any other subscription nothing is changed. Safe to repeat.
 */
export async function beginUnsaved(ctx: Context, row: Onboarding, now: Temporal.Instant): Promise<void> {
  const isBegun = await untilApplied(
    async () => {
      const dossier = await subscriptionDossier(ctx.db, row.bucket, row.subscriptionId);
      const change = dossier === null ? null : await unsavedChange(ctx, dossier, row, now);
      if (change === null) return false;
      return (await isApplied(ctx, change)) || LOST;
    },
    () => false,
  );
  if (!isBegun) return;
  ctx.log.warn('first charge paid, and no method saved', {
    subscription_id: row.subscriptionId,
    session_id: row.sessionId,
  });
  ctx.wake();
}

async function unsavedChange(
  ctx: Context,
  dossier: SubscriptionDossier,
  row: ToSave,
  now: Temporal.Instant,
): Promise<Change | null> {
  const { subscription } = dossier;
  if (subscription.status !== 'pending' || subscription.nextCycle === 0) return null;
  const charge = await chargeOfCycle(ctx.db, subscription, 0);
  if (charge === null || charge.status === 'uncollectible' || !decidedStatuses.includes(charge.status)) return null;
  const { subscription: active, offered } = await begunWithCycleZero(ctx, subscription, now);
  return { seen: subscription, ...begunUnsaved(ctx, dossier, active, row, now), offered };
}

/**
 * The payment of cycle 0 is found of whose session nobody has heard: what was paid for begins with the settlement, on the day of that. A method that was saved there all the same replaces none, once somebody tells of that session.
 */
export async function withUnheardSession(
  ctx: Context,
  settled: Change,
  { subscription, customer, charge, attempt }: AttemptDossier,
  mandate: Mandate,
  now: Temporal.Instant,
): Promise<Change> {
  const { referenceId: sessionId } = attempt;
  const row = { sessionId, ...mandate, savedFor: mandate.cardOnFileType };
  const anchor = await laidOnToday(ctx, { charge, subscription }, now);
  const active = begunOn({ ...subscription, ...settled.subscription }, anchor, now);
  const begun = begunUnsaved(ctx, { subscription, customer }, active, row, now);
  return { ...settled, ...begun, entries: [...settled.entries, ...begun.entries] };
}

function begunUnsaved(
  ctx: Context,
  dossier: Owned,
  active: SubscriptionRow,
  row: ToSave,
  now: Temporal.Instant,
): BegunUnsaved {
  const token = unsaved(ctx, dossier, row, now);
  const facts = { why: WHY, actor: 'customer' };
  return {
    savedTokens: [token],
    subscription: { ...active, tokenId: token.id },
    entries: [record(ctx.newId(active.bucket), now, 'subscription.active', dossier, facts)],
  };
}

const WHY = 'cycle 0 was paid in its session, which saved no method: the next cycle waits for the customer to save one';

/** Stands where a method would stand, so that all that is done about a method which is over is done about none. */
function unsaved(
  ctx: Context,
  { subscription, customer }: Owned,
  { sessionId, savedFor, recurringFrequency, recurringExpiry }: ToSave,
  now: Temporal.Instant,
): NewToken {
  return {
    bucket: subscription.bucket,
    id: ctx.newId(subscription.bucket),
    customerId: customer.id,
    tokenId: `none-of-${sessionId}`,
    channelCode: 'NONE',
    country: subscription.country,
    currency: subscription.currency,
    label: null,
    network: null,
    fingerprint: null,
    expiryMonth: null,
    expiryYear: null,
    ...neverSaved(now),
    savedFor,
    recurringFrequency,
    recurringExpiry,
    savedAt: now,
    sessionId: null,
  };
}
