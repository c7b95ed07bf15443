import type { AccountContext } from '../../context.ts';
import type { BookedPayment } from '../../domain/books/reconciliation.ts';
import { isAskedFor } from '../../domain/charges/attempt.ts';
import type { Outcome } from '../../domain/charges/outcome.ts';
import { UNPAID_AFTER } from '../../domain/dunning/after-session.ts';
import type { AttemptDossier } from '../../infra/tables/charges/attempts.ts';
import { paySessionOf } from '../../infra/tables/charges/by-hand/pay-sessions.ts';
import { readBooks } from '../books/read-books.ts';
import { sessionInTurn } from '../onboarding/in-turn.ts';
import { followPaySession, unpaid } from './follow-pay-session.ts';

/** On either side: Xendit dates its list by a clock of its own. */
const MARGIN = { hours: 1 } as const;

/**
 * Finds out what became of a session's attempt that nobody told of. The session is asked about where its id is known; else only a
 * payment can be found, in Xendit's list, under the reference with what Xendit appends to it: before nobody can pay there any
 * more, none found says nothing.
 * @returns null: what there was to settle is settled.
 */
export async function askAboutOffer(ctx: AccountContext, dossier: AttemptDossier): Promise<Outcome | null> {
  const { attempt } = dossier;
  const session = await paySessionOf(ctx.db, attempt);
  if (session?.status === 'active') {
    const answer = await sessionInTurn(ctx, session.sessionId);
    if (answer.kind !== 'ok') return inDoubt('Xendit does not show the session');
    if (answer.value.status === 'active') return stillOpen;
    await followPaySession(ctx, session, answer.value, await ctx.clock.now());
    return null;
  }
  const now = await ctx.clock.now();
  const end = attempt.expiresAt ?? attempt.sentAt;
  if (Temporal.Instant.compare(now, end) < 0) return inDoubt('nobody has told of the session yet');
  return outcomeOf(await paymentsOf(ctx, dossier, now), Temporal.Instant.compare(now, end.add(UNPAID_AFTER)) >= 0);
}

const stillOpen: Outcome = { kind: 'pending', paymentRequestId: null, paymentId: null };

function inDoubt(detail: string): Outcome {
  return { kind: 'unknown', detail, paymentRequestId: null };
}

function outcomeOf(payments: readonly BookedPayment[] | string, isBelieved: boolean): Outcome {
  if (typeof payments === 'string') return inDoubt(payments);
  const paid = payments.find(({ status }) => status === 'succeeded');
  if (paid !== undefined) {
    const { paymentId, paymentRequestId } = paid;
    return { kind: 'succeeded', paymentId, paymentRequestId };
  }
  if (payments.some(({ status }) => status !== 'failed')) return inDoubt('a payment of it is under way');
  return isBelieved
    ? unpaid('SESSION_EXPIRED', 'it has ended, and Xendit lists no payment of it')
    : inDoubt('it has ended, and Xendit lists no payment of it yet');
}

/** All payments of an attempt that Xendit lists; or why that cannot be told. */
async function paymentsOf(
  ctx: AccountContext,
  { attempt }: AttemptDossier,
  now: Temporal.Instant,
): Promise<readonly BookedPayment[] | string> {
  const found: BookedPayment[] = [];
  const window = { from: attempt.sentAt.subtract(MARGIN), until: now.add(MARGIN) };
  for await (const read of readBooks(ctx, window)) {
    if (read.kind === 'fault') return `its payments could not be read: ${read.fault.text}`;
    if (read.page.unreadable > 0) return 'Xendit lists what cannot be read';
    found.push(...read.page.payments.filter(({ referenceId }) => isAskedFor(referenceId, attempt.referenceId)));
  }
  return found;
}
