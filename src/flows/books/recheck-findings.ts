import type { AccountContext, Context } from '../../context.ts';
import { askedAgain, type FindingKind } from '../../domain/books/finding.ts';
import type { Verdict } from '../../domain/books/reconciliation.ts';
import { closeFindings, closeLinked, takeFindings } from '../../infra/tables/books/findings.ts';
import { attemptsByReference } from '../../infra/tables/charges/attempts.ts';
import type { FindingRow } from '../../infra/tables/schema/change-columns.ts';
import { lookUp } from '../charges/look-up.ts';
import { ofSubscription } from '../control/of-account.ts';
import { type Comparison, newComparison } from './comparison.ts';
import { matchPayments } from './match-payments.ts';
import { paymentsOf } from './record-surplus.ts';

/** So many are asked about again each time, those first that were asked about longest ago. */
const MOST = 200;

/** Asks again about what was found earlier, however long ago: what no longer holds closes by itself. */
export async function recheckFindings(ctx: Context, comparison: Comparison): Promise<void> {
  const now = await ctx.clock.now();
  await closeLinked(ctx.db, ctx.buckets, now);
  const open = await takeFindings(ctx.db, ctx.buckets, askedAgain, now, MOST);
  const over: FindingRow[] = [];
  for (const finding of open) {
    if (ctx.stopping.aborted) return;
    // What this very comparison has found holds.
    if (!comparison.differing.has(finding.reference) && (await isOver(ctx, finding, comparison))) over.push(finding);
  }
  await closeFindings(ctx.db, ctx.buckets, over, await ctx.clock.now(), 'The books agree now.');
}

async function isOver(given: Context, finding: FindingRow, { tally }: Comparison): Promise<boolean> {
  const ctx = await ofSubscription(given, finding.subscriptionId);
  const payments = await paymentsOf(ctx, finding.reference);
  if (payments === null) {
    tally.unanswered += 1;
    return false;
  }
  const aside = newComparison();
  const [judged] = await matchPayments(ctx, payments, aside);
  tally.settled += aside.tally.settled;
  const says = (kind: Verdict['kind'] | FindingKind) =>
    judged?.verdicts.some((verdict) => verdict.kind === kind) ?? false;
  if (finding.kind !== 'not_at_xendit') return !says(finding.kind);
  return says('matched') || (await isThere(ctx, finding));
}

/** The list may leave out what Xendit still knows by its id. */
async function isThere(ctx: AccountContext, finding: FindingRow): Promise<boolean> {
  const { bucket, reference: referenceId, paymentRequestId } = finding;
  const [attempt] = await attemptsByReference(ctx.db, ctx.buckets, [{ bucket, referenceId }]);
  if (attempt === undefined) return false;
  const found = await lookUp(ctx, attempt, paymentRequestId);
  return found?.kind === 'found' && found.outcome.kind === 'succeeded';
}
