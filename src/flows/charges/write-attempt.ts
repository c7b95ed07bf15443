import type { Context } from '../../context.ts';
import { attemptReference, placeOf } from '../../domain/charges/attempt.ts';
import { sent } from '../../domain/charges/attempt-moves.ts';
import { claimed } from '../../domain/charges/moves.ts';
import type { Change } from '../../infra/tables/change/changes.ts';
import type { AttemptDossier } from '../../infra/tables/charges/attempts.ts';
import type { ChargeDossier } from '../../infra/tables/charges/charges.ts';
import type { NewAttempt } from '../../infra/tables/schema/change-columns.ts';
import { storedRequest } from '../../infra/vault/request.ts';
import { record } from '../change/record.ts';
import { spendOf } from '../control/spending-brake.ts';
import { type OpenToken, requestFor } from '../methods/request-for.ts';

/** An attempt as its charge's dossier will show it, with all that its writing changes. */
export type WrittenAttempt = { readonly change: Change; readonly dossier: AttemptDossier };

/**
 * The next attempt of a charge, with its whole request and a reference that can be derived again (invariant 2). Nothing
 * is stored yet. `why` is told in the ledger.
 */
export function writeAttempt(
  ctx: Context,
  dossier: ChargeDossier,
  token: OpenToken,
  why: string | null,
  now: Temporal.Instant,
): WrittenAttempt {
  const { charge, subscription } = dossier;
  const number = charge.attempts + 1;
  const referenceId = attemptReference(subscription.id, placeOf(charge), number);
  const attempt: NewAttempt = {
    ...storedRequest(requestFor(ctx, dossier, token, referenceId), token.tokenId),
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
  const after: AttemptDossier = { ...dossier, charge: claimed(charge, now), attempt: sent(attempt) };
  const change: Change = {
    seen: subscription,
    ...spendOf(ctx, dossier),
    sentAttempts: [attempt],
    charges: [after.charge],
    entries: [record(ctx.newId(charge.bucket), now, 'attempt.sent', { ...after, channel: token.channelCode }, { why })],
  };
  return { change, dossier: after };
}
