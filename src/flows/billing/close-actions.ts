import pMap from 'p-map';
import type { Context } from '../../context.ts';
import type { Currency } from '../../domain/money.ts';
import type { LookUp } from '../../infra/gateway/gateway.ts';
import { attemptsOf } from '../../infra/postgres/attempts.ts';
import type { AttemptRow } from '../../infra/postgres/change-columns.ts';
import { type ChargeBook, postponeCharge } from '../../infra/postgres/charges.ts';
import { askGateway } from './look-up.ts';
import { settleAttempts } from './settle-attempts.ts';

/** What an attempt ended with whose customer may still authenticate it at Xendit, and so pay. */
const OPEN = 'REQUIRES_ACTION';
const AT_ONCE = 16;
const AGAIN_AFTER = { minutes: 5 } as const;

/**
 * Those of them that may be tried: where an earlier attempt still waits for its customer at Xendit, it is closed there
 * first, since both would collect (api-facts 11.8). If the customer was faster, that attempt is settled, and the charge needs
 * no other; if nobody knows whether it is closed, the charge is put off.
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

async function isClosed(ctx: Context, { charge }: ChargeBook, now: Temporal.Instant): Promise<boolean> {
  const attempts = await attemptsOf(ctx.db, charge.bucket, charge.id);
  const open = attempts.findLast(({ failureCode }) => failureCode === OPEN);
  if (open === undefined) return true;
  const found = await close(ctx, open);
  // The process is told to stop: another one closes it.
  if (found === null) return false;
  if (found.kind === 'absent') return true;
  if (found.kind === 'found' && found.outcome.kind === 'declined' && found.outcome.code !== OPEN) return true;
  if (found.kind === 'found' && found.outcome.kind === 'succeeded') {
    await settleAttempts(ctx, [{ attemptId: open.id, outcome: found.outcome }], now);
    return false;
  }
  const why = found.kind === 'found' ? 'it is open there' : `Xendit did not answer: ${found.detail}`;
  const note = `Attempt ${open.number} may still be paid by its customer, and could not be closed at Xendit yet (${why}).`;
  await postponeCharge(ctx.db, charge, { nextAttemptAt: now.add(AGAIN_AFTER), waitsUntil: null, note });
  ctx.log.warn('attempt could not be closed', { charge_id: charge.id, attempt: open.number, why });
  return false;
}

function close(ctx: Context, { referenceId, paymentRequestId, amount, currency }: AttemptRow): Promise<LookUp | null> {
  const trace = { referenceId, paymentRequestId, amount: { minor: amount, currency: currency as Currency } };
  return askGateway(ctx, () => ctx.gateway.closeRequest(trace));
}
