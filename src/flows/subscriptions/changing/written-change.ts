import type { Context } from '../../../context.ts';
import { canonicalJson } from '../../../domain/books/canonical-json.ts';
import type { Entry } from '../../../domain/books/ledger.ts';
import type { ChangeTime } from '../../../domain/subscriptions/terms-change.ts';
import type { NewChangeRow } from '../../../infra/tables/schema/terms-columns.ts';
import type { SubscriptionDossier } from '../../../infra/tables/subscriptions/subscriptions.ts';
import { keptEntry, madeNow } from '../../change/changing/made-now.ts';
import { nextTermsFrom } from '../../change/changing/next-terms-from.ts';
import { newTermsRows } from '../../change/created-terms.ts';
import { record } from '../../change/record.ts';
import { termsText } from '../../change/terms-in-force.ts';
import { replacedChange, withdrawnChange } from '../../change/withdrawn-change.ts';
import type { Decided } from '../change-subscription.ts';
import { type AskedChange, askedBy, type ChangeBody } from './asked-change.ts';
import { awaitingEntry, chargedFirst, chargeFirst } from './awaiting-payment.ts';
import type { PaidFirst } from './paid-first.ts';
import type { WorkedOut } from './worked-out.ts';

export type By = { readonly body: ChangeBody; readonly reason: string | null; readonly actor: string };

/** All that a change writes: applied now, planned, or with the charge that must be paid before it applies. */
export function writtenChange(
  ctx: Context,
  dossier: SubscriptionDossier,
  worked: WorkedOut,
  by: By,
  now: Temporal.Instant,
): Decided {
  const { paidFirst } = worked;
  if (paidFirst !== null) return afterPayment(ctx, dossier, worked, paidFirst, by, now);
  return worked.change.applies === 'now' ? atOnce(ctx, dossier, worked, by, now) : later(ctx, dossier, worked, by, now);
}

/** Nothing of the subscription changes before the charge is paid. One that comes to nothing is paid now. */
function afterPayment(
  ctx: Context,
  dossier: SubscriptionDossier,
  worked: WorkedOut,
  paidFirst: PaidFirst,
  by: By,
  now: Temporal.Instant,
): Decided {
  const { subscription } = dossier;
  const charge = chargeFirst(ctx, dossier, worked, paidFirst, now);
  const credit = subscription.credit - charge.creditUsed;
  const extras = subscription.extras + 1;
  const told = chargedFirst(ctx, dossier, charge, by.actor, now);
  if (charge.status === 'paid') {
    const paid = { ...dossier, subscription: { ...subscription, credit } };
    const made = atOnce(ctx, paid, worked, by, now, charge.id);
    const state = { ...made.subscription, extras };
    return {
      ...made,
      seen: subscription,
      subscription: state,
      openedCharges: [charge],
      entries: [...told, ...made.entries],
    };
  }
  const row = { ...askedRow(dossier, worked, by, now), state: 'awaiting_payment' as const, chargeId: charge.id };
  return {
    seen: subscription,
    subscription: { credit, extras, changes: row.number },
    openedCharges: [charge],
    agreed: { asked: [row] },
    entries: [...told, awaitingEntry(ctx, dossier, row, { charge, by: paidFirst.by }, now)],
  };
}

/** `paidBy`: the charge that has paid for it; undefined: what it costs waits for the next charge. */
function atOnce(
  ctx: Context,
  dossier: SubscriptionDossier,
  worked: WorkedOut,
  by: By,
  now: Temporal.Instant,
  paidBy?: string,
): Decided {
  const { subscription } = dossier;
  const { what, use, change, lines, sums, later: agreed, replaces } = worked;
  const row = askedRow(dossier, worked, by, now);
  const texts = { before: termsText(change.before), after: termsText(change.terms) };
  const facts = { number: row.number, what, use, ...texts, change, lines, sums, later: agreed, replaces };
  const isPaid = paidBy === undefined ? {} : { paidBy };
  const made = madeNow(ctx, dossier, { ...facts, ...isPaid, actor: by.actor, why: by.reason }, now);
  const termsNumber = made.terms.at(-1)?.number ?? null;
  const applied = { ...row, state: 'applied' as const, termsNumber, chargeId: paidBy ?? null, closedAt: now };
  return {
    seen: subscription,
    subscription: { ...made.subscription, changes: row.number },
    ...(made.addedItems !== undefined && { addedItems: made.addedItems }),
    ...(made.couponTaken !== undefined && { couponTaken: made.couponTaken }),
    agreed: { terms: made.terms, asked: [applied], ...made.replaced },
    ...(replaces !== null && { replaces: replacedChange(replaces) }),
    entries: made.entries,
  };
}

function later(ctx: Context, dossier: SubscriptionDossier, worked: WorkedOut, by: By, now: Temporal.Instant): Decided {
  const { subscription } = dossier;
  const { change, replaces, later: agreed } = worked;
  const { applies, nextCycleAt } = change;
  const rows = newTermsRows(subscription, [change.terms], 'changed', by.actor, now);
  const termsNumber = rows.at(-1)?.number ?? null;
  const appliesAt = typeof applies === 'string' ? null : applies;
  const row = { ...askedRow(dossier, worked, by, now), appliesAt, termsNumber };
  const { number } = row;
  return {
    seen: subscription,
    subscription: {
      ...(subscription.cancelsAtPeriodEnd && { cancelsAtPeriodEnd: false, reason: null }),
      nextCycleAt,
      nextTermsFrom: nextTermsFrom(subscription, change, agreed, rows),
      terms: termsNumber ?? subscription.terms,
      changes: number,
    },
    agreed: {
      terms: rows,
      asked: [row],
      ...(replaces === null ? {} : withdrawnChange(replaces, `change ${number} replaced it`, now)),
    },
    ...(replaces !== null && { replaces: replacedChange(replaces) }),
    entries: [
      ...(subscription.cancelsAtPeriodEnd ? [keptEntry(ctx, dossier, { number, actor: by.actor }, now)] : []),
      plannedEntry(ctx, dossier, row, now),
    ],
  };
}

/** The row of a change that is planned; whoever writes it down otherwise says how. */
function askedRow(
  { subscription: { bucket, id, changes } }: SubscriptionDossier,
  { what, change }: WorkedOut,
  { body, reason, actor }: By,
  now: Temporal.Instant,
): NewChangeRow {
  return {
    bucket,
    subscriptionId: id,
    number: changes + 1,
    what,
    effective: timeOf(askedBy(body)),
    state: 'planned',
    asked: given(body),
    before: termsText(change.before),
    after: termsText(change.terms),
    appliesAt: null,
    termsNumber: null,
    chargeId: null,
    actor,
    reason,
    askedAt: now,
    closedAt: null,
    why: null,
  };
}

/** The fields of a request that it has. */
export function given(body: ChangeBody): NewChangeRow['asked'] {
  return Object.fromEntries(
    Object.entries(body).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
}

function timeOf({ when }: AskedChange): ChangeTime {
  return typeof when === 'string' ? when : 'date';
}

function plannedEntry(
  ctx: Context,
  dossier: SubscriptionDossier,
  { number, what, before, after, effective, bucket, actor, reason }: NewChangeRow,
  now: Temporal.Instant,
): Entry {
  const detail = canonicalJson({ number, what, when: effective, before, after });
  return record(ctx.newId(bucket), now, 'subscription.change_planned', dossier, { actor, why: reason, detail });
}
