import { type Interval, longestDays } from '../../../domain/calendar/interval.ts';
import { parseHours } from '../catalog-forms.ts';
import { at, entries, read } from '../catalog-values.ts';
import type { Path } from '../yaml-fault.ts';
import { type JudgedPlan, type JudgedPolicy, policyIn } from './judged-plan.ts';
import type { Judgement } from './judgement.ts';

/** What is built in, where the file says nothing. */
const MANDATE_YEARS = 10;

/** A plan's lengths of time against each other. */
export function planTimeJudgements(values: unknown, plan: JudgedPlan): readonly Judgement[] {
  return [...mandateFaults(values, plan), ...owedAtOnce(plan), ...missedTooLate(values, plan), ...nothingToCount(plan)];
}

/** An open-ended plan whose mandate ends before its second cycle, and the retries of that, are collected. */
function mandateFaults(
  values: unknown,
  { path, interval, trial, endsAfter, policy }: JudgedPlan,
): readonly Judgement[] {
  const given = at(values, 'defaults', 'mandate_years') ?? MANDATE_YEARS;
  if (interval === null || endsAfter !== null || typeof given !== 'number' || given < 1) return [];
  const days = (trial === null ? 0 : longestDays(trial)) + longestDays(interval) + (policy?.windowDays ?? 0);
  const years = Math.ceil(days / 365);
  if (given >= years) return [];
  const message =
    `is longer than the mandate that customers give (defaults.mandate_years: ${given}): its second cycle could never be ` +
    `charged: mandate_years must be at least ${years}, or the plan must end (ends_after)`;
  return [fault([...path, 'interval'], message)];
}

function owedAtOnce({ path, interval, policy, fields }: JudgedPlan): readonly Judgement[] {
  if (interval === null || policy === null || policy.retryAfterDays.length === 0) return [];
  if (policy.windowDays <= longestDays(interval)) return [];
  const message =
    `has a window of ${policy.windowDays} days, which outlasts the interval: a customer may owe several cycles at once, ` +
    'each of them retried';
  const named = at(fields, 'dunning') === undefined ? 'interval' : 'dunning';
  return [warning([...path, named], message)];
}

function missedTooLate(values: unknown, { path, interval }: JudgedPlan): readonly Judgement[] {
  const hours = read(parseHours, at(values, 'defaults', 'missed_after'));
  if (interval === null || hours === null || hours <= longestHours(interval)) return [];
  const message = `is shorter than defaults.missed_after (${hours} hours): after an outage several cycles are charged one after the other, and missed_cycles is not asked`;
  return [warning([...path, 'interval'], message)];
}

function longestHours(interval: Interval): number {
  return longestDays(interval) * 24;
}

function nothingToCount({ path, fields, endsAfter }: JudgedPlan): readonly Judgement[] {
  if (at(fields, 'unpaid_cycles') === undefined || endsAfter !== null) return [];
  return [warning([...path, 'unpaid_cycles'], 'has no effect: the plan does not end (ends_after)')];
}

/** Retries that a policy names and that are never made, or not as often as it says. */
export function dunningJudgements(values: unknown): readonly Judgement[] {
  return entries(at(values, 'dunning')).flatMap(([name, fields]) => {
    const policy = policyIn(fields);
    if (policy === null) return [];
    const path = ['dunning', name, 'retry_after'];
    return [...beyondWindow(path, policy), ...beyondNetworks(values, path, policy)];
  });
}

/** The days on which a charge is tried, from its first attempt on. */
function daysOf({ retryAfterDays }: JudgedPolicy): readonly number[] {
  const days = [0];
  for (const step of retryAfterDays) days.push((days.at(-1) ?? 0) + step);
  return days;
}

function beyondWindow(path: Path, policy: JudgedPolicy): readonly Judgement[] {
  const days = daysOf(policy);
  const first = days.findIndex((day) => day > policy.windowDays);
  // That not even the first retry fits is a fault, and told as one.
  if (first < 2) return [];
  const message = `is longer than the window of ${policy.windowDays} days: its retries from number ${first} on, on day ${days[first]}, are never made`;
  return [warning(path, message)];
}

/** Only "*", which holds for most methods, and only where the file sets it: the built-in limits hold for a normal ladder. */
function beyondNetworks(values: unknown, path: Path, policy: JudgedPolicy): readonly Judgement[] {
  const limits: unknown = at(values, 'defaults', 'network_limits');
  const days = daysOf(policy).filter((day) => day <= policy.windowDays);
  return (Array.isArray(limits) ? limits : []).flatMap((limit: unknown) => {
    const hours = read(parseHours, at(limit, 'window'));
    const reattempts: unknown = at(limit, 'reattempts');
    if (at(limit, 'network') !== '*' || hours === null || typeof reattempts !== 'number') return [];
    const tries = Math.max(
      ...days.map((day) => days.filter((other) => other <= day && (day - other) * 24 < hours).length),
    );
    if (tries <= reattempts + 1) return [];
    const message = `asks for ${tries} tries within ${hours} hours, and defaults.network_limits lets ${reattempts + 1} pass: the others come later, or never`;
    return [warning(path, message)];
  });
}

function fault(path: Path, message: string): Judgement {
  return { path, message, about: 'value', severity: 'fault' };
}

function warning(path: Path, message: string): Judgement {
  return { path, message, about: 'value', severity: 'warning' };
}
