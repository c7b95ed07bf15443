import { dueInstant, localDate } from '../calendar/cycle.ts';
import { OPEN_ACTION } from '../charges/action.ts';
import type { Decision, HoldReason } from '../declines/decision.ts';
import { endsToken, endsWithCustomer, inWords, type Verdict } from '../declines/decline.ts';
import { networkDelay } from '../declines/network-limits.ts';
import { coversDate, earliestNext } from '../methods/mandate.ts';
import { actionEnd } from './channel-life.ts';
import { because, type Circumstances, endOfWindow } from './circumstances.ts';
import { anyDay, notQuiet, paydayWithin } from './retry-days.ts';

/** No more tries: the policy's `then` decides the subscription. */
function giveUp(given: Circumstances, verdict: Verdict, text: string, rule: string): Decision {
  return { kind: 'give_up', then: given.policy.then, why: because(given, rule, text, { class: verdict.class }) };
}

/** Nothing is tried until a person has looked. */
export function hold(reason: HoldReason, text: string, { class: cls }: Verdict, given: Circumstances): Decision {
  return { kind: 'hold', reason, why: because(given, reason, text, { class: cls }) };
}

/** The decline was of a method that the customer has replaced meanwhile: the new one is tried at once. */
export function retryNow(code: string, verdict: Verdict, given: Circumstances): Decision {
  const text = `${code}: but the payment method was replaced meanwhile, and the new one is tried at once.`;
  const why = because(given, 'method_replaced', text, { class: verdict.class });
  return { kind: 'retry', at: given.now, spends: 'nothing', why };
}

/** Nothing is tried until the customer acts or brings another method; when the window ends without it, given up. */
export function waitForCustomer(
  code: string,
  verdict: Verdict,
  given: Circumstances,
  rule = 'wait_for_customer',
): Decision {
  const open = code === OPEN_ACTION ? untilActionEnds(verdict, given) : null;
  if (open !== null) return open;
  const until = endOfWindow(given);
  if (Temporal.Instant.compare(given.now, until) >= 0)
    return giveUp(given, verdict, `${code}: the customer did not act within the window.`, 'window_over');
  const what = verdict.class === 'never_again' ? 'this card must never be tried again' : ended(verdict);
  const text = inWords(code, verdict, `${what}; it is tried at once when the payment method is replaced.`);
  return { kind: 'wait_for_customer', until, why: because(given, rule, text, { class: verdict.class }) };
}

/** The rule of a charge that waits for what its customer was asked, and not until its window ends. */
export const ACTION_OPEN = 'action_open';

/** Its provider keeps it open for so long alone, and after that it is asked for anew. Null: that is not known, or is not before the window's end. */
function untilActionEnds(verdict: Verdict, given: Circumstances): Decision | null {
  const until = actionEnd(given.attempt.channelCode, given.attempt.sentAt);
  if (until === null || Temporal.Instant.compare(until, endOfWindow(given)) >= 0) return null;
  const text = inWords(OPEN_ACTION, verdict, `its customer may confirm it until ${until.toString()}.`);
  return { kind: 'wait_for_customer', until, why: because(given, ACTION_OPEN, text, { class: verdict.class }) };
}

function ended(verdict: Verdict): string {
  return endsToken(verdict.class) ? 'the payment method is finished' : 'the customer has to act';
}

/** The ladder, held apart by mandate, advice and network limits, inside window and mandate, and on days for retries. */
export function retryOnLadder(code: string, verdict: Verdict, given: Circumstances): Decision {
  const { charge, policy, history } = given;
  const steps = Math.min(policy.retryAfterDays.length, verdict.tries ?? Number.POSITIVE_INFINITY);
  const kept = charge.ladderStep <= steps ? plannedBefore(given) : null;
  if (kept === null && charge.ladderStep >= steps) {
    if (endsWithCustomer(verdict)) return waitForCustomer(code, verdict, given);
    return giveUp(given, verdict, inWords(code, verdict, spentInWords(steps)), 'ladder_spent');
  }
  const days = verdict.inDays ?? policy.retryAfterDays[charge.ladderStep] ?? 1;
  const planned = kept === null ? ladderInstant(days, verdict, given) : asPlanned(kept, verdict, given);
  const limited = networkDelay(
    given.limits,
    history.network,
    [...history.declinedAt, given.attempt.sentAt],
    planned.at,
  );
  const allowed = limited.allowed ? planned : { at: onHour(limited.at, verdict, given), rule: 'network_limits' };
  const { at, rule } = onRetryDay(allowed, verdict, given);
  const counted = { retries_left: steps - charge.ladderStep, declines_in_window: limited.counted };
  const over = outOfBounds(code, verdict, given, { at, rule });
  if (over !== null) return over;
  const date = localDate(at, history.timeZone).toString();
  const text =
    kept === null
      ? `retry ${charge.ladderStep + 1} of ${steps} on ${date}, by ${rule}.`
      : `tried by hand, which spends no step; the next try comes as it was planned, on ${date}, by ${rule}.`;
  const why = because(given, rule, inWords(code, verdict, text), { class: verdict.class, counted });
  return { kind: 'retry', at, spends: kept === null ? 'ladder' : 'hand', why };
}

/** When the ladder's own next try was planned, of a charge that a person had tried in between; null: by its ladder. */
function plannedBefore({ charge }: Circumstances): Temporal.Instant | null {
  const { byHand } = charge;
  return byHand?.asked === true && byHand.planned !== null ? Temporal.Instant.from(byHand.planned) : null;
}

/** As it was planned, but for what the try by hand has moved: its time may be over, and the mandate counts from that try. */
function asPlanned(kept: Temporal.Instant, verdict: Verdict, given: Circumstances): Planned {
  const { history, mandate, now, attempt } = given;
  const apart = dueInstant(
    earliestNext(mandate, localDate(attempt.sentAt, history.timeZone)),
    hourOf(verdict, given),
    history.timeZone,
  );
  if (Temporal.Instant.compare(apart, kept) > 0) return { at: apart, rule: 'mandate_frequency' };
  return { at: Temporal.Instant.compare(kept, now) > 0 ? kept : onHour(now, verdict, given), rule: 'ladder' };
}

/** On the next payday slot inside of the window, where funds were wanting; and never on a quiet day. */
function onRetryDay(planned: Planned, verdict: Verdict, given: Circumstances): Planned {
  const { days } = given.policy;
  if (days === anyDay) return planned;
  const { timeZone } = given.history;
  const date = localDate(planned.at, timeZone);
  const slot = verdict.class === 'funds' ? paydayWithin(date, lastDay(given), days) : null;
  const wanted = slot ?? notQuiet(date, days);
  if (wanted.equals(date)) return planned;
  return { at: dueInstant(wanted, hourOf(verdict, given), timeZone), rule: slot === null ? 'quiet_day' : 'payday' };
}

/** The last day on which a retry may be made: of the window, or of the mandate. */
function lastDay(given: Circumstances): Temporal.PlainDate {
  const { timeZone, chargeAt } = given.history;
  const end = endOfWindow(given);
  const day = localDate(end, timeZone);
  const last = Temporal.Instant.compare(dueInstant(day, chargeAt, timeZone), end) > 0 ? day.subtract({ days: 1 }) : day;
  const { recurringExpiry } = given.mandate;
  return Temporal.PlainDate.compare(recurringExpiry, last) < 0 ? recurringExpiry : last;
}

type Planned = { readonly at: Temporal.Instant; readonly rule: string };

function ladderInstant(days: number, verdict: Verdict, given: Circumstances): Planned {
  const { history, mandate, now, attempt } = given;
  // Counted from the attempt, not from the day on which its outcome became known.
  const today = localDate(attempt.sentAt, history.timeZone);
  const byLadder = today.add({ days });
  const byMandate = earliestNext(mandate, today);
  const date = Temporal.PlainDate.compare(byMandate, byLadder) > 0 ? byMandate : byLadder;
  const planned = dueInstant(date, hourOf(verdict, given), history.timeZone);
  const at = Temporal.Instant.compare(planned, now) < 0 ? onHour(now, verdict, given) : planned;
  const byAdvice = verdict.minHours === null ? null : now.add({ hours: verdict.minHours });
  if (byAdvice !== null && Temporal.Instant.compare(byAdvice, at) > 0) {
    return { at: onHour(byAdvice, verdict, given), rule: 'merchant_advice' };
  }
  return { at, rule: date.equals(byLadder) ? 'ladder' : 'mandate_frequency' };
}

/** The first hour for retries at or after an instant. */
function onHour(instant: Temporal.Instant, verdict: Verdict, given: Circumstances): Temporal.Instant {
  const { timeZone } = given.history;
  const hour = hourOf(verdict, given);
  const date = localDate(instant, timeZone);
  const sameDay = dueInstant(date, hour, timeZone);
  return Temporal.Instant.compare(sameDay, instant) >= 0 ? sameDay : dueInstant(date.add({ days: 1 }), hour, timeZone);
}

const MORNING = '09:00';
const EVENING = '19:00';

/** The charge hour; or, where nobody was at the phone then, the evening after a morning and the morning after the rest. */
function hourOf(verdict: Verdict, { history }: Circumstances): string {
  if (verdict.anotherHour !== true) return history.chargeAt;
  return history.chargeAt < '14:00' ? EVENING : MORNING;
}

/**
 * Nothing is tried outside the window or the mandate. Null for an instant inside of both. What ends with the mandate ends
 * with this method only, and so does what only the customer can change: another one may come until the window ends.
 */
export function outOfBounds(code: string, verdict: Verdict, given: Circumstances, wanted: Planned): Decision | null {
  const { history, mandate, policy } = given;
  const date = localDate(wanted.at, history.timeZone);
  if (Temporal.Instant.compare(wanted.at, endOfWindow(given)) > 0) {
    if (endsWithCustomer(verdict)) return waitForCustomer(code, verdict, given);
    const text = `${code}: the next try, on ${date.toString()} (${wanted.rule}), lies outside the window of ${policy.windowDays} days.`;
    return giveUp(given, verdict, text, 'window_over');
  }
  if (!coversDate(mandate, date)) {
    const why = `the mandate ends on ${mandate.recurringExpiry.toString()}, before the next try`;
    return waitForCustomer(code, { ...verdict, why }, given, 'mandate_over');
  }
  return null;
}

function spentInWords(steps: number): string {
  if (steps === 0) return 'it is not retried.';
  return steps === 1 ? 'its one retry is spent.' : `all ${steps} retries are spent.`;
}
