import type { AccountContext } from '../../context.ts';
import { localDate } from '../../domain/calendar/cycle.ts';
import { isInDoubt, madeNoPayment, type Outcome } from '../../domain/charges/outcome.ts';
import { LIMITS, NO_ANSWER } from '../../domain/control/channel-sign.ts';
import { allowsOn } from '../../domain/methods/mandate.ts';
import { isChargeable } from '../../domain/subscriptions/subscription.ts';
import type { LookUp } from '../../infra/gateway/gateway.ts';
import { type AttemptDossier, markRepeated } from '../../infra/tables/charges/attempts.ts';
import type { AskedFirst } from '../../infra/tables/charges/due.ts';
import type { Standing } from '../../infra/tables/charging/breakers.ts';
import { reserve } from '../../infra/tables/control/pace.ts';
import { dossiersOfAttempts, tokenPasts } from '../charges/histories.ts';
import { nextKnownAttempt } from '../charges/next-known-attempt.ts';
import { keyOf } from '../charging/park-charges.ts';
import { mayCharge } from '../control/may-charge.ts';
import { requestOf } from '../due-date/attempt-charges.ts';
import { settleAttempts } from '../due-date/settle-attempts.ts';
import { mandateOf } from '../methods/request-for.ts';
import { NEVER_TAKEN } from './ask-about-lost.ts';

/** Xendit may still be at work on the first one: a card request is repeated only after this long. */
const RESEND_AFTER_SECONDS = 300;
/** What is left of the day must do to hear of the repetition: after 24 hours a person decides, and nobody asks any more. */
const RESEND_UNTIL_SECONDS = 23 * 3_600;

/** What was pending stays pending: a look-up that finds nothing does not take back what Xendit once said. */
export function stillUnknown({ attempt }: AttemptDossier, detail: string): Outcome {
  const { paymentRequestId, paymentId } = attempt;
  if (attempt.outcome === 'pending') return { kind: 'pending', paymentRequestId, paymentId };
  return { kind: 'unknown', detail, paymentRequestId };
}

/**
 * The same card request once more: Xendit refuses a second one with the same reference (409), so either it charges now
 * for the first time or it says that it knows it. Cards only; for other channels nothing stops a second charge.
 */
export async function repeatRequest(ctx: AccountContext, dossier: AttemptDossier): Promise<Outcome | null> {
  const { attempt, token } = dossier;
  if (token?.channelCode !== 'CARDS' || attempt.paymentRequestId !== null) return null;
  if (!isOfAge(attempt, await ctx.clock.now())) return null;
  const allowed = await mayCharge(ctx);
  if (allowed.kind === 'no' || isStopped(allowed.channels.get(keyOf(dossier)))) return null;
  const body = requestOf(dossier);
  if (body === null) {
    ctx.log.error('request cannot be repeated: its payment token does not open', {
      charge_id: dossier.charge.id,
      reference_id: attempt.referenceId,
    });
    return null;
  }
  const later = await laterOne(ctx, dossier, allowed.permit);
  if (later !== 'absent') return later === 'found' ? NEVER_TAKEN : null;
  const permits = await reserve(ctx.db, ctx.account, 'payment_requests', ctx.requestsPerMinute, 1);
  if (permits.granted === 0 || !(await isStillWanted(ctx, dossier))) return null;
  const outcome = await ctx.gateway.pay(body, attempt.referenceId);
  // About the repetition alone: the first time may have charged.
  return madeNoPayment(outcome) ? null : outcome;
}

/** Silence stops no repetition, since it is how silence may end; and a limit is no stop: some charges go out all the time. */
const noStops: readonly string[] = [NO_ANSWER, ...LIMITS];

/** Its channel was stopped, by a person or for a fault. */
function isStopped(standing: Standing | undefined): boolean {
  return standing !== undefined && standing.state !== 'closed' && !noStops.includes(standing.code ?? '');
}

function isOfAge({ sentAt }: AttemptDossier['attempt'], now: Temporal.Instant): boolean {
  const age = now.since(sentAt).total('seconds');
  return age >= RESEND_AFTER_SECONDS && age < RESEND_UNTIL_SECONDS;
}

/**
 * Where rows may have been lost, later attempts of the charge may have been made already: only after this one had ended, so
 * if Xendit knows such a one, it never took this one.
 */
async function laterOne(
  ctx: AccountContext,
  dossier: AttemptDossier,
  asked: AskedFirst,
): Promise<LookUp['kind'] | null> {
  const { dueAt } = dossier.charge;
  const isLost = (since: Temporal.Instant | null) => since !== null && Temporal.Instant.compare(dueAt, since) <= 0;
  if (!isLost(asked.askSince) && !isLost(asked.runSince)) return 'absent';
  return (await nextKnownAttempt(ctx, dossier))?.found.kind ?? null;
}

/**
 * The last look before the request leaves again, by the clock as it is now, since look-ups may have waited for an hour: a
 * request whose charging was stopped, whose charge was settled, or whose mandate ended meanwhile is only looked up
 * (invariants 7, 8 and 14). Before we send again we store two facts: the outcome is unknown, and a repetition was sent. If
 * the first sender wakes up later, its answer can then no longer be taken for the whole truth.
 */
async function isStillWanted(ctx: AccountContext, seen: AttemptDossier): Promise<boolean> {
  const now = await ctx.clock.now();
  const { id, outcome } = seen.attempt;
  const doubt = stillUnknown(seen, 'its owner fell silent, and the request is repeated');
  if (outcome === null) await settleAttempts(ctx, [{ attemptId: id, outcome: doubt }], now);
  const [dossier] = await dossiersOfAttempts(ctx, [id], now);
  if (dossier === undefined || !isInDoubt(dossier.attempt.outcome)) return false;
  const { attempt, charge, subscription } = dossier;
  if (charge.status !== 'attempting' || !isChargeable(subscription.status)) return false;
  if (!isOfAge(attempt, now) || !(await isWithinMandate(ctx, dossier, now))) return false;
  const allowed = await mayCharge(ctx);
  if (allowed.kind === 'no' || dossier.token === null) return false;
  const permit = { ...allowed.permit, channels: [keyOf(dossier)], spares: noStops };
  return await markRepeated(ctx.db, dossier, permit, now);
}

/** Its day may be another than that of the first time: nothing else may have reached the issuer too near, nor ended it. */
async function isWithinMandate(
  ctx: AccountContext,
  { attempt, subscription, token }: AttemptDossier,
  now: Temporal.Instant,
): Promise<boolean> {
  if (token?.status !== 'active') return false;
  const past = (await tokenPasts(ctx, [token.id], now))(token.id);
  if (past.ended !== null) return false;
  const day = (at: Temporal.Instant) => localDate(at, subscription.timeZone);
  const last = past.lastReached(attempt.id);
  return allowsOn(mandateOf(token), last === null ? null : day(last), day(now));
}
