import pMap from 'p-map';
import type { Context } from '../../context.ts';
import { localDate } from '../../domain/cycle.ts';
import { coversDate } from '../../domain/mandate.ts';
import { isInDoubt, madeNothing, type Outcome, type OutcomeKind } from '../../domain/outcome.ts';
import { isChargeable, type SubscriptionStatus } from '../../domain/subscription.ts';
import type { LookUp } from '../../infra/gateway/gateway.ts';
import { errorFacts } from '../../infra/logger.ts';
import { type AttemptBook, attemptBooks, takeForRescue } from '../../infra/postgres/attempts.ts';
import { isConnectionFault } from '../../infra/postgres/db.ts';
import { reserve } from '../../infra/postgres/pace.ts';
import { firstKnown, NEVER_TAKEN } from './ask-about-lost.ts';
import { type Answered, requestOf } from './attempt-charges.ts';
import { lookUp } from './look-up.ts';
import { mayCharge } from './may-charge.ts';
import { mandateOf } from './request-for.ts';
import { settleAttempts } from './settle-attempts.ts';

const BATCH = 64;
/** Look-ups at once; Xendit's allowance for them is its own (api-facts section 1). */
const AT_ONCE = 16;
/** Xendit may still be at work on the first one: a card request is repeated only after this long. */
const RESEND_AFTER_SECONDS = 300;
/** What is left of the day must do to hear of the repetition: after 24 hours a person decides, and nobody asks any more. */
const RESEND_UNTIL_SECONDS = 23 * 3_600;

/** Asks about attempts whose outcome nobody knows; never guesses, and never sends a new one (invariants 4 and 5). */
export async function rescueAttempts(ctx: Context): Promise<void> {
  while (!ctx.stopping.aborted) {
    const now = await ctx.clock.now();
    const ids = await takeForRescue(ctx.db, ctx.buckets, now, BATCH, ctx.lease.seconds);
    if (ids.length === 0) return;
    ctx.failpoint?.('after-rescue-claim');
    const books = await attemptBooks(ctx.db, ids);
    tellLost(ctx, ids, books);
    const answers = await pMap(books, (book) => askSafely(ctx, book), { concurrency: AT_ONCE });
    const answered = answers.filter((answer) => answer !== null);
    await settleAttempts(ctx, answered, now);
    ctx.failpoint?.('after-rescue');
  }
}

/** An attempt whose charge, token or customer is gone cannot be settled; it comes back with the next lease. */
function tellLost(ctx: Context, ids: readonly string[], books: readonly AttemptBook[]): void {
  const whole = new Set(books.map((book) => book.attempt.id));
  for (const id of ids) {
    if (!whole.has(id))
      ctx.log.error('attempt cannot be worked with: rows that it belongs to are gone', { attempt: id });
  }
}

/** A bug while asking about one leaves that one unknown, and holds up none of the others. */
async function askSafely(ctx: Context, book: AttemptBook): Promise<Answered | null> {
  try {
    return await ask(ctx, book);
  } catch (error) {
    if (isConnectionFault(error)) throw error;
    ctx.log.error('look-up broke', { reference_id: book.attempt.referenceId, ...errorFacts(error) });
    return { attemptId: book.attempt.id, outcome: stillUnknown(book, 'an internal error; see the log') };
  }
}

/** Null when the process is told to stop: another one asks when the lease is over. */
async function ask(ctx: Context, book: AttemptBook): Promise<Answered | null> {
  const { attempt } = book;
  ctx.failpoint?.('before-look-up');
  const found = await lookUp(ctx, attempt, attempt.paymentRequestId);
  ctx.failpoint?.('after-look-up');
  if (found === null) return null;
  switch (found.kind) {
    case 'found':
      return { attemptId: attempt.id, outcome: found.outcome };
    case 'unanswered':
      return { attemptId: attempt.id, outcome: stillUnknown(book, `the look-up was not answered: ${found.detail}`) };
    case 'absent':
      return {
        attemptId: attempt.id,
        outcome: (await resend(ctx, book)) ?? stillUnknown(book, 'Xendit does not show it yet'),
      };
  }
}

/** What was pending stays pending: a look-up that finds nothing does not take back what Xendit once said. */
function stillUnknown({ attempt }: AttemptBook, detail: string): Outcome {
  const { paymentRequestId, paymentId } = attempt;
  if (attempt.outcome === 'pending') return { kind: 'pending', paymentRequestId, paymentId };
  return { kind: 'unknown', detail, paymentRequestId };
}

/**
 * The same card request once more: Xendit refuses a second one with the same reference (409), so either it charges now
 * for the first time or it says that it knows it. Cards only; for other channels nothing stops a second charge.
 */
async function resend(ctx: Context, book: AttemptBook): Promise<Outcome | null> {
  const { attempt, token } = book;
  if (token?.channelCode !== 'CARDS' || attempt.paymentRequestId !== null) return null;
  if (!isOfAge(attempt, await ctx.clock.now())) return null;
  const allowed = await mayCharge(ctx);
  if (allowed.kind === 'no') return null;
  const body = requestOf(book);
  if (body === null) {
    ctx.log.error('request cannot be repeated: its payment token does not open', { reference_id: attempt.referenceId });
    return null;
  }
  const later = await laterOne(ctx, book, allowed.permit.askSince);
  if (later !== 'absent') return later === 'found' ? NEVER_TAKEN : null;
  const permits = await reserve(ctx.db, 'payment_requests', ctx.requestsPerMinute, 1);
  if (permits.granted === 0 || !(await isStillWanted(ctx, book))) return null;
  const outcome = await ctx.gateway.pay(body, attempt.referenceId);
  // About the repetition alone: the first time may have charged.
  return madeNothing(outcome) ? null : outcome;
}

function isOfAge({ sentAt }: AttemptBook['attempt'], now: Temporal.Instant): boolean {
  const age = now.since(sentAt).total('seconds');
  return age >= RESEND_AFTER_SECONDS && age < RESEND_UNTIL_SECONDS;
}

/**
 * Where rows may have been lost, later attempts of the charge may have been made already: only after this one had ended, so
 * if Xendit knows such a one, it never took this one.
 */
async function laterOne(
  ctx: Context,
  book: AttemptBook,
  askSince: Temporal.Instant | null,
): Promise<LookUp['kind'] | null> {
  if (askSince === null || Temporal.Instant.compare(book.charge.dueAt, askSince) > 0) return 'absent';
  return (await firstKnown(ctx, book))?.found.kind ?? null;
}

/**
 * Looked at last, by the clock as it is now, since look-ups may have waited for an hour: what was stopped or settled
 * meanwhile, or whose mandate has ended, is only looked up (invariants 7, 8 and 14). Written down as unknown before it is repeated: whoever sent it first,
 * stood still and comes back knows of the first time only.
 */
async function isStillWanted(ctx: Context, seen: AttemptBook): Promise<boolean> {
  const now = await ctx.clock.now();
  const { id, outcome } = seen.attempt;
  const doubt = stillUnknown(seen, 'its owner fell silent, and the request is repeated');
  if (outcome === null) await settleAttempts(ctx, [{ attemptId: id, outcome: doubt }], now);
  const [book] = await attemptBooks(ctx.db, [id]);
  if (book === undefined || !isInDoubt(book.attempt.outcome as OutcomeKind | null)) return false;
  const { attempt, charge, subscription, token } = book;
  if (charge.status !== 'attempting' || !isChargeable(subscription.status as SubscriptionStatus)) return false;
  const isCovered = token !== null && coversDate(mandateOf(token), localDate(now, subscription.timeZone));
  return isCovered && isOfAge(attempt, now) && (await mayCharge(ctx)).kind === 'yes';
}
