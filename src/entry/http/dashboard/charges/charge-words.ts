import { resultWords } from '../../../../domain/charges/result.ts';
import { shownStates } from '../../../../domain/charges/shown-state.ts';
import { daysText } from '../frame/days.ts';
import type { ChargeLink, ChargeQuery } from './charge-query.ts';

/** What a list is narrowed by beside its due dates: as it is said, and the fields that say it. */
export type Narrowing = { readonly words: string; readonly fields: readonly (keyof ChargeQuery)[] };

/** Everything that narrows the list, in the words of its chips. */
export function narrowings(query: ChargeLink): readonly Narrowing[] {
  const { amount_from: least, amount_to: most } = query;
  const named = (Object.keys(WORDS) as (keyof typeof WORDS)[]).flatMap((field) => {
    const value = query[field];
    return value === undefined ? [] : [{ words: WORDS[field](String(value)), fields: [field] }];
  });
  const amount =
    least === undefined ? `${most} or less` : most === undefined ? `${least} or more` : `${least} to ${most}`;
  return [
    ...(query.state === undefined ? [] : [{ words: shownStates[query.state].word, fields: ['state' as const] }]),
    ...(query.result === undefined ? [] : [{ words: resultWords[query.result], fields: ['result' as const] }]),
    ...named,
    ...(least === undefined && most === undefined
      ? []
      : [{ words: `amount ${amount}`, fields: ['amount_from', 'amount_to'] as const }]),
    ...between('paid', query.paid_from, query.paid_to, ['paid_from', 'paid_to']),
    ...between('next attempt planned', query.planned_from, query.planned_to, ['planned_from', 'planned_to']),
  ];
}

function between(
  what: string,
  from: string | undefined,
  to: string | undefined,
  fields: Narrowing['fields'],
): readonly Narrowing[] {
  if (from === undefined && to === undefined) return [];
  const day = (text: string | undefined) => (text === undefined ? null : Temporal.PlainDate.from(text));
  return [{ words: `${what} ${daysText({ from: day(from), to: day(to) })}`, fields }];
}

const yes = (is: string, isNot: string) => (said: string) => (said === 'true' ? is : isNot);

const BECAME: Readonly<Record<string, string>> = {
  recovered: 'paid since',
  open: 'open',
  lost: 'given up',
  void: 'no longer owed',
};

const WORDS = {
  status: (value: string) => `status ${value}`,
  find: (value: string) => `named by ${value}`,
  customer: (value: string) => `customer ${value}`,
  subscription: (value: string) => `subscription ${value}`,
  plan: (value: string) => `plan ${value}`,
  class: (value: string) => `declined as ${value}`,
  failure_code: (value: string) => value,
  channel: (value: string) => `over ${value}`,
  first_channel: (value: string) => `first over ${value}`,
  currency: (value: string) => `in ${value}`,
  attempts_from: (value: string) => `attempts: ${value} or more`,
  attempts_to: (value: string) => `attempts: ${value} or fewer`,
  dunning: (value: string) => (value === 'any' ? 'declined at least once' : `declined, and ${BECAME[value] ?? value}`),
  first_class: (value: string) => `first declined as ${value}`,
  first_failure_code: (value: string) => `first declined with ${value}`,
  in_dunning: yes('in dunning', 'not in dunning'),
  missed: yes('found late', 'not found late'),
  overpaid: yes('paid twice', 'not paid twice'),
  refunded: yes('refunded', 'not refunded'),
  catalog_version: (value: string) => `catalog version ${value}`,
  account: (value: string) => `account ${value}`,
};
