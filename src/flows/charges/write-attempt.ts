import type { Context } from '../../context.ts';
import { attemptReference, placeOf } from '../../domain/charges/attempt.ts';
import { sent } from '../../domain/charges/attempt-moves.ts';
import { claimed } from '../../domain/charges/moves.ts';
import type { Change } from '../../infra/tables/change/changes.ts';
import type { AttemptBook } from '../../infra/tables/charges/attempts.ts';
import type { ChargeBook } from '../../infra/tables/charges/charges.ts';
import type { NewAttempt } from '../../infra/tables/schema/change-columns.ts';
import { storedRequest } from '../../infra/vault/request.ts';
import { record } from '../change/record.ts';
import { spendOf } from '../control/spending-brake.ts';
import { type OpenToken, requestFor } from '../methods/request-for.ts';

/** An attempt as its charge's book will show it, with all that its writing changes. */
export type WrittenAttempt = { readonly change: Change; readonly book: AttemptBook };

/**
 * The next attempt of a charge, with its whole request and a reference that can be derived again (invariant 2). Nothing
 * is stored yet. `why` is told in the ledger.
 */
export function writeAttempt(
  ctx: Context,
  book: ChargeBook,
  token: OpenToken,
  why: string | null,
  now: Temporal.Instant,
): WrittenAttempt {
  const { charge, subscription } = book;
  const number = charge.attempts + 1;
  const referenceId = attemptReference(subscription.id, placeOf(charge), number);
  const attempt: NewAttempt = {
    ...storedRequest(requestFor(ctx, book, token, referenceId), token.tokenId),
    bucket: charge.bucket,
    id: ctx.newId(charge.bucket),
    chargeId: charge.id,
    customerId: charge.customerId,
    tokenId: token.id,
    number,
    referenceId,
    amount: charge.amount,
    currency: charge.currency,
    sentAt: now,
  };
  const after: AttemptBook = { ...book, charge: claimed(charge, now), attempt: sent(attempt) };
  const change: Change = {
    seen: subscription,
    ...spendOf(ctx, book),
    sentAttempts: [attempt],
    charges: [after.charge],
    entries: [record(ctx.newId(charge.bucket), now, 'attempt.sent', { ...after, channel: token.channelCode }, { why })],
  };
  return { change, book: after };
}
