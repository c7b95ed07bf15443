import type { AccountContext } from '../../context.ts';
import { type BookedPayment, partsOf, type Window } from '../../domain/books/reconciliation.ts';
import { checkCollected } from './check-collected.ts';
import { type Comparison, type Fault, newComparison, type Tally, turnPart } from './comparison.ts';
import { matchDisputes } from './match-disputes.ts';
import { matchPayments } from './match-payments.ts';
import { matchRefunds } from './match-refunds.ts';
import { type Read, readBooks } from './read-books.ts';
import { recheckFindings } from './recheck-findings.ts';

/** Payments matched in one statement. */
const GROUP = 500;

export type Compared = { readonly tally: Tally; readonly fault: Fault | null };

export type Watch = {
  /** Called between groups; false: somebody else is at it, so stop. */
  readonly goOn: () => Promise<boolean>;
  readonly progress: (done: { readonly part: number; readonly parts: number; readonly read: number }) => void;
};

/**
 * Compares Xendit's books of an account with ours, both ways, part by part, oldest first. Safe to repeat, and beside others: money goes
 * through the one door, and each difference is written down once.
 */
export async function compareBooks(ctx: AccountContext, window: Window, watch: Watch): Promise<Compared> {
  const comparison = newComparison();
  const { tally } = comparison;
  const { parts, whole, fault: unread } = await partsFor(ctx, window);
  if (unread !== null) return { tally, fault: unread };
  for (const [index, part] of parts.entries()) {
    turnPart(comparison);
    const fault =
      (await readPart(ctx, whole ?? readBooks(ctx, part), comparison, watch)) ??
      (await checkCollected(ctx, part, comparison)) ??
      (await matchRefunds(ctx, part, comparison));
    if (fault !== null) return { tally, fault };
    watch.progress({ part: index + 1, parts: parts.length, read: tally.read });
  }
  const fault = await matchDisputes(ctx, window.until, comparison);
  if (fault !== null) return { tally, fault };
  await recheckFindings(ctx, comparison);
  return { tally, fault: null };
}

type Parts = {
  readonly parts: readonly Window[];
  /** All of the window, where one page holds it: it is not asked for again. */
  readonly whole: readonly Read[] | null;
  readonly fault: Fault | null;
};

/** What fits one page is read at once; more is read in parts, so that memory holds two of them at most. */
async function partsFor(ctx: AccountContext, window: Window): Promise<Parts> {
  for await (const read of readBooks(ctx, window)) {
    if (read.kind === 'fault') return { parts: [], whole: null, fault: read.fault };
    if (read.page.next === null) return { parts: [window], whole: [read], fault: null };
    break;
  }
  return { parts: partsOf(window), whole: null, fault: null };
}

async function readPart(
  ctx: AccountContext,
  reads: AsyncIterable<Read> | Iterable<Read>,
  comparison: Comparison,
  watch: Watch,
): Promise<Fault | null> {
  const payments: BookedPayment[] = [];
  for await (const read of reads) {
    if (read.kind === 'fault') return read.fault;
    comparison.tally.unreadable += read.page.unreadable;
    payments.push(...read.page.payments);
    if (payments.length < GROUP && read.page.next !== null) continue;
    if (!(await watch.goOn())) return { kind: 'stopped', text: 'another process took over' };
    await matchPayments(ctx, payments.splice(0), comparison);
  }
  return null;
}
