import { isCurrency, majorText, parseMajor } from '../../../domain/money/money.ts';
import { parseHours } from '../catalog-forms.ts';
import { at, entries, read } from '../catalog-values.ts';
import type { Path } from '../yaml-fault.ts';
import type { JudgedPlan } from './judged-plan.ts';
import type { Judgement } from './judgement.ts';

type Limit = { readonly name: string; readonly path: Path; readonly currency: string; readonly minor: bigint };

/** Of all networks together; each has a handful. */
const MOST_LIMITS = 100;
const PER_CHARGE = 'per_charge';
const PER_CUSTOMER = 'per_customer_per_day';
const PER_DAY = 'per_day';
/** What is within the first of a pair must be able to pass the second. */
const NESTED = [
  [PER_CHARGE, PER_CUSTOMER],
  [PER_CHARGE, PER_DAY],
  [PER_CUSTOMER, PER_DAY],
] as const;

/** Limits that can never be reached, and prices that no limit lets pass. */
export function limitJudgements(values: unknown, plans: readonly JudgedPlan[]): readonly Judgement[] {
  const limits = limitsIn(values);
  return [
    ...NESTED.flatMap(([inner, outer]) =>
      limits.filter(({ name }) => name === inner).flatMap((limit) => neverReached(limits, limit, outer)),
    ),
    ...limits.flatMap((limit) => [...pricesBeyond(limit, plans), ...unused(limit, plans)]),
    ...neverCounted(at(values, 'defaults', 'network_limits')),
  ];
}

function limitsIn(values: unknown): readonly Limit[] {
  return entries(at(values, 'defaults', 'limits')).flatMap(([name, given]) =>
    entries(given).flatMap(([currency, amount]) => {
      if (!isCurrency(currency) || (typeof amount !== 'string' && typeof amount !== 'number')) return [];
      const limit = parseMajor(amount, currency);
      if ('fault' in limit || limit.minor === 0n) return [];
      return [{ name, path: ['defaults', 'limits', name, currency], currency, minor: limit.minor }];
    }),
  );
}

function neverReached(limits: readonly Limit[], limit: Limit, outer: string): readonly Judgement[] {
  const other = limits.find(({ name, currency }) => name === outer && currency === limit.currency);
  if (other === undefined || limit.minor <= other.minor) return [];
  const message = `can never be reached: ${outer} is ${text(other)} already`;
  return [{ path: limit.path, message, about: 'value', severity: 'fault' }];
}

/** Beyond the limit of all customers a day nothing could be charged at all; beyond the others a person decides each time. */
function pricesBeyond(limit: Limit, plans: readonly JudgedPlan[]): readonly Judgement[] {
  const beyond = plans.filter(({ price }) => price?.currency === limit.currency && price.minor > limit.minor);
  if (beyond.length === 0) return [];
  const names = beyond.map(({ id }) => id).join(', ');
  const one = beyond.length === 1;
  const message =
    limit.name === PER_DAY
      ? `is less than one charge of ${names}: ${one ? 'it' : 'they'} could never be charged`
      : `is less than the price of ${names}: each charge of ${one ? 'it' : 'them'} is held for a person`;
  return [{ path: limit.path, message, about: 'value', severity: limit.name === PER_DAY ? 'fault' : 'warning' }];
}

/** In a currency that nothing costs there is nothing to hold back: most likely it was meant for another. */
function unused(limit: Limit, plans: readonly JudgedPlan[]): readonly Judgement[] {
  if (plans.length === 0 || plans.some(({ price }) => price === null || price.currency === limit.currency)) return [];
  const message = `holds nothing back: no plan costs ${limit.currency}`;
  return [{ path: limit.path, message, about: 'value', severity: 'warning' }];
}

/** Of two limits of a network the longer window must let more pass: else the shorter one is never reached. */
function neverCounted(limits: unknown): readonly Judgement[] {
  if (Array.isArray(limits) && limits.length > MOST_LIMITS) {
    const message = `must have at most ${MOST_LIMITS} entries`;
    return [{ path: ['defaults', 'network_limits'], message, about: 'value', severity: 'fault' }];
  }
  const readable = (Array.isArray(limits) ? limits : []).flatMap((limit: unknown, index) => {
    const [hours, reattempts] = [read(parseHours, at(limit, 'window')), at(limit, 'reattempts')];
    if (hours === null || typeof reattempts !== 'number') return [];
    return [{ network: at(limit, 'network'), hours, reattempts, path: ['defaults', 'network_limits', index] }];
  });
  return readable.flatMap(({ network, hours, reattempts, path }) => {
    const longer = readable.find(
      (other) => other.network === network && other.hours > hours && other.reattempts <= reattempts,
    );
    if (longer === undefined) return [];
    const message = `can never be reached: within ${longer.hours} hours no more than ${longer.reattempts} reattempts are made`;
    return [{ path: [...path, 'reattempts'], message, about: 'value', severity: 'fault' }];
  });
}

function text({ minor, currency }: Limit): string {
  return isCurrency(currency) ? `${majorText({ minor, currency })} ${currency}` : currency;
}
