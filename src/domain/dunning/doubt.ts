import { isOpen } from '../charges/charge.ts';
import type { Outcome } from '../charges/outcome.ts';
import type { Decision, Why } from '../declines/decision.ts';
import { classify, inWords, tellsOfTimeOut, type Verdict } from '../declines/decline.ts';
import { pendingLimit } from './channel-life.ts';
import { because, type Circumstances } from './circumstances.ts';
import { hold } from './ladder.ts';

const MINUTE = 60;
const HOUR = 3_600;
const DAY = 86_400;

/** Look-ups of an unknown attempt, in seconds after it was sent: 1 minute, 5 minutes, 1 hour, then hourly. */
const lookUpAges: readonly number[] = [MINUTE, 5 * MINUTE, HOUR];
/** After a day without an answer a person decides (invariant 5). */
const unknownLimit = DAY;
/** So long a provider may collect what Xendit gave up waiting for (docs/xendit.md, Time-outs). */
const timeOutLimit = DAY;

export type Declined = Extract<Outcome, { kind: 'declined' }>;

/**
 * Silence is not failure (invariant 4): ask again later, and after a day let a person decide. What Xendit has in flight is
 * waited for as long as its channel may keep it there.
 */
export function afterSilence(kind: 'pending' | 'unknown', detail: string, given: Circumstances): Decision {
  const { attempt, now } = given;
  const age = now.since(attempt.sentAt).total('seconds');
  const counted = { asks: attempt.asks, age_minutes: Math.floor(age / MINUTE) };
  // A told time-out has run its day before a look-up that is not answered may end it: another day to hear of it.
  const silent = tellsOfTimeOut(attempt.failureCode) ? unknownLimit + timeOutLimit : unknownLimit;
  const limit = kind === 'pending' ? pendingLimit(attempt.channelCode) : silent;
  if (age >= limit) {
    const text = `No final answer in ${Math.floor(age / HOUR)} hours (${detail}): a person decides.`;
    if (!isOpen(given.charge.status))
      return { kind: 'nothing', why: because(given, 'unknown_too_long', text, { counted }) };
    return { kind: 'hold', reason: 'unknown_outcome', why: because(given, 'unknown_too_long', text, { counted }) };
  }
  const text = `The outcome is ${kind} (${detail}): Xendit is asked, and nothing new is tried until it is known.`;
  return askAgain(age, limit, attempt.sentAt, because(given, 'silence_is_not_failure', text, { counted }));
}

/** The age, in seconds, at which an attempt of this age is asked about next. */
export function nextLookUpAge(age: number): number {
  const early = lookUpAges.find((step) => step > age);
  return early ?? (Math.floor(age / HOUR) + 1) * HOUR;
}

/**
 * A time-out told as a failure: the money may still move, so nothing is tried for a day, whatever else is said of it, but
 * for a success. Null: none was told, or its day is over.
 */
export function whileItMayStillPay({ code }: Declined, given: Circumstances): Decision | null {
  const { attempt, now } = given;
  if (!tellsOfTimeOut(code) && !tellsOfTimeOut(attempt.failureCode)) return null;
  const age = now.since(attempt.lastSentAt).total('seconds');
  if (age >= timeOutLimit) return null;
  const what = tellsOfTimeOut(code) ? code : `${attempt.failureCode}, then ${code}`;
  const text = `Xendit says FAILED (${what}), but whoever timed out may still collect it: it is asked about for 24 hours before anything new is tried.`;
  return askAgain(age, timeOutLimit, attempt.lastSentAt, because(given, 'time_out_is_not_failure', text, doubt(given)));
}

/** Whether a card was declined by what Xendit makes of it alone, although its network may forbid what that would allow. */
export function isUnread(outcome: Declined, { class: cls }: Verdict, { attempt }: Circumstances): boolean {
  const isOpenToMore = cls === 'funds' || cls === 'soft' || cls === 'technical' || cls === 'needs_customer';
  return outcome.unread === true && attempt.channelCode === 'CARDS' && isOpenToMore;
}

/** A decline that is not the last word on its attempt, whoever is at fault: it may still pay, or was not read whole. */
export function isNoLastWord(outcome: Declined, given: Circumstances): boolean {
  const verdict = classify(outcome, given.policy.declines, given.attempt.channelCode);
  return whileItMayStillPay(outcome, given) !== null || isUnread(outcome, verdict, given);
}

/** Its payment is read again before anything follows; what cannot be read for a day is for a person. */
export function readAgain(code: string, verdict: Verdict, given: Circumstances): Decision {
  const { attempt, now } = given;
  const age = now.since(attempt.sentAt).total('seconds');
  if (age >= unknownLimit) {
    const text = inWords(
      code,
      verdict,
      'what the card network said could not be read for 24 hours, so a person decides.',
    );
    return hold('unknown_outcome', text, verdict, given);
  }
  const text = inWords(code, verdict, 'what the card network said could not be read yet, and may forbid another try.');
  return askAgain(age, unknownLimit, attempt.sentAt, because(given, 'network_unread', text, doubt(given)));
}

function doubt({ attempt }: Circumstances) {
  return { counted: { asks: attempt.asks } };
}

/** The last time at the limit itself, so that nothing waits longer than until then. */
function askAgain(age: number, limit: number, since: Temporal.Instant, why: Why): Decision {
  return { kind: 'ask_gateway', at: since.add({ seconds: Math.min(nextLookUpAge(age), limit) }), why };
}
