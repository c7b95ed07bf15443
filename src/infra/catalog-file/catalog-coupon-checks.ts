import { didYouMean } from '../../domain/catalog/did-you-mean.ts';
import { isCurrency } from '../../domain/money/money.ts';
import { moneyFaults } from './catalog-amounts.ts';
import type { FieldFault } from './catalog-faults.ts';
import { at, entries, isMap, value } from './catalog-values.ts';

/** What of a coupon contradicts itself, or names a plan that there is not. */
export function couponFaults(code: string, coupon: unknown, plans: readonly string[]): readonly FieldFault[] {
  if (!isMap(coupon)) return [];
  return [...whatItTakes(code, coupon), ...amountsOf(code, coupon), ...plansOf(code, coupon, plans)];
}

function whatItTakes(code: string, coupon: unknown): readonly FieldFault[] {
  const [percent, amount] = [at(coupon, 'percent'), at(coupon, 'amount')];
  if (percent !== undefined && amount !== undefined)
    return [
      value(['coupons', code, 'amount'], 'must be left out beside percent: a coupon takes off the one or the other'),
    ];
  const nothing = percent === undefined && (amount === undefined || (isMap(amount) && entries(amount).length === 0));
  return nothing ? [{ path: ['coupons', code], message: 'must have percent or amount', about: 'value' }] : [];
}

function amountsOf(code: string, coupon: unknown): readonly FieldFault[] {
  return entries(at(coupon, 'amount')).flatMap(([currency, amount]) => {
    const known = isCurrency(currency) && (typeof amount === 'string' || typeof amount === 'number');
    return known ? moneyFaults(['coupons', code, 'amount', currency], amount, currency) : [];
  });
}

function plansOf(code: string, coupon: unknown, plans: readonly string[]): readonly FieldFault[] {
  const named = at(coupon, 'plans');
  return (Array.isArray(named) ? named : []).flatMap((plan: unknown, index) =>
    typeof plan !== 'string' || plans.includes(plan)
      ? []
      : [value(['coupons', code, 'plans', index], `names "${plan}", which is no plan${didYouMean(plan, plans)}`)],
  );
}
