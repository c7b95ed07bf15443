import type { Context } from '../../../context.ts';
import { canonicalJson } from '../../../domain/books/canonical-json.ts';
import type { Entry } from '../../../domain/books/ledger.ts';
import { NOTHING_DUE } from '../../../domain/charges/moves.ts';
import type { NewCharge } from '../../../infra/tables/schema/change-columns.ts';
import type { NewChangeRow } from '../../../infra/tables/schema/terms-columns.ts';
import type { SubscriptionDossier } from '../../../infra/tables/subscriptions/subscriptions.ts';
import { record } from '../../change/record.ts';
import { extraCharge, extraOpened } from '../../charges/lines/extra-charge.ts';
import type { PaidFirst } from './paid-first.ts';
import type { WorkedOut } from './worked-out.ts';

/** The charge that pays for a change before it applies, for the days from today to the end of the period. */
export function chargeFirst(
  ctx: Context,
  { subscription }: SubscriptionDossier,
  { change }: WorkedOut,
  { sums, until }: PaidFirst,
  now: Temporal.Instant,
): NewCharge {
  const { plan, catalogVersion } = change.terms;
  const period = { start: change.on, end: change.nextStartsOn.subtract({ days: 1 }) };
  const why = `change ${subscription.changes + 1}, which applies once this is paid`;
  return extraCharge(ctx, { subscription, plan, catalogVersion, period, sums, until, why }, now);
}

/** What is told of that charge: its lines, the credit that it uses, and that it is paid where it comes to nothing. */
export function chargedFirst(
  ctx: Context,
  dossier: SubscriptionDossier,
  charge: NewCharge,
  actor: string,
  now: Temporal.Instant,
): readonly Entry[] {
  const write = (kind: Entry['kind'], facts: Parameters<typeof record>[4]) =>
    record(ctx.newId(charge.bucket), now, kind, { ...dossier, charge }, { actor, ...facts });
  const { creditUsed, status } = charge;
  return [
    extraOpened(ctx, dossier, charge, { why: charge.note ?? 'a change of the subscription', actor }, now),
    ...(creditUsed === 0n
      ? []
      : [write('credit.used', { amount: creditUsed, credit: -creditUsed, why: 'used before money is asked for' })]),
    ...(status === 'paid' ? [write('charge.paid', { why: NOTHING_DUE })] : []),
  ];
}

const BY: Readonly<Record<PaidFirst['by'], string>> = {
  pay_link: 'on a page where its customer pays',
  unscheduled: 'over the method that was saved for charges outside of the plan',
};

/** A change that waits for its payment, as the ledger tells it. */
export function awaitingEntry(
  ctx: Context,
  dossier: SubscriptionDossier,
  { number, what, before, after, effective, bucket, reason, actor }: NewChangeRow,
  { charge, by }: { readonly charge: NewCharge; readonly by: PaidFirst['by'] },
  now: Temporal.Instant,
): Entry {
  const detail = canonicalJson({ number, what, when: effective, before, after, charge_id: charge.id, pay_first: by });
  const why = reason ?? `change ${number} applies once it is paid, ${BY[by]}`;
  const subject = { ...dossier, charge };
  return record(ctx.newId(bucket), now, 'subscription.change_planned', subject, { actor, why, detail });
}
