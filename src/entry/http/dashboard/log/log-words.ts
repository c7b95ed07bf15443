import type { LogLink, LogQuery } from './log-query.ts';

/** What the log is narrowed by beside its days: as it is said, and the fields that say it. */
export type Narrowing = { readonly words: string; readonly fields: readonly (keyof LogQuery)[] };

const WORDS = {
  kind: (value: string) => value,
  find: (value: string) => `named by ${value}`,
  customer: (value: string) => `customer ${value}`,
  plan: (value: string) => `plan ${value}`,
  status: (value: string) => `charge is now ${value}`,
  class: (value: string) => `declined as ${value}`,
  failure_code: (value: string) => value,
  channel: (value: string) => `over ${value}`,
  currency: (value: string) => `in ${value}`,
  account: (value: string) => `account ${value}`,
};

/** Everything that narrows the log, in the words of its chips. */
export function narrowings(query: LogLink): readonly Narrowing[] {
  const { amount_from: least, amount_to: most } = query;
  const named = (Object.keys(WORDS) as (keyof typeof WORDS)[]).flatMap((field) => {
    const value = query[field];
    return value === undefined ? [] : [{ words: WORDS[field](value), fields: [field] }];
  });
  if (least === undefined && most === undefined) return named;
  const amount =
    least === undefined ? `${most} or less` : most === undefined ? `${least} or more` : `${least} to ${most}`;
  return [...named, { words: `amount ${amount}`, fields: ['amount_from', 'amount_to'] }];
}
