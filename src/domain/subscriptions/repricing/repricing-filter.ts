import { didYouMean } from '../../catalog/did-you-mean.ts';
import { type SubscriptionStatus, subscriptionStatuses } from '../subscription.ts';

/** What a repricing may be narrowed by, beside `metadata.<key>`. */
export const filterKeys = ['channel', 'country', 'currency', 'quantity', 'status', 'version'] as const;
export type FilterKey = (typeof filterKeys)[number];

/** One `key=value`: all of a repricing must hold. */
export type RepricingFilter =
  | { readonly key: FilterKey; readonly value: string }
  | { readonly key: `metadata.${string}`; readonly value: string };

const METADATA = 'metadata.';

/** Reads `key=value`; a sentence where it cannot be meant. */
export function readFilter(text: string): RepricingFilter | { readonly fault: string } {
  const at = text.indexOf('=');
  const [key, value] = at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
  if (at === -1 || value === '')
    return { fault: `"${text}" must be key=value, such as country=ID or metadata.cohort=a` };
  if (key.startsWith(METADATA))
    return key.length > METADATA.length
      ? { key: key as `metadata.${string}`, value }
      : { fault: '"metadata." names no key: write metadata.cohort=a' };
  const known = filterKeys.find((one) => one === key);
  if (known === undefined) {
    const near = didYouMean(key, filterKeys);
    return { fault: `there is no filter "${key}"${near}; there are ${filterKeys.join(', ')} and metadata.<key>` };
  }
  const fault = valueFault(known, value);
  return fault === null ? { key: known, value } : { fault: `${known}=${value}: ${fault}` };
}

function valueFault(key: FilterKey, value: string): string | null {
  switch (key) {
    case 'quantity':
    case 'version':
      return /^[1-9]\d{0,8}$/.test(value) ? null : 'must be a whole number from 1 on';
    case 'status':
      return isStatus(value) ? null : `must be one of ${subscriptionStatuses.join(', ')}`;
    case 'country':
      return /^[A-Z]{2}$/.test(value) ? null : 'must be two capital letters, such as ID';
    case 'currency':
      return /^[A-Z]{3}$/.test(value) ? null : 'must be three capital letters, such as IDR';
    case 'channel':
      return /^[A-Z][A-Z0-9_]*$/.test(value) ? null : 'must be a channel code, such as CARDS';
  }
}

function isStatus(value: string): value is SubscriptionStatus {
  return subscriptionStatuses.some((status) => status === value);
}
