import pMap from 'p-map';
import type { Context } from '../../context.ts';
import { settleCharge } from '../../domain/settlement.ts';
import { attemptsOf } from '../../infra/postgres/attempts.ts';
import { type ChargeBook, postponeCharge } from '../../infra/postgres/charges.ts';
import { record } from '../record.ts';
import { applyEach, decideEach } from './apply-each.ts';
import { closeRequest } from './look-up.ts';
import { windowEndOf } from './policies.ts';
import { settleAttempts } from './settle-attempts.ts';

/** What an attempt ended with whose customer may still authenticate it at Xendit, and so pay. */
const OPEN = 'REQUIRES_ACTION';
const AT_ONCE = 16;
const AGAIN_AFTER = { minutes: 5 } as const;

/**
 * Those of them that may be tried: where an earlier attempt still waits for its customer at Xendit, it is closed there
 * first, since both would collect (api-facts 11.8). If the customer was faster, that attempt is settled, and the charge needs
 * no other; if nobody knows whether it is closed, the charge is put off, and held for a person once its window is over.
 */
export async function withActionsClosed(
  ctx: Context,
  due: readonly ChargeBook[],
  now: Temporal.Instant,
): Promise<readonly ChargeBook[]> {
  const waiting = due.filter(({ charge }) => charge.lastFailureCode === OPEN);
  if (waiting.length === 0) return due;
  const kept = new Set<ChargeBook>();
  const close = async (book: ChargeBook): Promise<void> => {
    if (!(await isClosed(ctx, book, now))) kept.add(book);
  };
  await pMap(waiting, close, { concurrency: AT_ONCE });
  return due.filter((book) => !kept.has(book));
}

async function isClosed(ctx: Context, book: ChargeBook, now: Temporal.Instant): Promise<boolean> {
  const { charge } = book;
  const attempts = await attemptsOf(ctx.db, charge.bucket, charge.id);
  const open = attempts.findLast(({ failureCode }) => failureCode === OPEN);
  if (open === undefined) return true;
  const found = await closeRequest(ctx, open);
  if (found.kind === 'absent') return true;
  if (found.kind === 'found' && found.outcome.kind === 'declined' && found.outcome.code !== OPEN) return true;
  if (found.kind === 'found' && found.outcome.kind === 'succeeded') {
    await settleAttempts(ctx, [{ attemptId: open.id, outcome: found.outcome }], now);
    return false;
  }
  const why = found.kind === 'found' ? 'it is open there' : `Xendit did not answer: ${found.detail}`;
  const note = `Attempt ${open.number} may still be paid by its customer, and could not be closed at Xendit yet (${why}).`;
  ctx.log.warn('attempt could not be closed', { charge_id: charge.id, attempt: open.number, why });
  if (!(await isHeld(ctx, book, note, now)))
    await postponeCharge(ctx.db, charge, { nextAttemptAt: now.add(AGAIN_AFTER), waitsUntil: null, note });
  return false;
}

/**
 * What cannot be closed until the window is over is nothing to wait for: without a person the charge would stay due for
 * ever. False before that, and for one whose window cannot be told or that lost a race.
 */
async function isHeld(ctx: Context, book: ChargeBook, text: string, now: Temporal.Instant): Promise<boolean> {
  const { charge, subscription } = book;
  const { decided } = await decideEach(ctx, [book], async () => await windowEndOf(ctx, book, now));
  if (!decided.some((end) => Temporal.Instant.compare(now, end) >= 0)) return false;
  const { catalogVersion } = charge;
  const why = { class: null, rule: 'action_not_closed', text, counted: {}, catalogVersion } as const;
  const charges = [settleCharge(charge, { kind: 'hold', reason: 'unknown_outcome', why }, now)];
  const entries = [record(ctx.newId(charge.bucket), now, 'charge.held', book, { why: text })];
  const { done } = await applyEach(ctx, [{ seen: subscription, charges, entries }]);
  const way_out = 'close it at Xendit, then release the charge (dueday charges release), or void it';
  if (done.size > 0) ctx.log.warn('charge held for a person', { charge_id: charge.id, why: text, way_out });
  return done.size > 0;
}
