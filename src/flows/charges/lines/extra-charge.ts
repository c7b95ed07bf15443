import type { Context } from '../../../context.ts';
import { canonicalJson } from '../../../domain/books/canonical-json.ts';
import type { Entry } from '../../../domain/books/ledger.ts';
import { localDate } from '../../../domain/calendar/cycle.ts';
import { ofPlanAlone, openedAs } from '../../../domain/charges/moves.ts';
import { partsOf } from '../../../domain/charges/parts.ts';
import type { Sums } from '../../../domain/money/sums.ts';
import type { NewCharge, SubscriptionRow } from '../../../infra/tables/schema/change-columns.ts';
import { record, type Subject } from '../../change/record.ts';

type Extra = {
  readonly subscription: SubscriptionRow;
  readonly catalogVersion: number;
  readonly sums: Sums;
  readonly why: string;
};

/** A charge of no cycle, due at once; it has the next number of the subscription's extra charges. */
export function extraCharge(
  ctx: Context,
  { subscription, catalogVersion, sums, why }: Extra,
  now: Temporal.Instant,
): NewCharge {
  const { bucket, id, customerId, account, plan, currency, extras, timeZone } = subscription;
  const today = localDate(now, timeZone);
  return {
    bucket,
    id: ctx.newId(bucket),
    subscriptionId: id,
    customerId,
    account,
    cycle: null,
    periodStart: today,
    periodEnd: today,
    dueAt: now,
    plan,
    catalogVersion,
    currency,
    ...ofPlanAlone,
    ...partsOf(sums),
    kind: 'extra',
    extra: extras + 1,
    missed: false,
    ...openedAs('due', { dueAt: now, why }, now),
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
  const facts = { why, actor, detail: canonicalJson({ lines: charge.lines }) };
  return record(ctx.newId(charge.bucket), now, 'charge.opened', { ...subject, charge }, facts);
}
