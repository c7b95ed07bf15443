import pMap from 'p-map';
import type { Context } from '../../context.ts';
import { attemptReference } from '../../domain/attempt.ts';
import type { Outcome } from '../../domain/outcome.ts';
import { errorFacts } from '../../infra/logger.ts';
import { type ChargeBook, postponeCharge } from '../../infra/postgres/charges.ts';
import { isConnectionFault } from '../../infra/postgres/db.ts';
import { chargesToAsk, markAsked } from '../../infra/postgres/lost-attempts.ts';
import { applyEach } from './apply-each.ts';
import { lookUp } from './look-up.ts';
import { mayCharge } from './may-charge.ts';
import { settleAttempts } from './settle-attempts.ts';
import { writeAttempt } from './write-attempt.ts';

const BATCH = 64;
/** Look-ups at once; Xendit's allowance for them is its own (api-facts section 1). */
const AT_ONCE = 16;
/**
 * Absence is believed this long after arming: an attempt that the lost server had acknowledged may just have been on its
 * way, and what Xendit lists lags behind what it does. Longer than any lease.
 */
const BELIEVED_AFTER = { minutes: 5 } as const;
const AGAIN_AFTER = { minutes: 5 } as const;

/**
 * Where rows may have been lost (a promoted standby, a restored backup), the next attempt of a charge may have been made
 * already. Its reference is derived from what is still here, so Xendit is asked about it before it is made; what it knows
 * becomes our attempt and is settled like any other. A state, not a special run: every charge that was due before the
 * database was armed is asked about once, whenever it is about to be tried.
 * @returns whether some of them may be tried now.
 */
export async function askAboutLost(ctx: Context): Promise<boolean> {
  let freed = false;
  const started = await ctx.clock.now();
  while (!ctx.stopping.aborted) {
    const allowed = await mayCharge(ctx);
    if (allowed.kind === 'no' || allowed.permit.askSince === null) return freed;
    const { askSince } = allowed.permit;
    // Those that are put off are due again after `started`: one run asks about each once.
    const books = await chargesToAsk(ctx.db, ctx.buckets, started, BATCH, askSince);
    if (books.length === 0) return freed;
    const now = await ctx.clock.now();
    const absent = await pMap(books, (book) => askSafely(ctx, book, askSince, now), { concurrency: AT_ONCE });
    freed ||= absent.includes(true);
  }
  return freed;
}

/** One that cannot be asked about is put off like one that is not answered, and holds up none of the others. */
async function askSafely(
  ctx: Context,
  book: ChargeBook,
  askSince: Temporal.Instant,
  now: Temporal.Instant,
): Promise<boolean> {
  try {
    return await ask(ctx, book, askSince, now);
  } catch (error) {
    if (isConnectionFault(error)) throw error;
    ctx.log.error('charge cannot be asked about', { charge_id: book.charge.id, ...errorFacts(error) });
    return await putOff(ctx, book, now.add(AGAIN_AFTER), 'an internal error; see the log');
  }
}

/** Whether the charge may be tried. */
async function ask(
  ctx: Context,
  book: ChargeBook,
  askSince: Temporal.Instant,
  now: Temporal.Instant,
): Promise<boolean> {
  const { charge, subscription } = book;
  const { amount, currency } = charge;
  const referenceId = attemptReference(subscription.id, charge.cycle, charge.attempts + 1);
  const found = await lookUp(ctx, { referenceId, amount, currency }, null);
  // The process is told to stop: another one asks.
  if (found === null) return false;
  const believed = askSince.add(BELIEVED_AFTER);
  switch (found.kind) {
    case 'found':
      return await adopt(ctx, book, found.outcome, now);
    case 'unanswered':
      return await putOff(ctx, book, now.add(AGAIN_AFTER), `the look-up was not answered: ${found.detail}`);
    case 'absent':
      if (Temporal.Instant.compare(now, believed) < 0)
        return await putOff(ctx, book, believed, 'Xendit does not show one yet');
      return await markAsked(ctx.db, charge, now);
  }
}

async function putOff(ctx: Context, { charge }: ChargeBook, at: Temporal.Instant, detail: string): Promise<false> {
  const note = `Rows may have been lost: Xendit is asked whether this attempt was made already (${detail}).`;
  await postponeCharge(ctx.db, charge, { nextAttemptAt: at, waitsUntil: null, note });
  return false;
}

/** The attempt that Xendit knows becomes ours: first its row, then its outcome through the door of all outcomes. */
async function adopt(ctx: Context, book: ChargeBook, outcome: Outcome, now: Temporal.Instant): Promise<false> {
  const { token } = book;
  if (token === null || token.tokenId === null)
    throw new Error(`Charge ${book.charge.id} has no payment token that can be opened.`);
  const why = 'It was found at Xendit under this reference: its row was lost with the server that had it.';
  const { change, book: sent } = writeAttempt(ctx, book, { ...token, tokenId: token.tokenId }, why, now);
  const { done, broken } = await applyEach(ctx, [change], { leaseSeconds: ctx.lease.seconds });
  if (broken.size > 0) return await putOff(ctx, book, now.add(AGAIN_AFTER), 'its row cannot be written; see the log');
  if (done.size === 0) return false;
  ctx.log.warn('lost attempt found', { reference_id: sent.attempt.referenceId, outcome: outcome.kind });
  await settleAttempts(ctx, [{ attemptId: sent.attempt.id, outcome }], now);
  return false;
}
