import type { Context } from '../../context.ts';
import { canonicalJson } from '../../domain/books/canonical-json.ts';
import type { Entry, EntryKind } from '../../domain/books/ledger.ts';
import { bucketOf } from '../../domain/charges/attempt.ts';
import { noLongerAsked } from '../../domain/charges/charge.ts';
import { paid } from '../../domain/charges/moves.ts';
import { type Covered, coveredBy, evidenceOf } from '../../domain/charges/outside-payment.ts';
import { parseMajor } from '../../domain/money/money.ts';
import { type ChargeDossier, chargeDossier, openChargesOf } from '../../infra/tables/charges/charges.ts';
import { paymentProvenBy } from '../../infra/tables/payments/payments.ts';
import type { ChargeRow } from '../../infra/tables/schema/change-columns.ts';
import type { PaymentRow } from '../../infra/tables/schema/payments/payment-columns.ts';
import { type SubscriptionDossier, subscriptionDossier } from '../../infra/tables/subscriptions/subscriptions.ts';
import { stillAsSeen } from '../change/as-seen.ts';
import { isWaitedFor } from '../change/changing/awaited-change.ts';
import { owingAfter } from '../change/owing-after.ts';
import { type Facts, record, withReason } from '../change/record.ts';
import { isApplied, LOST, tooOften, untilApplied } from '../change/until-applied.ts';
import { chargeRefusal, ON_ITS_WAY } from '../charges/charge-refusal.ts';
import { closedAttempts } from '../charges/closed-attempts.ts';
import { lookedAtAgain } from '../charges/of-cycle-zero/paid-elsewhere.ts';

export type OutsidePayment = {
  /** In major units, as it was written. */
  readonly amount: number;
  readonly currency: string;
  readonly receivedOn: Temporal.PlainDate;
  /** Where it is kept that the money came in. */
  readonly evidence: string;
  readonly reason: string;
  /** The charge that it is for; null: the oldest that is open. */
  readonly chargeId: string | null;
  readonly actor: string;
};

type Fault = { readonly field: string; readonly message: string };

export type PaidOutside =
  | { readonly kind: 'recorded'; readonly charges: readonly ChargeDossier[]; readonly payment: PaymentRow }
  | { readonly kind: 'not_found' }
  | { readonly kind: 'refused'; readonly detail: string }
  | { readonly kind: 'invalid'; readonly faults: readonly Fault[] };

/**
 * Writes down that money came in elsewhere. It pays the oldest open charges that it covers, whole; what is left is credit. While an attempt
 * of such a charge is on its way nothing is written: it may collect the same money a second time.
 */
export async function payOutside(ctx: Context, id: string, written: OutsidePayment): Promise<PaidOutside> {
  const input = { ...written, evidence: evidenceOf(written.evidence) };
  const answer = await untilApplied<PaidOutside>(
    async () => {
      const now = await ctx.clock.now();
      const dossier = await subscriptionDossier(ctx.db, bucketOf(id), id);
      if (dossier === null) return { kind: 'not_found' };
      stillAsSeen(ctx, dossier.subscription);
      const faults = faultsOf(input, dossier, now);
      if (faults.length > 0) return { kind: 'invalid', faults };
      const known = await paymentProvenBy(ctx.db, dossier.subscription, input.evidence);
      if (known !== null) return refused(`This evidence was written down before, as payment ${known.id}.`);
      const found = await chargesFor(ctx, dossier, input.chargeId);
      if ('kind' in found) return found;
      const { payment, covered, change } = await recorded(ctx, { dossier, input, charges: found.charges }, now);
      if (!(await isApplied(ctx, change))) return LOST;
      const charges = await Promise.all(covered.paid.map((one) => chargeDossier(ctx.db, one.bucket, one.id)));
      return { kind: 'recorded', payment, charges: charges.filter((one) => one !== null) };
    },
    tooOften(`Subscription ${id}`),
  );
  if (answer.kind === 'recorded') ctx.wake();
  return answer;
}

function refused(detail: string): PaidOutside & { readonly kind: 'refused' } {
  return { kind: 'refused', detail };
}

function faultsOf(input: OutsidePayment, { subscription }: SubscriptionDossier, now: Temporal.Instant): Fault[] {
  const { currency, timeZone } = subscription;
  const amount = parseMajor(String(input.amount), currency);
  const today = now.toZonedDateTimeISO(timeZone).toPlainDate();
  return [
    ...(input.currency === currency ? [] : [{ field: 'currency', message: `must be ${currency}` }]),
    ...('fault' in amount ? [{ field: 'amount', message: amount.fault }] : []),
    ...(input.evidence === '' ? [{ field: 'evidence', message: 'must say where it is kept' }] : []),
    ...('minor' in amount && amount.minor <= 0n ? [{ field: 'amount', message: 'must be more than 0' }] : []),
    ...(Temporal.PlainDate.compare(input.receivedOn, today) > 0
      ? [{ field: 'received_on', message: `must not be after today, ${today.toString()}` }]
      : []),
  ];
}

type Found = { readonly charges: readonly ChargeRow[] };

/** The charges that the money may pay, oldest first. */
async function chargesFor(
  ctx: Context,
  { subscription }: SubscriptionDossier,
  chargeId: string | null,
): Promise<Found | Extract<PaidOutside, { kind: 'refused' | 'not_found' | 'invalid' }>> {
  if (chargeId === null) return await openOnes(ctx, subscription.id);
  const named = await chargeDossier(ctx.db, bucketOf(chargeId), chargeId);
  if (named?.subscription.id !== subscription.id)
    return { kind: 'invalid', faults: [{ field: 'charge_id', message: 'is no charge of this subscription' }] };
  const why = await chargeRefusal(ctx, 'pay', named);
  return why === null ? { charges: [named.charge] } : refused(why);
}

async function openOnes(ctx: Context, subscriptionId: string): Promise<Found | ReturnType<typeof refused>> {
  const open = (await openChargesOf(ctx.db, subscriptionId)).toSorted((a, b) =>
    Temporal.Instant.compare(a.dueAt, b.dueAt),
  );
  if (open.some(({ status }) => status === 'attempting')) return refused(ON_ITS_WAY);
  const waitedFor = await Promise.all(open.map((charge) => isWaitedFor(ctx, charge)));
  return { charges: open.filter((_charge, index) => waitedFor[index] !== true) };
}

type ToRecord = {
  readonly dossier: SubscriptionDossier;
  readonly input: OutsidePayment;
  readonly charges: readonly ChargeRow[];
};

async function recorded(ctx: Context, { dossier, input, charges }: ToRecord, now: Temporal.Instant) {
  const { subscription, customer } = dossier;
  const { bucket, currency } = subscription;
  const read = parseMajor(String(input.amount), currency);
  if ('fault' in read) throw new Error('An amount that was read before cannot be read.');
  const covered = coveredBy(charges, read.minor, subscription.credit);
  const { receivedOn, evidence, reason, actor } = input;
  const payment: PaymentRow = {
    bucket,
    id: ctx.newId(bucket),
    customerId: subscription.customerId,
    account: subscription.account,
    subscriptionId: subscription.id,
    amount: read.minor,
    currency,
    credited: covered.credited,
    receivedOn,
    evidence,
    reason,
    actor,
    recordedAt: now,
  };
  const after = covered.paid.map((charge) => ({
    ...paid(charge, `paid outside: ${evidence}`, now),
    byHand: noLongerAsked(charge.byHand),
  }));
  const attempts = (await Promise.all(covered.paid.map((charge) => closedAttempts(ctx, charge, now)))).flat();
  const left = subscription.inDunning - covered.paid.filter(({ inDunning }) => inDunning).length;
  const owing = await owingAfter(ctx, subscription, left, after, now);
  const entries = entriesOf(ctx, { subscription, customer }, payment, covered, owing.status);
  const change = {
    seen: subscription,
    subscription: { ...owing, credit: subscription.credit + covered.credited },
    charges: after,
    attempts,
    onboardings: await lookedAtAgain(ctx, subscription, covered.paid, now),
    payments: [payment],
    entries,
  };
  return { payment, covered, change };
}

/** One for the money, with what of it is credit, and one for each charge that it pays: together they come to the payment. */
function entriesOf(
  ctx: Context,
  { subscription, customer }: Pick<SubscriptionDossier, 'subscription' | 'customer'>,
  payment: PaymentRow,
  { paid: charges, credited }: Covered<ChargeRow>,
  status: string,
): readonly Entry[] {
  const { id, amount, evidence, receivedOn, reason, actor } = payment;
  const detail = canonicalJson({ via: 'outside', payment: id, evidence, received_on: receivedOn.toString() });
  const why = withReason(`paid outside, on ${receivedOn.toString()}, as ${evidence} shows`, reason);
  const write = (kind: EntryKind, facts: Facts, charge?: ChargeRow) =>
    record(
      ctx.newId(payment.bucket),
      payment.recordedAt,
      kind,
      { subscription, customer, ...(charge !== undefined && { charge }) },
      { why, actor, ...facts },
    );
  return [
    write('payment.received', { amount, money: credited, detail, ...(credited !== 0n && { credit: credited }) }),
    ...charges.map((charge) => write('charge.paid', { money: charge.amount, detail }, charge)),
    ...(status === subscription.status ? [] : [write(`subscription.${status}`, {})]),
  ];
}
