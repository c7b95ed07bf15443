import type { Context } from '../../context.ts';
import { linkEnd } from '../../domain/catalog/link-life.ts';
import { paySessionReference, placeOf } from '../../domain/charges/attempt.ts';
import { offered } from '../../domain/charges/waits.ts';
import { sha256 } from '../../infra/ids.ts';
import type { Change } from '../../infra/tables/change/changes.ts';
import type { ChargeDossier } from '../../infra/tables/charges/charges.ts';
import type { NewSessionAttempt } from '../../infra/tables/schema/paying-columns.ts';
import { record } from '../change/record.ts';
import type { Offer } from './offer.ts';
import { paySessionRequest } from './pay-session-request.ts';

/**
 * The next attempt of a charge, which its customer makes: a session with the whole request that opens it, and a reference that can be
 * derived again (invariant 2). Nothing is stored yet.
 */
export async function writeOffer(
  ctx: Context,
  dossier: ChargeDossier,
  { offer, customerId }: { readonly offer: Offer; readonly customerId: string },
  now: Temporal.Instant,
): Promise<{ readonly change: Change; readonly attempt: NewSessionAttempt }> {
  const { charge, subscription } = dossier;
  const number = charge.attempts + 1;
  const referenceId = paySessionReference(subscription.id, placeOf(charge), number);
  const asked = { offer, customer: { id: customerId }, referenceId };
  const request = ctx.gateway.describePaySession(await paySessionRequest(ctx, dossier, asked, now));
  const attempt: NewSessionAttempt = {
    bucket: charge.bucket,
    id: ctx.newId(charge.bucket),
    chargeId: charge.id,
    customerId: charge.customerId,
    via: 'session',
    tokenId: null,
    number,
    referenceId,
    request,
    requestHash: sha256(request),
    amount: charge.amount,
    currency: charge.currency,
    sentAt: now,
    expiresAt: linkEnd(offer.minutes, now),
  };
  const subject = { ...dossier, attempt: { number, referenceId, paymentRequestId: null, paymentId: null } };
  const why = `to be paid by hand in a session, until ${attempt.expiresAt?.toString()}`;
  const entry = record(ctx.newId(charge.bucket), now, 'attempt.sent', subject, { why, actor: offer.actor });
  return {
    attempt,
    change: { seen: subscription, offered: { attempts: [attempt] }, charges: [offered(charge)], entries: [entry] },
  };
}
