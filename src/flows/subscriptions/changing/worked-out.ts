import type { Context } from '../../../context.ts';
import type { Discount, Sums } from '../../../domain/money/sums.ts';
import { type NewTerms, newTerms } from '../../../domain/subscriptions/new-terms.ts';
import { isPausePlanned, isShift } from '../../../domain/subscriptions/pause.ts';
import type { ProratedLine } from '../../../domain/subscriptions/proration.ts';
import { placeOf } from '../../../domain/subscriptions/schedule.ts';
import type { ChangeSubject } from '../../../domain/subscriptions/terms-change.ts';
import type { CouponUse } from '../../../infra/tables/catalog/coupon-uses.ts';
import type { SubscriptionRow } from '../../../infra/tables/schema/change-columns.ts';
import type { ChangeRow, TermsRow } from '../../../infra/tables/schema/terms-columns.ts';
import type { SubscriptionDossier } from '../../../infra/tables/subscriptions/subscriptions.ts';
import { agreedLater, inForceOf } from '../../change/agreed-later.ts';
import { type Awaited, awaitedOf, creditBackOf } from '../../change/changing/awaited-change.ts';
import { type Taking, takingOf } from '../../change/coupon-taken.ts';
import { proratedChange } from '../../change/prorated-change.ts';
import { unpaidCycles } from '../../change/unpaid-cycles.ts';
import { withoutPlanned } from '../../change/withdrawn-change.ts';
import { discountToCome } from '../../due-date/around-its-day.ts';
import { bringingOf } from '../../due-date/coming-charges.ts';
import { termsFault } from '../../methods/terms-fault.ts';
import type { Refusal } from '../change-subscription.ts';
import { type AskedChange, readChange } from './asked-change.ts';
import { type PaidFirst, paidFirst } from './paid-first.ts';

/** A change as far as it is decided: what it leads to, what it costs and gives back, and what it replaces. */
export type WorkedOut = {
  readonly what: ChangeSubject;
  /** The use of the coupon that it takes when it applies; undefined: it takes none. */
  readonly use: CouponUse | undefined;
  readonly change: NewTerms;
  readonly lines: readonly ProratedLine[];
  readonly sums: Sums;
  /** What was agreed for later, without what is replaced. */
  readonly later: readonly TermsRow[];
  /** The change that was planned until now. */
  readonly replaces: ChangeRow | null;
  /** The change that waits for its payment until now. */
  readonly awaited: Awaited | null;
  /** What the subscription has to its credit once that one has given back what it had used. */
  readonly credit: bigint;
  /** How it is paid before it applies; null: it is not. */
  readonly paidFirst: PaidFirst | null;
  readonly warnings: readonly string[];
};

/** What a change asks for, in terms and money; or why it cannot be made. Nothing is written. */
export async function workOut(
  ctx: Context,
  dossier: SubscriptionDossier,
  asked: AskedChange,
  now: Temporal.Instant,
): Promise<WorkedOut | Refusal> {
  const { subscription } = dossier;
  const { later, planned: replaces } = await agreedLater(ctx, subscription);
  const unplanned = replaces === null ? subscription : { ...subscription, ...withoutPlanned(subscription, later, now) };
  const inForce = { ...inForceOf(unplanned, later), country: subscription.country };
  if (typeof asked.when !== 'string' && isPausePlanned(subscription) && isShift(subscription.pause))
    return { refused: STANDS_STILL };
  const read = readChange(ctx, inForce, asked, now);
  if ('faults' in read) return read;
  const taking = await couponOf(ctx, dossier, asked, read.plan?.id ?? subscription.plan, now);
  if (taking !== null && !('use' in taking)) return taking;
  const change = newTerms(inForce, { ...read.wanted, coupon: taking?.coupon ?? null }, asked.when, now);
  if (isSame(change)) return { refused: SAME };
  const toCome = await toComeOf(ctx, subscription, later, change, now);
  const { lines, sums: onNext } = await proratedChange(ctx, subscription, change, toCome);
  const fault = termsFault(ctx, dossier, change.terms, change.before);
  if (fault !== null && change.applies === 'now') return { refused: `${upper(fault)}: ${WAY_OUT}` };
  const awaited = await awaitedOf(ctx, subscription);
  const credit = subscription.credit + creditBackOf(awaited);
  const costsNow = change.applies === 'now' && onNext.amount > 0n;
  const first = costsNow ? await paidFirst(ctx, dossier, change, { lines, credit }, now) : null;
  if (first !== null && !('by' in first)) return first;
  const sums = first?.sums ?? onNext;
  const unpaid = (await unpaidCycles(ctx, [subscription])).get(subscription.id) ?? 0;
  const isCarried = first === null && (change.applies !== 'now' || sums.amount > 0n);
  if (isCarried && isOver(change, subscription, unpaid)) return { refused: OVER };
  const warnings = [
    ...(fault === null ? [] : [`${upper(fault)}: ${IN_TIME}`]),
    ...(first === null ? [] : paying(first)),
  ];
  const use = taking?.use;
  return { what: read.what, use, change, lines, sums, later, replaces, awaited, credit, paidFirst: first, warnings };
}

/** The coupon that is asked for; null: none is. */
async function couponOf(
  ctx: Context,
  dossier: SubscriptionDossier,
  { coupon: code }: AskedChange,
  plan: string,
  now: Temporal.Instant,
): Promise<Taking | Refusal | null> {
  if (code === null) return null;
  const taking = await takingOf(ctx, dossier, { code, plan, on: now }, now);
  if ('fault' in taking) return { faults: [{ field: 'coupon', message: taking.fault }] };
  return 'spent' in taking ? { refused: `Nothing was changed: ${taking.spent}.` } : taking;
}

/** What will be taken off the period that the change divides, without what is planned until now. */
async function toComeOf(
  ctx: Context,
  subscription: SubscriptionRow,
  later: readonly TermsRow[],
  change: NewTerms,
  now: Temporal.Instant,
): Promise<Discount | null> {
  if (subscription.coupon === null || typeof change.applies === 'string') return null;
  return await discountToCome(ctx, { ...(await bringingOf(ctx, subscription)), terms: later }, change, now);
}

const IN_TIME =
  'it lapses when its time comes unless the customer saves a method before; POST .../onboarding makes the link.';

/** What happens before the change applies. */
function paying({ by, sums, until }: PaidFirst): readonly string[] {
  if (sums.amount === 0n) return [];
  if (by === 'unscheduled')
    return ['It applies once it is paid: the method that was saved for charges outside of the plan is tried at once.'];
  return [
    `It applies once its customer has paid it, and lapses on ${until?.toString()}: POST /v1/charges/{id}/pay-link makes the link, with the charge_id of planned_change.`,
  ];
}

const STANDS_STILL =
  'A pause is planned that moves the calendar, and with it the day: ask for the change with when: period_end, or take the pause back first.';
const SAME = 'The subscription has these terms already. DELETE .../change withdraws a change that is planned.';
const OVER = 'The last period of the subscription runs: no charge follows that could carry what the change costs.';
const WAY_OUT =
  'ask for it with when: period_end, send the customer the link of POST .../onboarding, and the method that they save there is good for both.';

function isSame({ terms, before }: NewTerms): boolean {
  return (
    terms.plan === before.plan &&
    terms.unitAmount === before.unitAmount &&
    terms.quantity === before.quantity &&
    terms.intervalCount === before.intervalCount &&
    terms.intervalUnit === before.intervalUnit &&
    terms.timeZone === before.timeZone &&
    terms.chargeAt === before.chargeAt &&
    terms.anchor.equals(before.anchor) &&
    terms.coupon?.code === before.coupon?.code
  );
}

/** No cycle is bought after the one that runs, nor follows in the place of one that nobody paid. */
function isOver({ terms }: NewTerms, subscription: SubscriptionRow, unpaid: number): boolean {
  const { over } = placeOf({ ...subscription, cancelsAtPeriodEnd: false }, [{ ...terms, number: 1 }], unpaid);
  return over !== null && over <= terms.fromCycle;
}

function upper(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
