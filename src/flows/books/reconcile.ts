import type { Context } from '../../context.ts';
import {
  type AskedRange,
  earlierOf,
  type LeftOut,
  laterOf,
  leftOut,
  readableUntil,
  type Window,
  windowOf,
} from '../../domain/books/reconciliation.ts';
import { majorNumber } from '../../domain/money/money.ts';
import { openFindings } from '../../infra/tables/books/findings.ts';
import { collectedIn } from '../../infra/tables/books/ledger.ts';
import type { FindingRow } from '../../infra/tables/schema/change-columns.ts';
import { ofAccount } from '../control/of-account.ts';
import { compareBooks, type Watch } from './compare-books.ts';
import type { Fault, Tally } from './comparison.ts';

/** Shown at once; more than anybody reads. */
const MOST_SHOWN = 1_000;

export type FindingView = {
  readonly kind: string;
  readonly reference: string;
  readonly subscription_id: string;
  readonly charge_id: string | null;
  readonly found_at: string;
  /** In major units, as Xendit would be asked to give it back. */
  readonly proposed_refund: {
    readonly amount: number;
    readonly currency: string;
    readonly payment_id: string | null;
    readonly payment_request_id: string | null;
  } | null;
  readonly why: string;
};

/** A part of what was asked for that was not compared, and what our books have collected in it. */
export type NotCompared = {
  readonly from: string;
  readonly until: string;
  readonly payments: number;
  readonly why: LeftOut['why'];
};

export type Reconciled = {
  readonly from: string;
  readonly until: string;
  readonly not_compared: readonly NotCompared[];
  readonly tally: Tally;
  readonly fault: Fault | null;
  /** All that stands open, whenever it was found. */
  readonly open: readonly FindingView[];
};

/**
 * Compares the books of an account by hand, beside a daemon that runs or not. Without a range the last days. What is too young for Xendit's books
 * is left out, and what a sandbox has forgotten, and both are said of a range that was asked for. Null: no account of Xendit's is
 * within reach.
 */
export async function reconcile(
  ctx: Context,
  account: string,
  range: AskedRange,
  progress: Watch['progress'],
): Promise<Reconciled | null> {
  if (ctx.xenditBooks === null) return null;
  const now = await ctx.clock.now();
  const window = clipped(range, now, ctx.xenditBooks.since);
  const watch = { goOn: async () => true, progress };
  const { tally, fault } = await compareBooks(ofAccount(ctx, account), window, watch);
  const open = await openFindings(ctx.db, ctx.buckets, null, MOST_SHOWN);
  return {
    from: window.from.toString(),
    until: window.until.toString(),
    not_compared: await Promise.all(leftOut(range, window, now).map((part) => notCompared(ctx, part))),
    tally,
    fault,
    open: open.map(viewOf),
  };
}

async function notCompared(ctx: Context, { from, until, why }: LeftOut): Promise<NotCompared> {
  const payments = await collectedIn(ctx.db, ctx.buckets, { from, until });
  return { from: from.toString(), until: until.toString(), payments, why };
}

function clipped(range: AskedRange, now: Temporal.Instant, since: Temporal.Instant | null): Window {
  const readable = readableUntil(now);
  const usual = windowOf(now, null, since) ?? { from: readable, until: readable };
  const until = range.until === null ? readable : earlierOf(range.until, readable);
  const from = range.from === null ? usual.from : laterOf(range.from, since ?? range.from);
  return { from: earlierOf(from, until), until };
}

function viewOf(finding: FindingRow): FindingView {
  const { amount, currency, paymentId, paymentRequestId } = finding;
  const refund =
    amount === null || currency === null
      ? null
      : {
          amount: majorNumber({ minor: amount, currency: currency }),
          currency,
          payment_id: paymentId,
          payment_request_id: paymentRequestId,
        };
  return {
    kind: finding.kind,
    reference: finding.reference,
    subscription_id: finding.subscriptionId,
    charge_id: finding.chargeId,
    found_at: finding.foundAt.toString(),
    proposed_refund: refund,
    why: finding.why,
  };
}
