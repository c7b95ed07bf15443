import { readFileSync } from 'node:fs';
import { classify } from '../../src/domain/declines/decline.ts';

export function sample<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../fixtures/xendit/${name}.json`, import.meta.url), 'utf8')) as T;
}
export const adviceCodes = sample<readonly { readonly code: string; readonly description: string }[]>(
  'mastercard-merchant-advice-codes',
);

export const says = (code: string, networkCode: string | null = null, adviceCode: string | null = null) =>
  classify({ code, networkCode, adviceCode }, {});
