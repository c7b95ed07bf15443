import type { Context } from '../../context.ts';
import { type BookedPayment, daysOf, type Window } from '../../domain/reconciliation.ts';
import { checkCollected } from './check-collected.ts';
import { type Comparison, type Fault, newComparison, type Tally, turnDay } from './comparison.ts';
import { matchPayments } from './match-payments.ts';
import { readBooks } from './read-books.ts';
import { recheckFindings } from './recheck-findings.ts';

/** Payments matched in one statement. */
const GROUP = 500;

export type Compared = { readonly tally: Tally; readonly fault: Fault | null };

export type Watch = {
  /** Called between groups; false: somebody else is at it, so stop. */
  readonly goOn: () => Promise<boolean>;
  readonly progress: (done: { readonly day: number; readonly days: number; readonly read: number }) => void;
};

/**
 * Compares Xendit's books with ours, both ways, day by day, oldest first. Safe to repeat, and beside others: money goes
 * through the one door, and each difference is written down once.
 */
export async function compareBooks(ctx: Context, window: Window, watch: Watch): Promise<Compared> {
  const comparison = newComparison();
  const { tally } = comparison;
  const days = daysOf(window);
  for (const [index, day] of days.entries()) {
    turnDay(comparison);
    const fault = (await readDay(ctx, day, comparison, watch)) ?? (await checkCollected(ctx, day, comparison));
    if (fault !== null) return { tally, fault };
    watch.progress({ day: index + 1, days: days.length, read: tally.read });
  }
  await recheckFindings(ctx, comparison);
  return { tally, fault: null };
}

async function readDay(ctx: Context, day: Window, comparison: Comparison, watch: Watch): Promise<Fault | null> {
  const payments: BookedPayment[] = [];
  for await (const read of readBooks(ctx, day)) {
    if (read.kind === 'fault') return read.fault;
    comparison.tally.unreadable += read.page.unreadable;
    payments.push(...read.page.payments);
    if (payments.length < GROUP && read.page.next !== null) continue;
    if (!(await watch.goOn())) return { kind: 'stopped', text: 'another process took over' };
    await matchPayments(ctx, payments.splice(0), comparison);
  }
  return null;
}
