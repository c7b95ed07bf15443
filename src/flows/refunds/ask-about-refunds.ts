import pMap from 'p-map';
import type { Context } from '../../context.ts';
import { isLongLost, MOST_QUESTIONS, nextQuestion, nextSearch, SENDING } from '../../domain/refunds/looks.ts';
import { lost, taken } from '../../domain/refunds/moves.ts';
import { isConnectionFault } from '../../infra/database/db.ts';
import { errorFacts } from '../../infra/logger.ts';
import { writeFindings } from '../../infra/tables/books/findings.ts';
import { keepRefund, refundsDue, takeRefund } from '../../infra/tables/refunds/refunds.ts';
import type { RefundRow } from '../../infra/tables/schema/refunds/refund-columns.ts';
import { findingRow } from '../change/findings/proposed-refunds.ts';
import { searchRefund } from './search-refund.ts';
import { tellOfPending } from './tell-of-pending.ts';

const BATCH = 64;
const AT_ONCE = 4;

/** Asks about refunds that Xendit has taken and not ended, and looks for those of which nobody knows whether Xendit heard of them. */
export async function askAboutRefunds(ctx: Context): Promise<void> {
  while (!ctx.stopping.aborted) {
    const now = await ctx.clock.now();
    const due = await refundsDue(ctx.db, ctx.buckets, ['sent', 'unknown', 'pending'], now, BATCH);
    await pMap(due, (refund) => askSafely(ctx, refund, now), { concurrency: AT_ONCE });
    if (due.length < BATCH) return;
  }
}

async function askSafely(ctx: Context, refund: RefundRow, now: Temporal.Instant): Promise<void> {
  const until = now.add(SENDING);
  if (!(await takeRefund(ctx.db, refund, until))) return;
  try {
    await askAbout(ctx, { ...refund, nextAt: until }, now);
  } catch (error) {
    if (isConnectionFault(error)) throw error;
    ctx.log.error('refund cannot be asked about', { refund: refund.id, ...errorFacts(error) });
  }
}

async function askAbout(ctx: Context, refund: RefundRow, now: Temporal.Instant): Promise<void> {
  ctx.failpoint?.('before-refund-look');
  const found = await searchRefund(ctx, refund);
  if (found.kind === 'found' || found.kind === 'stopped') return;
  const why = found.kind === 'silent' ? `Xendit does not say: ${found.detail}` : 'Xendit does not show it.';
  if (refund.state === 'pending') return await askLater(ctx, refund, now);
  const sentAt = refund.sentAt ?? refund.askedAt;
  const after = lost(refund, nextSearch(refund.asks, sentAt, now), why);
  if (!(await keepRefund(ctx.db, refund, after)) || !isLongLost(sentAt, now)) return;
  await tellOfLost(ctx, refund, now);
}

async function askLater(ctx: Context, refund: RefundRow, now: Temporal.Instant): Promise<void> {
  const { refundId, fee, asks } = refund;
  if (refundId === null) return;
  const isKept = await keepRefund(ctx.db, refund, taken(refund, { refundId, fee }, nextQuestion(asks + 1, now)));
  if (isKept && asks + 1 === MOST_QUESTIONS) tellOfPending(ctx, refund);
}

/** A person decides: nobody but Xendit's dashboard knows. */
async function tellOfLost(ctx: Context, refund: RefundRow, now: Temporal.Instant): Promise<void> {
  const { subscriptionId, chargeId, referenceId, paymentId, paymentRequestId } = refund;
  const why =
    `Nobody knows whether Xendit heard of refund ${referenceId}: look for it in Xendit's dashboard. Is it there, dueday ` +
    'will find it; is it not, withdraw it, and ask for another.';
  const about = { subscriptionId, chargeId, paymentId, paymentRequestId, why };
  const finding = { kind: 'unknown_refund', reference: referenceId, refund: null, closedWhy: null, ...about } as const;
  const fresh = await writeFindings(ctx.db, [findingRow(finding, now)]);
  if (fresh.length > 0) ctx.log.error('refund is lost from sight', { refund: refund.id, charge_id: chargeId, why });
}
