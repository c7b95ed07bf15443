import type { Context } from '../../context.ts';
import type { EntryKind } from '../../domain/books/ledger.ts';
import { uncounted } from '../../domain/charges/attempt-moves.ts';
import { type Before, takenBack } from '../../domain/charges/moves.ts';
import type { Outcome } from '../../domain/charges/outcome.ts';
import type { Breaker } from '../../domain/control/breaker.ts';
import { channelOfKey } from '../../domain/control/channel-key.ts';
import { isLimit, NO_ANSWER, signOf } from '../../domain/control/channel-sign.ts';
import { endsToken } from '../../domain/declines/decline.ts';
import type { Change } from '../../infra/tables/change/changes.ts';
import { type AttemptDossier, attemptDossiers, attemptsOf } from '../../infra/tables/charges/attempts.ts';
import type { AttemptRow, ChargeRow } from '../../infra/tables/schema/change-columns.ts';
import { applyEach, decideEach } from '../change/apply-each.ts';
import { owingAfter } from '../change/owing-after.ts';
import { record } from '../change/record.ts';
import { reviveMethod } from '../methods/revive-method.ts';

/**
 * Takes back what the fault of a channel did to customers before it was seen as one: their charges are due again with the
 * ladder, window and standing that they had, and the ledger says why. Safe to repeat: what was taken back, or has moved on
 * since, is left alone.
 */
export async function releaseStreak(ctx: Context, breaker: Breaker, now: Temporal.Instant): Promise<void> {
  const { answers, code } = breaker;
  if (code === null || code === NO_ANSWER || isLimit(code)) return;
  const ids = answers.filter((one) => one.code === code).map(({ attempt }) => attempt);
  const dossiers = (await attemptDossiers(ctx.db, ctx.buckets, ids)).filter((dossier) => isWronged(dossier));
  for (const seen of dossiers) {
    const dossier = await withMethodRevived(ctx, seen, breaker, now);
    if (dossier === undefined || !isWronged(dossier)) continue;
    const { decided } = await decideEach(ctx, [dossier], (one) => released(ctx, one, breaker, now));
    await applyEach(
      ctx,
      decided.flatMap((change) => (change === null ? [] : [change])),
    );
  }
}

/** First, since nobody would do it any more once its charge is as it was: the method was ended for other subscriptions too. */
async function withMethodRevived(
  ctx: Context,
  dossier: AttemptDossier,
  breaker: Breaker,
  now: Temporal.Instant,
): Promise<AttemptDossier | undefined> {
  const { charge, token, attempt } = dossier;
  if (token?.tokenId == null || token.status !== 'dead') return dossier;
  const streak = streakOf(await attemptsOf(ctx.db, charge.bucket, charge.id), breaker);
  const ends = streak.filter((one) => one.class !== null && endsToken(one.class));
  const [first] = ends;
  if (first === undefined) return dossier;
  const codes = ends.map(({ failureCode }) => failureCode);
  await reviveMethod(ctx, token.tokenId, { codes, since: first.sentAt, why: whyOf(breaker) }, now);
  return (await attemptDossiers(ctx.db, ctx.buckets, [attempt.id]))[0];
}

function whyOf({ channel, code }: Breaker): string {
  return `${channel} was at fault (${code}), and not this customer: what it did to the charge is taken back.`;
}

/** Settled by the fault, and nothing has happened to it since. */
function isWronged({ charge, subscription, attempt }: AttemptDossier): boolean {
  const stands = charge.status === 'due' || (charge.status === 'held' && charge.holdReason === 'our_fault');
  const isOver = attempt.outcome === 'declined' || attempt.outcome === 'refused';
  return stands && isOver && attempt.number === charge.attempts && subscription.status !== 'canceled';
}

async function released(
  ctx: Context,
  dossier: AttemptDossier,
  breaker: Breaker,
  now: Temporal.Instant,
): Promise<Change | null> {
  const { charge, subscription } = dossier;
  const all = await attemptsOf(ctx.db, charge.bucket, charge.id);
  const streak = streakOf(all, breaker);
  const [first] = streak;
  if (first === undefined || streak.every(({ decision }) => decision?.kind === 'release')) return null;
  const why = whyOf(breaker);
  const before = standingBefore(charge, first, all.slice(0, all.indexOf(first)));
  const due = takenBack(charge, before, subscription.status === 'paused' ? null : now, why);
  const inDunning = subscription.inDunning - Number(charge.inDunning) + Number(due.inDunning);
  const after = await owingAfter(ctx, subscription, inDunning, [due], now);
  const back = after.status !== subscription.status;
  const subject = { ...dossier, channel: channelOfKey(breaker.channel) };
  const write = (kind: EntryKind) =>
    record(ctx.newId(charge.bucket), now, kind, subject, { why, failureCode: breaker.code });
  return {
    seen: subscription,
    subscription: after,
    charges: [due],
    attempts: streak.map((one) => uncounted(one, why)),
    entries: [write('charge.released'), ...(back ? [write(`subscription.${after.status}`)] : [])],
  };
}

/** The last attempts of the charge that all met the fault. */
function streakOf(all: readonly AttemptRow[], { channel, code }: Breaker): readonly AttemptRow[] {
  const other = all.findLastIndex((one) => {
    const sign = signOf(outcomeOfRow(one), channelOfKey(channel));
    return sign.kind !== 'fault' || sign.code !== code;
  });
  return all.slice(other + 1);
}

/** As far as it tells whether it met the fault. */
function outcomeOfRow(row: AttemptRow): Outcome {
  const { outcome, failureCode, networkCode, adviceCode, actionUrl, paymentRequestId, paymentId } = row;
  const ids = { paymentRequestId, paymentId };
  const code = failureCode ?? '';
  if (outcome === 'declined') return { kind: 'declined', code, networkCode, adviceCode, actionUrl, ...ids };
  if (outcome === 'refused') return { kind: 'refused', code, detail: '', scope: 'charge', retryAfterSeconds: null };
  return { kind: 'pending', ...ids };
}

/** The charge as it was before the first attempt that met the fault. */
function standingBefore(charge: ChargeRow, first: AttemptRow, earlier: readonly AttemptRow[]): Before {
  const ladderStep = first.decision?.counted.ladder_step ?? charge.ladderStep;
  const counted = earlier.some(({ outcome }) => outcome === 'declined');
  return {
    ladderStep,
    inDunning: charge.inDunning && counted && ladderStep > 0,
    firstAttemptAt: counted ? charge.firstAttemptAt : null,
  };
}
