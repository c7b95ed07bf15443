import type { Context } from '../../../context.ts';
import type { Entry } from '../../../domain/books/ledger.ts';
import { localDate } from '../../../domain/calendar/cycle.ts';
import { ofPlanAlone, openedAs } from '../../../domain/charges/moves.ts';
import { partsOf } from '../../../domain/charges/parts.ts';
import { openedToBePaid } from '../../../domain/charges/waits.ts';
import { linesText } from '../../../domain/money/lines.ts';
import type { Sums } from '../../../domain/money/sums.ts';
import type { NewCharge, SubscriptionRow } from '../../../infra/tables/schema/change-columns.ts';
import { record, type Subject } from '../../change/record.ts';

type Period = { readonly start: Temporal.PlainDate; readonly end: Temporal.PlainDate };

type Extra = {
  readonly subscription: SubscriptionRow;
  readonly plan: string;
  readonly catalogVersion: number;
  /** The days that it pays for; left out: it pays for none. */
  readonly period?: Period;
  readonly sums: Sums;
  /** Until when its customer may pay it on a page; null: it is tried at once, over the method that they saved. */
  readonly until: Temporal.Instant | null;
  readonly why: string;
};

/** A charge of no cycle; it has the next number of the subscription's extra charges. One that comes to nothing is paid. */
export function extraCharge(
  ctx: Context,
  { subscription, plan, catalogVersion, period, sums, until, why }: Extra,
  now: Temporal.Instant,
): NewCharge {
  const { bucket, id, customerId, account, currency, extras, timeZone } = subscription;
  const today = localDate(now, timeZone);
  const becomes = sums.amount === 0n ? 'paid' : 'due';
  const asked = becomes === 'due' && until !== null;
  return {
    bucket,
    id: ctx.newId(bucket),
    subscriptionId: id,
    customerId,
    account,
    cycle: null,
    periodStart: period?.start ?? today,
    periodEnd: period?.end ?? today,
    dueAt: now,
    plan,
    catalogVersion,
    currency,
    ...ofPlanAlone,
    ...partsOf(sums),
    kind: 'extra',
    extra: extras + 1,
    missed: false,
    ...(asked ? openedToBePaid(until, why, now) : openedAs(becomes, { dueAt: now, why }, now)),
    askedAt: null,
    createdAt: now,
  };
}

/** What is told of an extra charge that is opened: its lines, and why. */
export function extraOpened(
  ctx: Context,
  subject: Subject,
  charge: NewCharge,
  { why, actor }: { readonly why: string; readonly actor: string },
  now: Temporal.Instant,
): Entry {
  const facts = { why, actor, detail: linesText(charge.lines) };
  return record(ctx.newId(charge.bucket), now, 'charge.opened', { ...subject, charge }, facts);
}
