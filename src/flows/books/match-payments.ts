import type { AccountContext } from '../../context.ts';
import type { Finding } from '../../domain/books/finding.ts';
import { type BookedPayment, judge } from '../../domain/books/reconciliation.ts';
import { attemptNamed, bucketOf, readReference } from '../../domain/charges/attempt.ts';
import { kindsUnder } from '../../infra/tables/books/findings.ts';
import { attemptsByReference } from '../../infra/tables/charges/attempts.ts';
import { chargesNamed } from '../../infra/tables/charges/charges.ts';
import { settleAttempts } from '../due-date/settle-attempts.ts';
import type { Comparison, Tally } from './comparison.ts';
import { type Judged, knownAttempt } from './judged.ts';
import { recordSurplus } from './record-surplus.ts';
import { writeDown } from './write-down.ts';

/**
 * Matches some hundred payments of Xendit's with our attempts. What we did not know to be collected goes through the
 * one door; what cannot be settled is written down. Payments of others are counted only.
 */
export async function matchPayments(
  ctx: AccountContext,
  payments: readonly BookedPayment[],
  comparison: Comparison,
): Promise<readonly Judged[]> {
  const { tally, collected } = comparison;
  const ours = payments.filter((payment) => readReference(payment.referenceId) !== null);
  tally.read += payments.length;
  tally.foreign += payments.length - ours.length;
  const judged = await judgeAll(
    ctx,
    Map.groupBy(ours, ({ referenceId }) => attemptNamed(referenceId)?.referenceId ?? referenceId),
  );
  for (const { referenceId, verdicts } of judged) {
    if (verdicts.length === 0) tally.uncollected += 1;
    if (verdicts.some(({ kind }) => kind === 'matched' || kind === 'news')) collected.add(referenceId);
    if (verdicts.some(({ kind }) => kind === 'matched')) tally.matched += 1;
  }
  await settleNews(ctx, judged, tally);
  await recordSurplus(
    ctx,
    judged.filter(({ verdicts }) => verdicts.some(({ kind }) => kind === 'ask_again')),
    comparison,
  );
  await writeDown(ctx, [...mismatches(judged), ...(await unrecorded(ctx, judged))], comparison);
  return judged;
}

async function judgeAll(
  ctx: AccountContext,
  groups: ReadonlyMap<string, readonly BookedPayment[]>,
): Promise<readonly Judged[]> {
  const named = [...groups.keys()].map((referenceId) => {
    const subscriptionId = readReference(referenceId)?.subscriptionId ?? '';
    return { referenceId, subscriptionId, bucket: bucketOf(subscriptionId) };
  });
  const rows = await attemptsByReference(ctx.db, ctx.buckets, named);
  // An attempt of another account is none of this one's: the payment is told to a person, and settles nothing.
  const known = new Map(
    rows.filter(({ account }) => account === ctx.account).map((row) => [row.referenceId, knownAttempt(row)]),
  );
  return named.map(({ referenceId, subscriptionId }) => {
    const attempt = known.get(referenceId) ?? null;
    const payments = groups.get(referenceId) ?? [];
    return { referenceId, subscriptionId, attempt, payments, verdicts: judge(payments, attempt) };
  });
}

/** Xendit's own books say so: no webhook, id or age has to agree any more. What the door proposes to give back is counted. */
async function settleNews(ctx: AccountContext, judged: readonly Judged[], tally: Tally): Promise<void> {
  const news = judged.flatMap(({ attempt, referenceId, subscriptionId, verdicts }) =>
    verdicts.flatMap((verdict) => {
      if (verdict.kind !== 'news' || attempt === null) return [];
      const { paymentId, paymentRequestId } = verdict.payment;
      const answered = { attemptId: attempt.id, outcome: { kind: 'succeeded', paymentId, paymentRequestId } as const };
      return [{ answered, referenceId, bucket: bucketOf(subscriptionId) }];
    }),
  );
  if (news.length === 0) return;
  await settleAttempts(
    ctx,
    news.map(({ answered }) => answered),
    await ctx.clock.now(),
  );
  // What could not be settled was told of, and stays open for the next time.
  const after = await attemptsByReference(ctx.db, ctx.buckets, news);
  tally.settled += after.filter(({ outcome }) => outcome === 'succeeded').length;
  for (const kind of await kindsUnder(ctx.db, ctx.buckets, news)) tally.found[kind] += 1;
}

function mismatches(judged: readonly Judged[]): readonly Finding[] {
  return judged.flatMap(({ attempt, subscriptionId, verdicts }) =>
    verdicts.flatMap((verdict) => {
      if (verdict.kind !== 'amount_mismatch' || attempt === null) return [];
      const { payment } = verdict;
      const ours = `${attempt.amount.minor} minor units of ${attempt.amount.currency}`;
      const why = `Xendit collected ${payment.written}, the attempt was for ${ours}: a person decides.`;
      const about = { reference: payment.referenceId, subscriptionId, chargeId: attempt.chargeId, refund: null, why };
      return [{ kind: 'amount_mismatch', ...about, ...idsOf(payment), closedWhy: null } as const];
    }),
  );
}

/** The reference of a session to save in, or of a refund, names no charge. */
const NO_PLACE = { cycle: null, extra: null } as const;

/** Their cycle is not owed. */
const DECIDED: ReadonlySet<string> = new Set(['paid', 'void', 'refunded', 'partially_refunded']);

/** Money under a reference of ours that no attempt has: a row that a failover or a restored backup lost. */
async function unrecorded(ctx: AccountContext, judged: readonly Judged[]): Promise<readonly Finding[]> {
  const strange = judged.flatMap(({ subscriptionId, verdicts }) =>
    verdicts.flatMap((verdict) => {
      if (verdict.kind !== 'unrecorded_payment') return [];
      const { referenceId } = verdict.payment;
      const { cycle, extra } = attemptNamed(referenceId) ?? NO_PLACE;
      const bucket = bucketOf(subscriptionId);
      return [{ referenceId, subscriptionId, cycle, extra, bucket, payment: verdict.payment }];
    }),
  );
  const rows = new Map((await chargesNamed(ctx.db, ctx.buckets, strange)).map((row) => [row.referenceId, row]));
  return strange.map(({ referenceId, subscriptionId, payment }) => {
    const cycle = rows.get(referenceId);
    const closed = cycle?.status != null && DECIDED.has(cycle.status);
    const known =
      cycle === undefined ? 'we have no such subscription' : `its charge is ${cycle.status ?? 'not opened'}`;
    const way = closed
      ? 'the cycle is not owed: give it back.'
      : 'rows were lost, or somebody else uses our references; the cycle may be charged again until a person decides.';
    return {
      kind: 'unrecorded_payment',
      reference: referenceId,
      subscriptionId,
      chargeId: cycle?.chargeId ?? null,
      refund: closed ? payment.amount : null,
      ...idsOf(payment),
      why: `Xendit collected ${payment.written} under a reference of ours that no attempt has; ${known}: ${way}`,
      closedWhy: null,
    };
  });
}

function idsOf({ paymentId, paymentRequestId }: BookedPayment) {
  return { paymentId, paymentRequestId };
}
