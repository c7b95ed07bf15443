import type { Context } from '../../../context.ts';
import { canonicalJson } from '../../../domain/books/canonical-json.ts';
import { localDate } from '../../../domain/calendar/cycle.ts';
import { newTerms, type Wanted } from '../../../domain/subscriptions/new-terms.ts';
import { hasCycles } from '../../../domain/subscriptions/subscription.ts';
import { nextTermsAfter, type Terms } from '../../../domain/subscriptions/terms.ts';
import type { Change } from '../../../infra/tables/change/changes.ts';
import type { ChangeRow, TermsRow } from '../../../infra/tables/schema/terms-columns.ts';
import type { SubscriptionDossier } from '../../../infra/tables/subscriptions/subscriptions.ts';
import { termsFrom } from '../../../infra/tables/subscriptions/terms.ts';
import { agreedLater, inForceOf } from '../../change/agreed-later.ts';
import { appliedTerms } from '../../change/applied-terms.ts';
import { takingOfChange, whyNot } from '../../change/coupon-taken.ts';
import { proratedChange } from '../../change/prorated-change.ts';
import { record } from '../../change/record.ts';
import { withdrawnChange, withoutPlanned } from '../../change/withdrawn-change.ts';
import { termsFault } from '../../methods/terms-fault.ts';

/**
 * A change that was planned for a day in the middle of a period, on that day or after an outage later: the days from it on are of the new
 * terms. It lapses with its why where it cannot be applied. Null: none is due.
 */
export async function appliedOnItsDay(
  ctx: Context,
  dossier: SubscriptionDossier,
  now: Temporal.Instant,
): Promise<Change | null> {
  const { subscription } = dossier;
  const { later, planned } = await agreedLater(ctx, subscription);
  if (planned === null || planned.appliesAt === null || Temporal.Instant.compare(planned.appliesAt, now) > 0)
    return null;
  const rows = await termsFrom(ctx.db, subscription, subscription.nextCycle);
  const row = rows.find(({ number }) => number === planned.termsNumber);
  if (row === undefined || !hasCycles(subscription.status))
    return lapsed(ctx, dossier, planned, later, `the subscription is ${subscription.status}`, now);
  const taking = await takingOfChange(ctx, dossier, planned, now);
  const fault = termsFault(ctx, dossier, row, inForceOf(subscription, later)) ?? whyNot(taking, planned.asked.coupon);
  if (fault !== null) return lapsed(ctx, dossier, planned, later, fault, now);
  const change = await applied(ctx, dossier, { planned, appliesAt: planned.appliesAt, row, later }, now);
  return taking !== null && 'use' in taking ? { ...change, couponTaken: taking.use } : change;
}

type OnItsDay = {
  readonly planned: ChangeRow;
  readonly appliesAt: Temporal.Instant;
  readonly row: TermsRow;
  readonly later: readonly TermsRow[];
};

async function applied(
  ctx: Context,
  dossier: SubscriptionDossier,
  { planned, appliesAt, row, later }: OnItsDay,
  now: Temporal.Instant,
): Promise<Change> {
  const { subscription } = dossier;
  const { number, what, before, after } = planned;
  if (before === null || after === null) throw new Error(`Change ${number} has no terms.`);
  const on = localDate(appliesAt, subscription.timeZone);
  const change = newTerms(inForceOf(subscription, later), wantedBy(row), on, now);
  const money = await proratedChange(ctx, subscription, change);
  const facts = { number, what, before, after, terms: row, actor: 'schedule', why: 'its day has come', ...money };
  const { subscription: changed, addedItems, entries } = appliedTerms(ctx, dossier, facts, now);
  return {
    seen: subscription,
    subscription: changed,
    ...(addedItems.length > 0 && { addedItems }),
    agreed: { changes: [{ ...planned, state: 'applied', appliesAt: null, closedAt: now }] },
    entries,
  };
}

/** The terms that were agreed, as if they were asked for now. */
export function wantedBy(row: Terms): Wanted {
  const endsAfter = row.lastCycle === null ? null : row.lastCycle + 1 - row.fromCycle;
  return { purchase: row, plan: { ...row, endsAfter }, timeZone: row.timeZone, chargeAt: row.chargeAt, anchor: null };
}

function lapsed(
  ctx: Context,
  dossier: SubscriptionDossier,
  planned: ChangeRow,
  later: readonly TermsRow[],
  why: string,
  now: Temporal.Instant,
): Change {
  const { subscription } = dossier;
  const { number, what, before, after } = planned;
  const withdrawn = withdrawnChange(planned, why, now);
  const facts = { why, actor: 'schedule', detail: canonicalJson({ number, what, before, after }) };
  return {
    seen: subscription,
    subscription: hasCycles(subscription.status)
      ? withoutPlanned(subscription, later, now)
      : { nextTermsFrom: nextTermsAfter(later, subscription.nextCycle - 1) },
    agreed: { ...withdrawn, changes: withdrawn.changes.map((one) => ({ ...one, state: 'lapsed' })) },
    entries: [record(ctx.newId(subscription.bucket), now, 'subscription.change_lapsed', dossier, facts)],
  };
}
