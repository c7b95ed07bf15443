import type { AccountContext, Context } from '../../context.ts';
import { isOpenAction } from '../../domain/charges/action.ts';
import { attemptNamed } from '../../domain/charges/attempt.ts';
import { isFinal } from '../../domain/charges/outcome.ts';
import type { LookUp, Notice } from '../../infra/gateway/gateway.ts';
import { attemptByReference, attemptDossiers } from '../../infra/tables/charges/attempts.ts';
import type { AttemptRow } from '../../infra/tables/schema/change-columns.ts';
import { lookUpAside, NO_TURN } from '../charges/look-up.ts';
import { ofSubscription } from '../control/of-account.ts';
import { settleAttempts } from '../due-date/settle-attempts.ts';
import { askWhatWasKept } from '../paying/follow-pay-session.ts';
import { recordSecond } from '../paying/second-payment.ts';

/** What became of a webhook; `later` is tried again, `unconfirmed` too, but not for ever; `no_turn`: nobody was asked yet. */
export type Fate = {
  readonly kind: 'processed' | 'ignored' | 'mismatched' | 'later' | 'unconfirmed' | 'no_turn';
  readonly note: string | null;
};

type PaymentNotice = Extract<Notice, { readonly kind: 'payment' }>;

/**
 * Follows a payment's webhook to the attempt that it is about. The callback token is static, so a body can be forged or
 * replayed: it must match our own attempt in ids, amount, currency and reference, and even then it is only a reason to
 * ask. What is settled is what Xendit answers.
 */
export async function followPayment(given: Context, notice: PaymentNotice, now: Temporal.Instant): Promise<Fate> {
  const named = attemptNamed(notice.referenceId);
  if (named === null) return { kind: 'ignored', note: 'the payment is none of ours' };
  const attempt = await attemptByReference(given.db, named.bucket, named.referenceId);
  if (attempt === null)
    return { kind: 'mismatched', note: 'the reference looks like ours, but we made no such attempt' };
  const ctx = await ofSubscription(given, named.subscriptionId);
  if (attempt.via === 'session') return await followSessionPayment(ctx, attempt, notice, now);
  const known = attempt.outcome;
  const mismatch = mismatchOf(attempt, notice) ?? (await otherToken(ctx, attempt, notice));
  if (mismatch === SEALED) return { kind: 'later', note: mismatch };
  if (mismatch !== null) return { kind: 'mismatched', note: mismatch };
  const endsOpenAction = known === 'declined' && isOpenAction(attempt) && notice.outcome.kind !== 'pending';
  if (known === 'succeeded' || (isFinal(known) && notice.outcome.kind !== 'succeeded' && !endsOpenAction))
    return { kind: 'processed', note: 'already known' };
  const found = await confirmation(ctx, attempt, notice);
  if (found.kind === 'unanswered' && found.detail === NO_TURN) return { kind: 'no_turn', note: NO_TURN };
  if (found.kind === 'unanswered') return { kind: 'later', note: `Xendit did not answer: ${found.detail}` };
  if (found.kind === 'found') await settleAttempts(ctx, [{ attemptId: attempt.id, outcome: found.outcome }], now);
  return isConfirmed(found, notice)
    ? { kind: 'processed', note: null }
    : { kind: 'unconfirmed', note: 'Xendit did not confirm it yet' };
}

/**
 * A payment that a customer made in a session: of several tries one succeeds, and a session that is paid in two tabs may be paid
 * twice. What was kept of the method comes with the session's own end.
 */
async function followSessionPayment(
  ctx: AccountContext,
  attempt: AttemptRow,
  notice: PaymentNotice,
  now: Temporal.Instant,
): Promise<Fate> {
  const mismatch = otherAmount(attempt, notice);
  if (mismatch !== null) return { kind: 'mismatched', note: mismatch };
  if (notice.outcome.kind !== 'succeeded')
    return { kind: 'processed', note: 'its customer may try again while the session is open' };
  const isKnown = attempt.outcome === 'succeeded';
  if (isKnown && (notice.paymentId === null || notice.paymentId === attempt.paymentId)) {
    // Its session may have been given up since then.
    await askWhatWasKept(ctx, attempt, now);
    return { kind: 'processed', note: 'already known' };
  }
  const named = { ...attempt, referenceId: notice.referenceId ?? attempt.referenceId };
  const found = await lookUpAside(ctx, named, notice.paymentRequestId);
  if (found.kind === 'unanswered' && found.detail === NO_TURN) return { kind: 'no_turn', note: NO_TURN };
  if (found.kind === 'unanswered') return { kind: 'later', note: `Xendit did not answer: ${found.detail}` };
  if (found.kind !== 'found' || found.outcome.kind !== 'succeeded')
    return { kind: 'unconfirmed', note: 'Xendit did not confirm it yet' };
  if (isKnown) await recordSecond(ctx, { attempt }, found.outcome);
  else await settleAttempts(ctx, [{ attemptId: attempt.id, outcome: found.outcome }], now);
  return { kind: 'processed', note: null };
}

function mismatchOf(attempt: AttemptRow, notice: PaymentNotice): string | null {
  const other = otherAmount(attempt, notice);
  if (other !== null) return other;
  if (attempt.paymentRequestId !== null && notice.paymentRequestId !== attempt.paymentRequestId)
    return 'it names another payment request than ours';
  return null;
}

function otherAmount(attempt: AttemptRow, { amount }: PaymentNotice): string | null {
  if (amount === null) return 'it carries no amount';
  if (amount.minor === attempt.amount && amount.currency === attempt.currency) return null;
  return `it says ${amount.minor} minor units of ${amount.currency}, the attempt was for ${attempt.amount} of ${attempt.currency}`;
}

const SEALED = 'no key of DUEDAY_TOKEN_KEYS opens our payment token, so the two cannot be compared';

async function otherToken(ctx: Context, attempt: AttemptRow, notice: PaymentNotice): Promise<string | null> {
  if (notice.tokenId === null) return null;
  const [dossier] = await attemptDossiers(ctx.db, ctx.buckets, [attempt.id]);
  if (dossier?.token?.tokenId === null) return SEALED;
  return dossier?.token?.tokenId === notice.tokenId ? null : 'it names another payment token than ours';
}

/** A payment may succeed although its request stays failed or expired (docs/xendit.md 3.1): then its transaction tells. */
async function confirmation(ctx: AccountContext, attempt: AttemptRow, notice: PaymentNotice): Promise<LookUp> {
  const named = await lookUpAside(ctx, attempt, attempt.paymentRequestId ?? notice.paymentRequestId);
  if (named.kind !== 'found' || isConfirmed(named, notice)) return named;
  const byReference = await lookUpAside(ctx, attempt, null);
  return byReference.kind === 'found' ? byReference : named;
}

/** What the webhook leaves open any answer fulfils; what it says is final only the same, or money. */
function isConfirmed(found: LookUp, notice: PaymentNotice): boolean {
  if (found.kind !== 'found') return false;
  const { kind } = found.outcome;
  return kind === 'succeeded' || kind === notice.outcome.kind || !isFinal(notice.outcome.kind);
}
