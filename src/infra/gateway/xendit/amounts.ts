import { type Currency, isCurrency, type Money, majorText, parseMajor } from '../../../domain/money/money.ts';

const NUMBER_FORM = /^(\d{1,40})(?:\.(\d{1,40}))?(?:[eE]([+-]?\d{1,2}))?$/;

/**
 * A number as JSON may write it, in plain digits without needless zeros: 10000.00, 1e4 and "10000" are all 10000.
 * null for what is no amount: negative, not a number, beyond 40 digits.
 */
export function plainDigits(written: string | number): string | null {
  const parts = NUMBER_FORM.exec(String(written));
  if (parts === null) return null;
  const [, whole = '', fraction = '', exponent = '0'] = parts;
  const shift = Number(exponent);
  const digits = shift < 0 ? whole.padStart(whole.length - shift, '0') + fraction : whole + fraction.padEnd(shift, '0');
  const point = shift < 0 ? whole.length : whole.length + shift;
  const major = digits.slice(0, point).replace(/^0+(?=\d)/, '');
  const minor = digits.slice(point).replace(/0+$/, '');
  return minor === '' ? major : `${major}.${minor}`;
}

/** An amount as Xendit should read it: 150 and not 150.00, for some channels refuse decimals that are there. */
export function shortestMajor(amount: Money): string {
  return plainDigits(majorText(amount)) ?? majorText(amount);
}

/** Whether the number that Xendit wrote is exactly this amount, in its currency. */
export function isAmount(written: string | number, amount: Money): boolean {
  return plainDigits(written) === shortestMajor(amount);
}

/** The amount of a notice; null when it carries none, or none that the currency can have. */
export function readAmount(written: string | number | null, currency: string | null): Money | null {
  if (written === null || currency === null || !isCurrency(currency)) return null;
  const digits = plainDigits(written);
  return digits === null ? null : asMoney(digits, currency);
}

function asMoney(digits: string, currency: Currency): Money | null {
  const money = parseMajor(digits, currency);
  return 'fault' in money ? null : money;
}
