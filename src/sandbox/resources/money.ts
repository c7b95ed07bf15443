/** Currencies that Xendit's sessions and payment requests take, with the decimals to hold them to (docs/xendit.md 9.1). */
const DECIMALS = { IDR: 0, VND: 0, PHP: 2, THB: 2, SGD: 2, MYR: 2, USD: 2 } as const;

export type Currency = keyof typeof DECIMALS;
export const CURRENCIES = Object.keys(DECIMALS) as Currency[];

/** Whether the amount, in major units, has no more decimals than the currency. */
export function fitsCurrency(amount: number, currency: Currency): boolean {
  return Number(amount.toFixed(DECIMALS[currency])) === amount;
}

/** Whole minor units, so that sums are exact. */
export function toMinor(amount: number, currency: Currency): number {
  return Math.round(amount * 10 ** DECIMALS[currency]);
}

/** Back to major units, as Xendit writes them. */
export function toMajor(minor: number, currency: Currency): number {
  return minor / 10 ** DECIMALS[currency];
}
