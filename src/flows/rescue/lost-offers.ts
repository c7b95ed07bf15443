import type { AccountContext } from '../../context.ts';
import type { BookedPayment } from '../../domain/books/reconciliation.ts';
import { attemptNamed, placeOf, readReference } from '../../domain/charges/attempt.ts';
import { newestLink } from '../../infra/tables/charges/by-hand/pay-links.ts';
import type { ChargeDossier } from '../../infra/tables/charges/charges.ts';
import type { PayLinkRow } from '../../infra/tables/schema/paying-columns.ts';
import { readBooks } from '../books/read-books.ts';
import { applyEach } from '../change/apply-each.ts';
import { settleAttempts } from '../due-date/settle-attempts.ts';
import { SESSION_MINUTES } from '../paying/pay-through.ts';
import { writeOffer } from '../paying/write-offer.ts';

/** How soon a payment shows in Xendit's list is not documented. */
const LAG_MINUTES = 60;
/** Xendit dates its list by a clock of its own. */
const MARGIN = { hours: 1 } as const;

/** A payment by hand whose attempt is lost, with the number of that attempt. */
type LostOffer = { readonly number: number; readonly payment: BookedPayment; readonly link: PayLinkRow };

/** What is known of sessions that were opened behind a charge's link and whose rows may be lost. */
export type LostOffers =
  | { readonly kind: 'none' }
  | { readonly kind: 'paid'; readonly offer: LostOffer }
  | { readonly kind: 'later'; readonly at: Temporal.Instant; readonly why: string };

/**
 * Looks for payments in sessions that nobody here knows of any more: only a charge with a link has such, and only Xendit's list of
 * transactions shows them, under their references with what Xendit appends. Such a session may be paid until it ends.
 */
export async function lostOffers(
  ctx: AccountContext,
  { charge, subscription }: ChargeDossier,
  lostUntil: Temporal.Instant,
  now: Temporal.Instant,
): Promise<LostOffers> {
  const link = await newestLink(ctx.db, charge.bucket, charge.id);
  if (link === null) return { kind: 'none' };
  const listed = lostUntil.add({ minutes: SESSION_MINUTES + LAG_MINUTES });
  if (Temporal.Instant.compare(now, listed) < 0)
    return { kind: 'later', at: listed, why: 'its customer may be paying it in a session that was lost' };
  const window = { from: link.createdAt.subtract(MARGIN), until: listed.add(MARGIN) };
  for await (const read of readBooks(ctx, window)) {
    if (read.kind === 'fault')
      return { kind: 'later', at: now.add(MARGIN), why: `Xendit's list could not be read: ${read.fault.text}` };
    const place = { subscriptionId: subscription.id, place: placeOf(charge), after: charge.attempts };
    const offer = read.page.payments.map((payment) => offerOf(payment, place)).find((one) => one !== null);
    if (offer !== undefined) return { kind: 'paid', offer: { ...offer, link } };
  }
  return { kind: 'none' };
}

type Place = { readonly subscriptionId: string; readonly place: string; readonly after: number };

function offerOf(payment: BookedPayment, { subscriptionId, place, after }: Place): Omit<LostOffer, 'link'> | null {
  const named = attemptNamed(payment.referenceId);
  const number = readReference(payment.referenceId)?.number ?? 0;
  if (named?.isOfSession !== true || payment.status !== 'succeeded' || number <= after) return null;
  return named.subscriptionId === subscriptionId && placeOf(named) === place ? { number, payment } : null;
}

/** The session's attempt becomes ours again: first its row, with the request as it must have been, then its outcome through the door of all outcomes. */
export async function adoptOffer(
  ctx: AccountContext,
  dossier: ChargeDossier,
  { number, payment, link }: LostOffer,
  now: Temporal.Instant,
): Promise<void> {
  const { charge, customer } = dossier;
  const offer = { mode: 'PAYMENT_LINK', origins: null, saves: link.saves, minutes: SESSION_MINUTES } as const;
  const before = { ...dossier, charge: { ...charge, attempts: number - 1 } };
  const asked = { offer: { ...offer, actor: 'dueday' }, customerId: customer.xenditId ?? '' };
  const { change, attempt } = await writeOffer(ctx, before, asked, now);
  const { done } = await applyEach(ctx, [change], { leaseSeconds: ctx.lease.seconds });
  if (done.size === 0) return;
  ctx.log.warn('lost attempt found', { charge_id: charge.id, reference_id: attempt.referenceId, outcome: 'succeeded' });
  const { paymentId, paymentRequestId } = payment;
  const outcome = { kind: 'succeeded', paymentId, paymentRequestId } as const;
  await settleAttempts(ctx, [{ attemptId: attempt.id, outcome }], now);
}
