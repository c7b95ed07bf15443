import { intervalText } from '../calendar/interval.ts';
import { moneyText } from '../money/money.ts';
import type { Catalog, Plan, Silence } from './plan.ts';

/** A field of a plan as people read it, before an edit and after it; null: the plan has, or had, none. */
export type FieldChange = { readonly field: string; readonly before: string | null; readonly after: string | null };

export type PlanChange = {
  readonly plan: string;
  readonly change: 'added' | 'removed' | 'changed';
  readonly fields: readonly FieldChange[];
};

/** The plans that are sold otherwise in another catalog, in the order of the newer one; those that it lacks come last. */
export function planChanges(before: Catalog, after: Catalog): readonly PlanChange[] {
  const ids = new Set([...after.plans.keys(), ...before.plans.keys()]);
  return [...ids].flatMap((plan): readonly PlanChange[] => {
    const [was, is] = [before.plans.get(plan), after.plans.get(plan)];
    if (was === undefined) return [{ plan, change: 'added', fields: [] }];
    if (is === undefined) return [{ plan, change: 'removed', fields: [] }];
    const fields = fieldChanges(fieldsOf(was), fieldsOf(is));
    return fields.length === 0 ? [] : [{ plan, change: 'changed', fields }];
  });
}

/** What else says other things in another catalog: rules of all plans, and coupons. */
export function otherChanges(before: Catalog, after: Catalog): readonly string[] {
  const rules = fieldChanges(textsOf(before.defaults), textsOf(after.defaults)).map(
    ({ field }) => `defaults: ${field}`,
  );
  const coupons = fieldChanges(couponTexts(before), couponTexts(after));
  return [...rules, ...coupons.map(({ field, before: was, after: is }) => `coupon ${field}: ${couponWord(was, is)}`)];
}

function couponTexts({ coupons }: Catalog): Texts {
  return Object.fromEntries([...coupons].map(([code, coupon]) => [code, textOf(coupon)]));
}

function couponWord(was: string | null, is: string | null): string {
  return was === null ? 'added' : is === null ? 'removed' : 'changed';
}

type Texts = Readonly<Record<string, string | null>>;

function fieldChanges(before: Texts, after: Texts): readonly FieldChange[] {
  return [...new Set([...Object.keys(after), ...Object.keys(before)])].flatMap((field) => {
    const [was, is] = [before[field] ?? null, after[field] ?? null];
    return was === is ? [] : [{ field, before: was, after: is }];
  });
}

function fieldsOf({ id: _same, price, setupFee, interval, trial, noticeDays, silence, ...rules }: Plan): Texts {
  return {
    price: moneyText(price),
    interval: intervalText(interval),
    setup_fee: setupFee === null ? null : moneyText(setupFee),
    trial: trial === null ? null : intervalText(trial),
    notice: noticeDays === null ? null : noticeText(noticeDays, silence),
    ...textsOf(rules),
  };
}

function noticeText(days: number, silence: Silence): string {
  const before = `${days} days before`;
  return silence === 'agrees' ? before : `${before}, consent: opt_in, silence: ${silence}`;
}

/** By the names that the catalog has for them. */
function textsOf(fields: object): Texts {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [
      NAMES[key] ?? key.replaceAll(/[A-Z]/g, (one) => `_${one.toLowerCase()}`),
      textOf(value),
    ]),
  );
}

/** Where the catalog's word is another one. */
const NAMES: Readonly<Record<string, string>> = {
  tax: 'taxes',
  graceDays: 'access',
  missedAfterHours: 'missed_after',
  linkMinutes: 'link_valid_for',
};

function textOf(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string') return value;
  return JSON.stringify(value, (_key, part: unknown) => (typeof part === 'bigint' ? part.toString() : part)) ?? null;
}
