import { dueInstant, localDate } from '../calendar/cycle.ts';
import { absorbs, isOpen } from '../charges/charge.ts';
import type { Outcome } from '../charges/outcome.ts';
import type { Decision } from '../declines/decision.ts';
import { classify, inWords, type Verdict } from '../declines/decline.ts';
import type { DeclineClass } from '../declines/decline-class.ts';
import { networkDelay } from '../declines/network-limits.ts';
import { isChargeable } from '../subscriptions/subscription.ts';
import { because, type Circumstances, endOfWindow } from './circumstances.ts';
import { afterSilence, type Declined, isUnread, readAgain, whileItMayStillPay } from './doubt.ts';
import { hold, outOfBounds, retryNow, retryOnLadder, waitForCustomer } from './ladder.ts';
import { orNextMethod } from './next-method.ts';
import { isQuiet, notQuiet } from './retry-days.ts';

const MINUTE = 60;
const HOUR = 3_600;

/** Waits after technical failures in a row, in minutes: they never reached the issuer and spend no ladder step. */
const technicalWaits: readonly number[] = [5, 15, 60, 180, 360, 720, 1_440];

/**
 * What to do about a charge after an outcome of one of its attempts. Pure and total: every outcome, class and state has
 * its answer here, and the answer carries its why (docs/design.md section 6).
 */
export function decideNext(outcome: Outcome, given: Circumstances): Decision {
  switch (outcome.kind) {
    case 'succeeded':
      return afterSuccess(given);
    case 'declined':
      return afterDecline(outcome, given);
    case 'refused':
      return afterRefusal(outcome, given);
    case 'pending':
      return afterSilence('pending', outcome.isAuthorized === true ? AUTHORIZED : 'Xendit has it in flight', given);
    case 'unknown':
      return afterSilence('unknown', outcome.detail, given);
  }
}

/** No money, and none comes of it by itself: charges are asked for to be captured at once. */
const AUTHORIZED = 'authorized, not captured: the account is set to capture by hand';

function afterSuccess(given: Circumstances): Decision {
  if (absorbs(given.charge)) return { kind: 'paid', why: because(given, 'success', 'Xendit collected the money.') };
  const text = `The charge was already ${given.charge.status}; this money is too much and a refund is proposed.`;
  return { kind: 'overpaid', why: because(given, 'success_after_success', text) };
}

function afterRefusal(outcome: Extract<Outcome, { kind: 'refused' }>, given: Circumstances): Decision {
  const { now } = given;
  const { code, detail } = outcome;
  const said = detail.includes(code) ? detail : `${code}: ${detail}`;
  if (!isOpen(given.charge.status)) return closed(given);
  if (!isChargeable(given.history.subscription)) return afterDeparture(given);
  switch (outcome.scope) {
    case 'account': {
      const text = `Xendit refuses the account as a whole (${said}): charging stops, the attempt does not count.`;
      return {
        kind: 'release',
        at: now,
        stops: true,
        why: because(given, 'account_fault', text, { class: 'our_fault' }),
      };
    }
    case 'not_sent': {
      const text = `The attempt was held back before it was sent (${said}).`;
      return { kind: 'release', at: now, stops: false, why: because(given, 'not_sent', text) };
    }
    case 'never_taken': {
      const text = `Xendit never took the attempt (${said}).`;
      return { kind: 'release', at: now, stops: false, why: because(given, 'never_taken', text) };
    }
    case 'throttled':
      return retryLater(`Xendit asks to slow down (${said})`, outcome.retryAfterSeconds, given);
    case 'channel':
    case 'charge': {
      const text = `Xendit refuses our request (${said}): the customer is not dunned, a person mends it.`;
      return { kind: 'hold', reason: 'our_fault', why: because(given, 'our_fault', text, { class: 'our_fault' }) };
    }
  }
}

/** The end of what its customer was asked, where nothing waits for it any more. */
export function decideClosed(given: Circumstances): Decision {
  const text = `Its customer can confirm it no longer: the charge, which is ${given.charge.status}, goes on as it was planned.`;
  return { kind: 'nothing', why: because(given, 'action_over', text) };
}

function closed(given: Circumstances, cls: DeclineClass | null = null): Decision {
  const text = `The charge is ${given.charge.status}: the outcome is recorded and changes nothing.`;
  return { kind: 'nothing', why: because(given, 'charge_closed', text, { class: cls }) };
}

/** Cancel means cancel (invariant 7): an attempt that was under way may end, but nothing follows it. */
function afterDeparture(given: Circumstances, cls: DeclineClass | null = null): Decision {
  const { subscription } = given.history;
  const text = `The subscription is ${subscription}: nothing more is tried.`;
  if (subscription !== 'paused')
    return { kind: 'void', why: because(given, 'subscription_left', text, { class: cls }) };
  // A paused one is only left alone: the flow parks a charge that became due again until somebody resumes.
  return { kind: 'release', at: given.now, stops: false, why: because(given, 'subscription_paused', text) };
}

function afterDecline(outcome: Declined, given: Circumstances): Decision {
  const { code } = outcome;
  const doubted = whileItMayStillPay(outcome, given);
  if (doubted !== null) return doubted;
  const verdict = classify(outcome, given.policy.declines, given.attempt.channelCode);
  // The class is told even where nothing follows: a card that was found dead is dead for every other charge.
  if (!isOpen(given.charge.status)) return closed(given, verdict.class);
  if (given.history.subscription === 'canceled') return afterDeparture(given, verdict.class);
  if (verdict.hold !== undefined)
    return hold(verdict.hold, inWords(code, verdict, 'a person decides.'), verdict, given);
  if (given.history.tokenReplaced && isOfTheMethod(verdict.class)) return retryNow(code, verdict, given);
  if (isUnread(outcome, verdict, given)) return readAgain(code, verdict, given);
  return orNextMethod(byClass(code, verdict, given), code, verdict, given);
}

function byClass(code: string, verdict: Verdict, given: Circumstances): Decision {
  switch (verdict.class) {
    case 'funds':
    case 'soft':
      return retryOnLadder(code, verdict, given);
    case 'technical':
      return retrySoon(code, verdict, given);
    case 'needs_customer':
      return verdict.tries === undefined ? waitForCustomer(code, verdict, given) : retryOnLadder(code, verdict, given);
    case 'token_dead':
    case 'never_again':
      return waitForCustomer(code, verdict, given);
    case 'our_fault':
      return hold(
        'our_fault',
        inWords(code, verdict, 'our side is at fault, the customer is not dunned.'),
        verdict,
        given,
      );
    case 'throttled':
      return retryLater(code, null, given);
  }
}

/** The longest wait of a request that is throttled, in seconds. */
const LONGEST_THROTTLE = HOUR;

/**
 * Not an attempt, and sent again: twice as long after each in a row, not sooner than Xendit said, and for the last time
 * when the window ends. Then a person decides, since nobody declined.
 */
function retryLater(what: string, told: number | null, given: Circumstances): Decision {
  const { now } = given;
  const { throttles } = given.charge;
  const counted = { throttles: throttles + 1 };
  const end = endOfWindow(uncounted(given));
  if (Temporal.Instant.compare(now, end) >= 0) {
    const text = `${what}, and so for ${throttles + 1} requests in a row until the window ended: a person decides.`;
    return {
      kind: 'hold',
      reason: 'throttled',
      why: because(given, 'throttled', text, { class: 'throttled', counted }),
    };
  }
  const grown = throttles === 0 ? (told ?? MINUTE) : Math.min(MINUTE * 2 ** throttles, LONGEST_THROTTLE);
  const seconds = Math.max(told ?? 0, grown);
  const wanted = now.add({ seconds });
  const at = Temporal.Instant.compare(wanted, end) > 0 ? end : wanted;
  const text = `${what}: not an attempt, sent again after ${seconds} s.`;
  const more = { class: 'throttled', counted: { ...counted, wait_seconds: seconds } } as const;
  return { kind: 'retry', at, spends: 'throttle', why: because(given, 'throttled', text, more) };
}

/** As if the attempt had not been made: the window of a charge that was never tried does not begin with it. */
function uncounted(given: Circumstances): Circumstances {
  const { firstAttemptAt } = given.charge;
  const isFirst = firstAttemptAt !== null && Temporal.Instant.compare(firstAttemptAt, given.attempt.sentAt) >= 0;
  return isFirst ? { ...given, charge: { ...given.charge, firstAttemptAt: null } } : given;
}

/** Whether the decline was about the payment method or its channel: of a method that was replaced it says nothing. */
function isOfTheMethod(cls: DeclineClass): boolean {
  return cls !== 'our_fault' && cls !== 'throttled';
}

/** The same instant, or the hour of charges on the first day after it that is not quiet. */
function offQuietDays(at: Temporal.Instant, { policy, history }: Circumstances): Temporal.Instant {
  const day = localDate(at, history.timeZone);
  if (!isQuiet(day, policy.days)) return at;
  return dueInstant(notQuiet(day, policy.days), history.chargeAt, history.timeZone);
}

/**
 * Technical failures never reached the issuer: again in minutes, no ladder step spent, but inside every bound, and not
 * before the network's own advice.
 */
function retrySoon(code: string, verdict: Verdict, given: Circumstances): Decision {
  const done = given.charge.technicalRetries;
  const planned = technicalWaits[Math.min(done, technicalWaits.length - 1)] ?? HOUR;
  const advised = (verdict.minHours ?? 0) * (HOUR / MINUTE);
  const minutes = Math.max(planned, advised);
  const soon = given.now.add({ minutes });
  const limited = networkDelay(given.limits, given.history.network, given.history.declinedAt, soon);
  const wanted = limited.allowed ? soon : limited.at;
  const at = offQuietDays(wanted, given);
  const isPutOff = at !== wanted;
  const rule = isPutOff
    ? 'quiet_day'
    : !limited.allowed
      ? 'network_limits'
      : advised > planned
        ? 'merchant_advice'
        : 'technical';
  const over = outOfBounds(code, verdict, given, { at, rule });
  if (over !== null) return over;
  const counted = { technical_retries: done, wait_minutes: minutes };
  const soonest = limited.allowed ? `again in ${minutes} minutes` : 'again when the card network allows it';
  const when = isPutOff ? 'again after the quiet days' : soonest;
  const text = inWords(code, verdict, `it never reached the issuer; ${when}, no step spent.`);
  return { kind: 'retry', at, spends: 'technical', why: because(given, rule, text, { class: 'technical', counted }) };
}
