import type { Context } from '../../../context.ts';
import { canonicalJson } from '../../../domain/books/canonical-json.ts';
import { parseInterval } from '../../../domain/calendar/interval.ts';
import { parseMajor } from '../../../domain/money/money.ts';
import { type NewTerms, newTerms, type Wanted } from '../../../domain/subscriptions/new-terms.ts';
import { paidDaysEnd } from '../../../domain/subscriptions/pay-first.ts';
import { may } from '../../../domain/subscriptions/subscription.ts';
import type { TermsText } from '../../../domain/subscriptions/terms-change.ts';
import type { Change } from '../../../infra/tables/change/changes.ts';
import type { ChargeRow, SubscriptionRow } from '../../../infra/tables/schema/change-columns.ts';
import type { ChangeRow } from '../../../infra/tables/schema/terms-columns.ts';
import { agreedLater, inForceOf } from '../agreed-later.ts';
import { takingOfChange, whyNot } from '../coupon-taken.ts';
import type { Subject } from '../record.ts';
import { termsText } from '../terms-in-force.ts';
import { withoutPlanned } from '../withdrawn-change.ts';
import { madeNow } from './made-now.ts';

/** A change whose charge is paid, as it is made; or why it cannot apply any more, in words. */
export type PaidChange = Omit<Change, 'seen'> | { readonly over: string };

type Dossier = { readonly subscription: SubscriptionRow; readonly charge: ChargeRow } & Pick<Subject, 'customer'>;

/**
 * What the payment of its charge makes of a change that waited for it. Its days are counted from the day on which it was asked for, as
 * its lines say; so it applies within their period, on what is agreed otherwise as it was then.
 */
export async function paidChange(
  ctx: Context,
  dossier: Dossier,
  waited: ChangeRow,
  now: Temporal.Instant,
): Promise<PaidChange> {
  const { subscription, charge } = dossier;
  const { number, what, before, after, state, actor, reason } = waited;
  if (state !== 'awaiting_payment') return { over: `it is ${state}` };
  if (before === null || after === null) throw new Error(`Change ${number} has no terms.`);
  if (!may('change', subscription.status)) return { over: `the subscription is ${subscription.status}` };
  const { later, planned } = await agreedLater(ctx, subscription);
  const unplanned = planned === null ? subscription : { ...subscription, ...withoutPlanned(subscription, later, now) };
  const taking = await takingOfChange(ctx, dossier, waited, now);
  const fault = whyNot(taking, waited.asked.coupon);
  if (fault !== null) return { over: fault };
  const { coupon, use } = taking !== null && 'use' in taking ? taking : { coupon: null, use: undefined };
  const wanted = { ...(await wantedBy(ctx, waited, after)), coupon };
  const change = newTerms(inForceOf(unplanned, later), wanted, 'now', waited.askedAt);
  if (!isForItsPeriod(change, dossier, now)) return { over: 'the period is over whose days it pays for' };
  const agreed = [termsText(change.before), termsText(change.terms)];
  if (canonicalJson(agreed) !== canonicalJson([before, after]))
    return { over: 'what was agreed is not what it was when the change was asked for' };
  const sums = { givenBack: 0n };
  const asMade = {
    number,
    what,
    before,
    after,
    change,
    lines: [],
    sums,
    later,
    replaces: planned,
    paidBy: charge.id,
    use,
  };
  const made = madeNow(ctx, dossier, { ...asMade, actor, why: reason }, now);
  const row = { ...waited, state: 'applied' as const, termsNumber: made.terms.at(-1)?.number ?? null, closedAt: now };
  const { changes = [], ...withdrawn } = made.replaced;
  return {
    subscription: made.subscription,
    ...(made.couponTaken !== undefined && { couponTaken: made.couponTaken }),
    agreed: { terms: made.terms, ...withdrawn, changes: [...changes, row] },
    entries: made.entries,
  };
}

/** The period still runs in which it was asked for, however its change moves the end of that; and the days that were paid are not over. */
function isForItsPeriod(
  { divides, nextStartsOn }: NewTerms,
  { subscription, charge: { periodStart, periodEnd } }: Dossier,
  now: Temporal.Instant,
): boolean {
  const isRunning = divides !== null && Temporal.PlainDate.compare(divides.startsOn, periodStart) <= 0;
  const isLeft = Temporal.Instant.compare(now, paidDaysEnd(subscription, periodEnd)) < 0;
  return isRunning && isLeft && nextStartsOn.equals(periodEnd.add({ days: 1 }));
}

/** What was asked for, from what was agreed to come of it. */
async function wantedBy(ctx: Context, { asked, what }: ChangeRow, after: TermsText): Promise<Wanted> {
  const { catalog_version: catalogVersion, plan, quantity, currency } = after;
  const minor = (major: number) => minorOf(major, currency as SubscriptionRow['currency']);
  const isAnchored = 'anchor_date' in asked || asked.anchor === 'reset';
  const bought = { unitAmount: minor(after.unit_amount), amount: minor(after.amount) };
  return {
    purchase: { plan, catalogVersion, quantity, ...bought, currency: currency as SubscriptionRow['currency'] },
    plan: what === 'plan' ? await rhythmOf(ctx, after) : null,
    timeZone: after.time_zone,
    chargeAt: after.charge_at,
    anchor: isAnchored ? Temporal.PlainDate.from(after.anchor_date) : null,
  };
}

function minorOf(major: number, currency: SubscriptionRow['currency']): bigint {
  const read = parseMajor(major, currency);
  if ('fault' in read) throw new Error(`A change was agreed at ${major} ${currency}, but ${read.fault}`);
  return read.minor;
}

async function rhythmOf(ctx: Context, { plan: id, interval, catalog_version: version }: TermsText) {
  const plan = (await ctx.catalog.version(version)).plans.get(id);
  const read = parseInterval(interval);
  if ('fault' in read) throw new Error(`A change was agreed with the interval "${interval}", but ${read.fault}`);
  return { intervalCount: read.count, intervalUnit: read.unit, endsAfter: plan?.endsAfter ?? null };
}
