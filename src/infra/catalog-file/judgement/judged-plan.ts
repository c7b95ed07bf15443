import { type Interval, parseInterval } from '../../../domain/calendar/interval.ts';
import type { DunningPolicy } from '../../../domain/catalog/plan.ts';
import { isCurrency, type Money, parseMajor } from '../../../domain/money/money.ts';
import { parseCycles, parseDays } from '../catalog-forms.ts';
import { builtInPolicies } from '../catalog-plans.ts';
import { at, entries, read } from '../catalog-values.ts';
import type { Path } from '../yaml-fault.ts';

/** A dunning policy as far as it can be read. */
export type JudgedPolicy = Pick<DunningPolicy, 'retryAfterDays' | 'windowDays'>;

/** A plan as far as its fields can be read: null is what is left out, or wrong by itself and told of elsewhere. */
export type JudgedPlan = {
  readonly id: string;
  readonly path: Path;
  readonly fields: unknown;
  readonly country: string | null;
  readonly price: Money | null;
  readonly interval: Interval | null;
  readonly trial: Interval | null;
  readonly endsAfter: number | null;
  readonly policy: JudgedPolicy | null;
  /** Its own, or those of its country; null: whatever Xendit offers. */
  readonly channels: readonly string[] | null;
};

export function plansIn(values: unknown): readonly JudgedPlan[] {
  return entries(at(values, 'plans')).map(([id, fields]) => judgedPlan(values, id, fields));
}

function judgedPlan(values: unknown, id: string, fields: unknown): JudgedPlan {
  const country = text(at(fields, 'country')) ?? text(at(values, 'defaults', 'country'));
  return {
    id,
    path: ['plans', id],
    fields,
    country,
    price: priceOf(fields),
    interval: read(parseInterval, at(fields, 'interval')),
    trial: read(parseInterval, at(fields, 'trial')),
    endsAfter: read(parseCycles, at(fields, 'ends_after')),
    policy: policyOf(values, fields),
    channels: codes(at(fields, 'payment_channels')) ?? codes(at(values, 'defaults', 'payment_channels', country ?? '')),
  };
}

function priceOf(fields: unknown): Money | null {
  const amount = at(fields, 'price', 'amount');
  const currency = text(at(fields, 'price', 'currency'));
  if ((typeof amount !== 'string' && typeof amount !== 'number') || currency === null || !isCurrency(currency))
    return null;
  const price = parseMajor(amount, currency);
  return 'fault' in price || price.minor === 0n ? null : price;
}

function policyOf(values: unknown, fields: unknown): JudgedPolicy | null {
  const name = text(at(fields, 'dunning')) ?? text(at(values, 'defaults', 'dunning')) ?? 'standard';
  return policyIn(at(values, 'dunning', name)) ?? builtInPolicies.get(name) ?? null;
}

/** The days of a policy; null while one of them cannot be read. */
export function policyIn(fields: unknown): JudgedPolicy | null {
  const steps: unknown = at(fields, 'retry_after');
  const windowDays = read(parseDays, at(fields, 'window'));
  if (!Array.isArray(steps) || windowDays === null) return null;
  const retryAfterDays = steps.map((step: unknown) => read(parseDays, step));
  return retryAfterDays.every((days) => days !== null) ? { retryAfterDays, windowDays } : null;
}

export function codes(list: unknown): readonly string[] | null {
  return Array.isArray(list) ? list.filter((code) => typeof code === 'string') : null;
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
