import { because, type Circumstances, endOfWindow } from './circumstances.ts';
import { dueInstant, localDate } from './cycle.ts';
import type { Decision } from './decision.ts';
import { inShort, type Verdict } from './decline.ts';
import { coversDate, earliestNext } from './mandate.ts';
import { networkDelay } from './network-limits.ts';

/** No more tries: the policy's `then` decides the subscription. */
export function giveUp(given: Circumstances, verdict: Verdict, text: string, rule = 'class_says_no_more'): Decision {
  return { kind: 'give_up', then: given.policy.then, why: because(given, rule, text, { class: verdict.class }) };
}

/** The decline was of a method that the customer has replaced meanwhile: the new one is tried at once. */
export function retryNow(code: string, verdict: Verdict, given: Circumstances): Decision {
  const text = `${code}: but the payment method was replaced meanwhile, and the new one is tried at once.`;
  const why = because(given, 'method_replaced', text, { class: verdict.class });
  return { kind: 'retry', at: given.now, spends: 'nothing', why };
}

/** The ladder, held apart by mandate, advice and network limits, inside window and mandate. */
export function retryOnLadder(code: string, verdict: Verdict, given: Circumstances): Decision {
  const { charge, policy, history } = given;
  const steps = Math.min(policy.retryAfterDays.length, verdict.maxRetries ?? Number.POSITIVE_INFINITY);
  if (charge.ladderStep >= steps) {
    const text = `${inShort(code, verdict)}: ${charge.ladderStep} of ${steps} retries are spent.`;
    return giveUp(given, verdict, text, 'ladder_spent');
  }
  const planned = ladderInstant(policy.retryAfterDays[charge.ladderStep] ?? 1, verdict, given);
  const limited = networkDelay(
    given.limits,
    history.network,
    [...history.declinedAt, given.attempt.sentAt],
    planned.at,
  );
  const at = limited.allowed ? planned.at : onChargeHour(limited.at, given);
  const counted = { retries_left: steps - charge.ladderStep, declines_in_window: limited.counted };
  const rule = limited.allowed ? planned.rule : 'network_limits';
  const over = outOfBounds(code, verdict, given, { at, rule });
  if (over !== null) return over;
  const date = localDate(at, history.timeZone);
  const text = `${inShort(code, verdict)}: retry ${charge.ladderStep + 1} of ${steps} on ${date.toString()}, by ${rule}.`;
  return { kind: 'retry', at, spends: 'ladder', why: because(given, rule, text, { class: verdict.class, counted }) };
}

type Planned = { readonly at: Temporal.Instant; readonly rule: string };

function ladderInstant(days: number, verdict: Verdict, given: Circumstances): Planned {
  const { history, mandate, now, attempt } = given;
  // Counted from the attempt, not from the day on which its outcome became known.
  const today = localDate(attempt.sentAt, history.timeZone);
  const byLadder = today.add({ days });
  const byMandate = earliestNext(mandate, today);
  const date = Temporal.PlainDate.compare(byMandate, byLadder) > 0 ? byMandate : byLadder;
  const planned = dueInstant(date, history.chargeAt, history.timeZone);
  const at = Temporal.Instant.compare(planned, now) < 0 ? onChargeHour(now, given) : planned;
  const byAdvice = verdict.minHours === null ? null : now.add({ hours: verdict.minHours });
  if (byAdvice !== null && Temporal.Instant.compare(byAdvice, at) > 0) {
    return { at: onChargeHour(byAdvice, given), rule: 'merchant_advice' };
  }
  return { at, rule: date.equals(byLadder) ? 'ladder' : 'mandate_frequency' };
}

/** The first charge hour at or after an instant. */
function onChargeHour(instant: Temporal.Instant, given: Circumstances): Temporal.Instant {
  const { timeZone, chargeAt } = given.history;
  const date = localDate(instant, timeZone);
  const sameDay = dueInstant(date, chargeAt, timeZone);
  return Temporal.Instant.compare(sameDay, instant) >= 0
    ? sameDay
    : dueInstant(date.add({ days: 1 }), chargeAt, timeZone);
}

/** Nothing is tried outside the window or the mandate: the charge is given up. Null for an instant inside of both. */
export function outOfBounds(code: string, verdict: Verdict, given: Circumstances, wanted: Planned): Decision | null {
  const { history, mandate, policy } = given;
  const date = localDate(wanted.at, history.timeZone);
  if (Temporal.Instant.compare(wanted.at, endOfWindow(given)) > 0) {
    const text = `${code}: the next try, on ${date.toString()} (${wanted.rule}), lies outside the window of ${policy.windowDays} days.`;
    return giveUp(given, verdict, text, 'window_over');
  }
  if (!coversDate(mandate, date)) {
    const text = `${code}: the mandate ends on ${mandate.recurringExpiry.toString()}, before the next try.`;
    return giveUp(given, verdict, text, 'mandate_over');
  }
  return null;
}
