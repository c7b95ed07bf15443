import pMap from 'p-map';
import type { Context } from '../../context.ts';
import { errorFacts } from '../../infra/logger.ts';
import { type AttemptBook, takeForRescue } from '../../infra/postgres/attempts.ts';
import { isConnectionFault } from '../../infra/postgres/db.ts';
import type { Answered } from './attempt-charges.ts';
import { booksOfAttempts } from './histories.ts';
import { lookUp } from './look-up.ts';
import { repeatRequest, stillUnknown } from './repeat-request.ts';
import { settleAttempts } from './settle-attempts.ts';

const BATCH = 64;
/** Look-ups at once; Xendit's allowance for them is its own (api-facts section 1). */
const AT_ONCE = 16;

/** Asks about attempts whose outcome nobody knows; never guesses, and never sends a new one (invariants 4 and 5). */
export async function rescueAttempts(ctx: Context): Promise<void> {
  while (!ctx.stopping.aborted) {
    const now = await ctx.clock.now();
    const ids = await takeForRescue(ctx.db, ctx.buckets, now, BATCH, ctx.lease.seconds);
    if (ids.length === 0) return;
    ctx.failpoint?.('after-rescue-claim');
    const books = await booksOfAttempts(ctx, ids, now);
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
        outcome: (await repeatRequest(ctx, book)) ?? stillUnknown(book, 'Xendit does not show it yet'),
      };
  }
}
