import type { Context } from '../../../context.ts';
import { canonicalJson } from '../../../domain/books/canonical-json.ts';
import type { Entry } from '../../../domain/books/ledger.ts';
import { cyclesDue } from '../../../domain/calendar/coming-cycles.ts';
import { cycleAt } from '../../../domain/calendar/cycle.ts';
import { placeOf, scheduleOf } from '../../../domain/subscriptions/schedule.ts';
import { holdingTerms, nextTermsAfter, type Terms, termsOf } from '../../../domain/subscriptions/terms.ts';
import type { CouponUse } from '../../../infra/tables/catalog/coupon-uses.ts';
import type { Agreed } from '../../../infra/tables/change/agreed-rows.ts';
import type { Change } from '../../../infra/tables/change/changes.ts';
import type { SubscriptionRow } from '../../../infra/tables/schema/change-columns.ts';
import type { ChangeRow, TermsRow } from '../../../infra/tables/schema/terms-columns.ts';
import { type Owned, subscriptionDossier } from '../../../infra/tables/subscriptions/subscriptions.ts';
import type { Later } from '../../../infra/tables/subscriptions/terms.ts';
import { takingOfChange, whyNot } from '../../change/coupon-taken.ts';
import { record } from '../../change/record.ts';
import { underTerms } from '../../change/terms-in-force.ts';
import { termsFault } from '../../methods/terms-fault.ts';
import { appliedOnItsDay } from './applied-on-its-day.ts';

/** The terms that an opening goes by, and what becomes of a planned change whose first cycle it reaches. */
export type Reached = {
  readonly terms: readonly TermsRow[];
  /** The subscription, whose next cycle falls due when the terms say. */
  readonly subscription: SubscriptionRow;
  readonly agreed?: Agreed;
  readonly couponTaken?: CouponUse;
  readonly entries: readonly Entry[];
};

/**
 * A planned change applies when its first cycle falls due. One that cannot be applied then lapses and stays visible with its why,
 * and what was agreed before goes on.
 */
export async function reachedTerms(
  ctx: Context,
  dossier: Owned,
  { terms, planned, unpaid }: Later & { readonly unpaid: number },
  now: Temporal.Instant,
): Promise<Reached> {
  const { subscription } = dossier;
  const row = terms.find(({ number }) => number === planned?.termsNumber);
  const isReached = row !== undefined && reaches(subscription, { terms, unpaid }, row, now);
  if (planned === null || planned.appliesAt !== null || !isReached) return { terms, subscription, entries: [] };
  const taking = await takingOfChange(ctx, dossier, planned, now);
  const fault = (await faultNow(ctx, subscription, row)) ?? whyNot(taking, planned.asked.coupon);
  if (fault !== null) return lapsed(ctx, dossier, planned, terms, fault, now);
  const couponTaken = taking !== null && 'use' in taking ? { couponTaken: taking.use } : {};
  return { terms, subscription, ...couponTaken, ...applied(ctx, dossier, planned, row, now) };
}

function reaches(
  subscription: SubscriptionRow,
  { terms, unpaid }: Pick<Later, 'terms'> & { readonly unpaid: number },
  { fromCycle }: TermsRow,
  now: Temporal.Instant,
): boolean {
  const most = fromCycle - subscription.nextCycle + 1;
  const { due } = cyclesDue(scheduleOf(subscription, terms), placeOf(subscription, terms, unpaid), now, most);
  return due.length === most;
}

async function faultNow(ctx: Context, subscription: SubscriptionRow, row: TermsRow): Promise<string | null> {
  const { anchor, bucket, id } = subscription;
  const dossier = await subscriptionDossier(ctx.db, bucket, id);
  return dossier === null || anchor === null ? null : termsFault(ctx, dossier, row, { ...subscription, anchor });
}

function applied(
  ctx: Context,
  dossier: Owned,
  planned: ChangeRow,
  row: TermsRow,
  now: Temporal.Instant,
): Pick<Reached, 'agreed' | 'entries'> {
  const { number, what, before, after } = planned;
  const subject = { ...dossier, subscription: underTerms(dossier.subscription, row) };
  const detail = canonicalJson({ number, what, before, after });
  const facts = { amount: row.amount, actor: 'schedule', detail, why: `change ${number} was planned for this cycle` };
  return {
    agreed: { changes: [{ ...planned, state: 'applied', closedAt: now }] },
    entries: [record(ctx.newId(row.bucket), now, 'subscription.changed', subject, facts)],
  };
}

function lapsed(
  ctx: Context,
  dossier: Owned,
  planned: ChangeRow,
  terms: readonly TermsRow[],
  why: string,
  now: Temporal.Instant,
): Reached {
  const { subscription } = dossier;
  const { bucket, nextCycle } = subscription;
  const { number, what, before, after, subscriptionId, termsNumber } = planned;
  const facts = { why, actor: 'schedule', detail: canonicalJson({ number, what, before, after }) };
  const withdrawn = { bucket, subscriptionId, number: termsNumber ?? 0, withdrawnAt: now };
  const left = terms.filter((row) => row.number !== termsNumber);
  const isNext = terms.some((row) => row.number === termsNumber && row.fromCycle === nextCycle);
  const nextCycleAt = isNext ? cycleAt(scheduleOf(subscription, left), nextCycle).dueAt : subscription.nextCycleAt;
  return {
    terms: left,
    subscription: { ...subscription, nextCycleAt },
    agreed: { withdrawnTerms: [withdrawn], changes: [{ ...planned, state: 'lapsed', closedAt: now, why }] },
    entries: [record(ctx.newId(bucket), now, 'subscription.change_lapsed', dossier, facts)],
  };
}

/** The first cycle after a change whose day in the middle of a period has come: what lies before it is opened first. Null: none has. */
export function firstAfterItsDay({ terms, planned }: Later, now: Temporal.Instant): number | null {
  if (planned === null || planned.appliesAt === null || Temporal.Instant.compare(planned.appliesAt, now) > 0)
    return null;
  return terms.find(({ number }) => number === planned.termsNumber)?.fromCycle ?? null;
}

/** The change is applied before the first cycle after it is opened. */
export async function changedOnItsDay(ctx: Context, { subscription }: Owned, now: Temporal.Instant): Promise<Change> {
  const dossier = await subscriptionDossier(ctx.db, subscription.bucket, subscription.id);
  const change = dossier === null ? null : await appliedOnItsDay(ctx, dossier, now);
  return change ?? { seen: subscription, entries: [] };
}

/** The subscription with the terms of a cycle: those in force, unless others were agreed for it. */
export function underTermsOf(subscription: SubscriptionRow, terms: readonly Terms[], cycle: number): SubscriptionRow {
  const held = terms.length === 0 ? null : termsOf(terms, cycle);
  return held === null ? subscription : underTerms(subscription, held);
}

/** The subscription once so many of its cycles are open: the terms of the last of them are in force. */
export function afterOpening(opened: SubscriptionRow, terms: readonly Terms[]): SubscriptionRow {
  const last = opened.nextCycle - 1;
  return { ...underTermsOf(opened, terms, last), nextTermsFrom: nextTermsAfter(holdingTerms(terms), last) };
}
