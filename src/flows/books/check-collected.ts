import pMap from 'p-map';
import type { AccountContext } from '../../context.ts';
import type { Finding } from '../../domain/books/finding.ts';
import type { Window } from '../../domain/books/reconciliation.ts';
import { bucketOf } from '../../domain/charges/attempt.ts';
import type { LookUp } from '../../infra/gateway/gateway.ts';
import { openUnder } from '../../infra/tables/books/findings.ts';
import { type CollectedRow, collectedPage, type LogPosition } from '../../infra/tables/books/ledger.ts';
import { lookUp } from '../charges/look-up.ts';
import type { Comparison, Fault } from './comparison.ts';
import { writeDown } from './write-down.ts';

const PAGE = 1_000;
const AT_ONCE = 8;
/** More than so many at once are no accident of single payments: these are the books of another account. */
const MOST_ASKED = 200;

/**
 * The other way round: what our charge log says was collected in some days and Xendit's list does not show. Each is asked
 * about by itself before it is told: a list that was late, or a payment booked on another day, is no difference.
 */
export async function checkCollected(ctx: AccountContext, part: Window, comparison: Comparison): Promise<Fault | null> {
  let after: LogPosition | null = null;
  for (;;) {
    const rows: readonly CollectedRow[] = await collectedPage(ctx.db, ctx.account, ctx.buckets, part, after, PAGE);
    const unseen = rows.filter((row) => !isSeen(comparison, row.reference_id));
    const fault = await askAbout(ctx, await notFoundBefore(ctx, unseen), comparison);
    const last = rows.at(-1);
    if (fault !== null || last === undefined || rows.length < PAGE) return fault;
    after = { at: last.at, bucket: last.bucket, subscriptionId: last.subscription_id, seq: last.seq };
  }
}

/**
 * What was told of before is asked about with the other findings. Left in, the first two hundred would keep those behind
 * them from ever being asked about, and the sweep from moving on.
 */
async function notFoundBefore(ctx: AccountContext, rows: readonly CollectedRow[]): Promise<readonly CollectedRow[]> {
  const named = rows.map((row) => ({ bucket: bucketOf(row.subscription_id), referenceId: row.reference_id }));
  const before = new Set(await openUnder(ctx.db, ctx.buckets, 'not_at_xendit', named));
  return rows.filter((row) => !before.has(row.reference_id));
}

function isSeen({ collected, before, asked, differing }: Comparison, reference: string): boolean {
  return [collected, before, asked, differing].some((seen) => seen.has(reference));
}

async function askAbout(
  ctx: AccountContext,
  missing: readonly CollectedRow[],
  comparison: Comparison,
): Promise<Fault | null> {
  const once = [...new Map(missing.map((row) => [row.reference_id, row])).values()];
  const left = Math.max(0, MOST_ASKED - comparison.asked.size);
  const answers = await pMap(once.slice(0, left), async (row) => ({ row, answer: await ask(ctx, row, comparison) }), {
    concurrency: AT_ONCE,
  });
  const gone = answers.flatMap(({ row, answer }) => {
    if (answer?.kind === 'unanswered') comparison.tally.unanswered += 1;
    const why = answer === null ? null : differenceOf(answer);
    return why === null ? [] : [findingOf(row, why)];
  });
  await writeDown(ctx, gone, comparison);
  if (ctx.stopping.aborted) return { kind: 'stopped', text: 'the process is shutting down' };
  if (once.length <= left) return null;
  comparison.tally.unanswered += once.length - left;
  const text = `more than ${MOST_ASKED} payments of ours are not in Xendit's books: is XENDIT_SECRET_KEY the key of the account that charged?`;
  return { kind: 'refused', text };
}

async function ask(ctx: AccountContext, row: CollectedRow, { asked }: Comparison): Promise<LookUp | null> {
  asked.add(row.reference_id);
  const attempt = { referenceId: row.reference_id, amount: BigInt(row.money), currency: row.currency };
  return await lookUp(ctx, attempt, row.payment_request_id);
}

/** What Xendit says instead of "collected"; null when it says that, or nothing. */
function differenceOf(answer: LookUp): string | null {
  if (answer.kind === 'unanswered') return null;
  if (answer.kind === 'absent') return 'Xendit knows nothing of it';
  const { outcome } = answer;
  switch (outcome.kind) {
    case 'succeeded':
      return null;
    case 'declined':
      return `Xendit says that it was declined (${outcome.code})`;
    case 'unknown':
      return `Xendit says: ${outcome.detail}`;
    case 'refused':
    case 'pending':
      return `Xendit says that it is ${outcome.kind}`;
  }
}

function findingOf(row: CollectedRow, difference: string): Finding {
  return {
    kind: 'not_at_xendit',
    reference: row.reference_id,
    subscriptionId: row.subscription_id,
    chargeId: row.charge_id,
    refund: null,
    paymentId: row.payment_id,
    paymentRequestId: row.payment_request_id,
    why: `Our books say that this attempt collected; ${difference}: a person decides.`,
    closedWhy: null,
  };
}
