import { parseInterval, shortestDays } from '../../domain/calendar/interval.ts';
import { didYouMean } from '../../domain/catalog/did-you-mean.ts';
import { isCurrency } from '../../domain/money/money.ts';
import { moneyFaults } from './catalog-amounts.ts';
import { couponFaults } from './catalog-coupon-checks.ts';
import type { FieldFault } from './catalog-faults.ts';
import { parseCycles, parseDay, parseDays, parseHours } from './catalog-forms.ts';
import { builtInPolicies } from './catalog-plans.ts';
import { at, entries, isMap, read, value } from './catalog-values.ts';
import type { Path } from './yaml-fault.ts';

const MOST_PLANS = 10_000;
const MOST_YEARS = 100;
/** Names in one message. */
const MOST_NAMED = 20;

/**
 * What must hold between fields. It reads the raw values, because zod does not run the rules of a parent while one of
 * its children is wrong, and an admin wants to hear everything at once. Fields that are wrong by themselves are skipped.
 */
export function* crossFaults(values: unknown): Generator<FieldFault> {
  const plans = entries(at(values, 'plans'));
  const policies = [...new Set([...entries(at(values, 'dunning')).map(([key]) => key), ...builtInPolicies.keys()])];
  yield* sizeFaults(values, plans.length);
  for (const path of [['plans'], ['dunning'], ['taxes'], ['coupons'], ['defaults', 'declines']])
    yield* lostNames(values, path);
  yield* policyNameFaults(['defaults', 'dunning'], values, policies);
  for (const [id, plan] of plans) yield* planFaults(values, id, plan, policies);
  for (const [name, policy] of entries(at(values, 'dunning'))) yield* windowFaults(name, policy);
  yield* taxNameFaults(['defaults', 'taxes'], values);
  for (const [name, tax] of entries(at(values, 'taxes'))) yield* rateFaults(name, tax);
  for (const [code, coupon] of entries(at(values, 'coupons'))) {
    yield* couponFaults(
      code,
      coupon,
      plans.map(([id]) => id),
    );
  }
  yield* repeatedLimits(at(values, 'defaults', 'network_limits'));
  yield* spendingFaults(at(values, 'defaults', 'limits'));
}

function sizeFaults(values: unknown, plans: number): readonly FieldFault[] {
  if (plans > MOST_PLANS) return [value(['plans'], `must be at most ${MOST_PLANS} plans, not ${plans}`)];
  return isMap(at(values, 'plans')) && plans === 0 ? [value(['plans'], 'must have at least one plan')] : [];
}

/** The one name that zod drops in silence, and with it what the admin wrote under it. */
function lostNames(values: unknown, path: Path): readonly FieldFault[] {
  const map = at(values, ...path);
  if (!isMap(map) || !Object.hasOwn(map, '__proto__')) return [];
  return [{ path: [...path, '__proto__'], message: 'cannot be a name', about: 'key' }];
}

function planFaults(values: unknown, id: string, plan: unknown, policies: readonly string[]): readonly FieldFault[] {
  if (!isMap(plan)) return [];
  const path = ['plans', id];
  const homeless = at(plan, 'country') === undefined && at(values, 'defaults', 'country') === undefined;
  const message = 'is missing: give it here, or to all plans under defaults';
  return [
    ...amountFaults([...path, 'price'], at(plan, 'price')),
    ...amountFaults([...path, 'setup_fee'], at(plan, 'setup_fee')),
    ...otherCurrency([...path, 'setup_fee', 'currency'], plan),
    ...taxNameFaults([...path, 'taxes'], values),
    ...policyNameFaults([...path, 'dunning'], values, policies),
    ...lengthFaults([...path, 'ends_after'], plan),
    ...trialFaults([...path, 'first_charge'], plan),
    ...(homeless ? [{ path: [...path, 'country'], message, about: 'missing' } as const] : []),
  ];
}

/** In the session nothing is paid of a cycle that falls due when a trial is over. */
function trialFaults(path: Path, plan: unknown): readonly FieldFault[] {
  if (at(plan, 'first_charge') !== 'in_session' || at(plan, 'trial') === undefined) return [];
  return [value(path, 'must be after_saving, since the plan has a trial: cycle 0 is due when that is over')];
}

function amountFaults(path: Path, price: unknown): readonly FieldFault[] {
  const amount = at(price, 'amount');
  if (typeof amount !== 'string' && typeof amount !== 'number') return [];
  const named = at(price, 'currency');
  // While the currency is wrong itself, only what would be wrong in any currency is worth saying.
  return moneyFaults([...path, 'amount'], amount, typeof named === 'string' && isCurrency(named) ? named : 'USD');
}

function otherCurrency(path: Path, plan: unknown): readonly FieldFault[] {
  const [price, fee] = [at(plan, 'price', 'currency'), at(plan, 'setup_fee', 'currency')];
  if (typeof price !== 'string' || typeof fee !== 'string' || price === fee) return [];
  return [value(path, `must be ${price}, as the price is: they stand on one charge`)];
}

function taxNameFaults(path: Path, values: unknown): readonly FieldFault[] {
  const named = at(values, ...path);
  const taxes = entries(at(values, 'taxes')).map(([name]) => name);
  return (Array.isArray(named) ? named : []).flatMap((name: unknown, index) => {
    if (typeof name !== 'string' || taxes.includes(name)) return [];
    return [value([...path, index], `names "${name}", which is no tax under taxes${didYouMean(name, taxes)}`)];
  });
}

/** Rates in another order would be read as another history. */
function rateFaults(name: string, tax: unknown): readonly FieldFault[] {
  const rates: unknown = at(tax, 'rates');
  const days = (Array.isArray(rates) ? rates : []).map((rate: unknown) => read(parseDay, at(rate, 'from')));
  return days.flatMap((day, index) => {
    const before = days[index - 1] ?? null;
    if (day === null || before === null || Temporal.PlainDate.compare(before, day) < 0) return [];
    return [
      value(
        ['taxes', name, 'rates', index, 'from'],
        `must be later than ${before.toString()}: the oldest rate comes first`,
      ),
    ];
  });
}

function policyNameFaults(path: Path, values: unknown, policies: readonly string[]): readonly FieldFault[] {
  const name = at(values, ...path);
  if (typeof name !== 'string' || name === '' || policies.includes(name)) return [];
  const meant = didYouMean(name, policies);
  const there = `: there is ${policies.slice(0, MOST_NAMED).join(', ')}${policies.length > MOST_NAMED ? ', ...' : ''}`;
  return [value(path, `names "${name}", which is no policy under dunning${meant === '' ? there : meant}`)];
}

/** A mandate that ends in the year 3000 is a slip, and Xendit writes years with four digits. */
function lengthFaults(path: Path, plan: unknown): readonly FieldFault[] {
  const interval = read(parseInterval, at(plan, 'interval'));
  const cycles = read(parseCycles, at(plan, 'ends_after'));
  if (interval === null || cycles === null || shortestDays(interval) * cycles <= MOST_YEARS * 366) return [];
  return [value(path, `must end within ${MOST_YEARS} years`)];
}

function windowFaults(name: string, policy: unknown): readonly FieldFault[] {
  const steps = at(policy, 'retry_after');
  const first = read(parseDays, Array.isArray(steps) ? steps[0] : undefined);
  const window = read(parseDays, at(policy, 'window'));
  if (first === null || window === null || window >= first) return [];
  const message = `must hold at least the first retry, which comes after ${first} days: no retry would ever be made`;
  return [value(['dunning', name, 'window'], message)];
}

function repeatedLimits(limits: unknown): readonly FieldFault[] {
  if (!Array.isArray(limits)) return [];
  const seen = new Set<string>();
  return limits.flatMap((limit: unknown, index) => {
    const window = read(parseHours, at(limit, 'window'));
    const name = `${String(at(limit, 'network'))} ${window}`;
    if (window === null || (!seen.has(name) && seen.add(name))) return [];
    return [value(['defaults', 'network_limits', index], 'repeats a network and window given above')];
  });
}

function spendingFaults(limits: unknown): readonly FieldFault[] {
  return entries(limits).flatMap(([name, given]) =>
    entries(given).flatMap(([currency, amount]) => {
      const known = isCurrency(currency) && (typeof amount === 'string' || typeof amount === 'number');
      return known ? moneyFaults(['defaults', 'limits', name, currency], amount, currency) : [];
    }),
  );
}
