import { decimals, isCurrency } from './money.ts';

/** 150,000 or 499.50: as many decimals as the currency has. */
export function amountText(amount: number, currency: string): string {
  const places = isCurrency(currency) ? decimals(currency) : 2;
  return amount.toLocaleString('en', { minimumFractionDigits: places, maximumFractionDigits: places });
}

/** "IDR 150,000", "PHP 499.50". */
export function moneyText(amount: number, currency: string): string {
  return `${currency} ${amountText(amount, currency)}`;
}
