/** The currencies that Xendit collects in (docs/xendit.md 2.2). */
export type Currency = 'IDR' | 'VND' | 'PHP' | 'THB' | 'SGD' | 'MYR' | 'USD';

/** Whole minor units: 150000n IDR is Rp 150,000; 1005n PHP is PHP 10.05. */
export type Money = { readonly minor: bigint; readonly currency: Currency };

/** Why a text is no amount, in words that follow a field's name: "must not be negative". */
export type MoneyFault = { readonly fault: string };

// Our own table, not ISO 4217 nor Intl: they disagree about IDR (2 and 0), a factor of 100, and Xendit
// refuses decimals in IDR (docs/xendit.md 9.1).
const DECIMALS: Readonly<Record<Currency, number>> = { IDR: 0, VND: 0, PHP: 2, THB: 2, SGD: 2, MYR: 2, USD: 2 };

// Every decimal number of up to 15 significant digits survives the trip through a JSON number and back.
const MOST_DIGITS = 15;

/** The most minor units that an amount may have. */
export const MOST_MINOR = 10n ** BigInt(MOST_DIGITS) - 1n;

const NUMBER_FORM = /^(-?)(\d+)(?:\.(\d+))?$/;

/** All currencies, in the order of the table. */
export const currencies = Object.keys(DECIMALS) as readonly Currency[];

/** An amount from whole minor units. */
export function money(minor: bigint | number, currency: Currency): Money {
  return { minor: BigInt(minor), currency };
}

/** How many decimals amounts of the currency have at Xendit. */
export function decimals(currency: Currency): number {
  return DECIMALS[currency];
}

/** Whether the text is a currency code that we know, in capitals. */
export function isCurrency(text: string): text is Currency {
  return Object.hasOwn(DECIMALS, text);
}

/**
 * Reads an amount in major units, as the API, the catalog and Xendit write it: 150000, 10.5, "10.05".
 * Zero is an amount. Never rounds: what the currency or a JSON number cannot carry exactly is a fault.
 */
export function parseMajor(text: string | number, currency: Currency): Money | MoneyFault {
  const written = String(text);
  const parts = NUMBER_FORM.exec(written);
  if (parts === null) return { fault: 'must be a number in plain digits, such as 150000 or 10.50' };
  const [, sign, whole = '', fraction = ''] = parts;
  if (sign === '-') return { fault: 'must not be negative' };
  if (whole.length > 1 && whole.startsWith('0')) return { fault: 'must not begin with a zero' };
  const places = DECIMALS[currency];
  if (fraction.length > places) return { fault: tooManyDecimals(places, currency) };
  if (whole.length + fraction.length > MOST_DIGITS) return { fault: `must have at most ${MOST_DIGITS} digits` };
  return { minor: BigInt(whole + fraction.padEnd(places, '0')), currency };
}

function tooManyDecimals(places: number, currency: Currency): string {
  return places === 0
    ? `must be a whole number: ${currency} has no decimals`
    : `must have at most ${places} decimals, as ${currency} has`;
}

/** Major units with all the decimals of the currency: "150000", "10.05", "-10.05". No grouping, no symbol. */
export function majorText(amount: Money): string {
  const places = DECIMALS[amount.currency];
  const sign = amount.minor < 0n ? '-' : '';
  const digits = String(amount.minor < 0n ? -amount.minor : amount.minor).padStart(places + 1, '0');
  if (places === 0) return sign + digits;
  return `${sign}${digits.slice(0, -places)}.${digits.slice(-places)}`;
}

/** As people write it, with commas between thousands: "IDR 150,000", "PHP 1,499.50". */
export function moneyText(amount: Money): string {
  const [whole = '', cents] = majorText(amount).split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return `${amount.currency} ${grouped}${cents === undefined ? '' : `.${cents}`}`;
}

/** Major units as a JSON number, as Xendit reads it. Throws where a number would not carry the amount exactly. */
export function majorNumber(amount: Money): number {
  const text = majorText(amount);
  const number = Number(text);
  if (number.toFixed(DECIMALS[amount.currency]) !== text) {
    throw new RangeError(`${text} ${amount.currency} does not fit a JSON number`);
  }
  return number;
}

/** The sum. Throws on two currencies: that is a bug, never an answer. */
export function add(a: Money, b: Money): Money {
  return { minor: a.minor + sameCurrency(a, b).minor, currency: a.currency };
}

/** a - b, which may be negative. Throws on two currencies: that is a bug, never an answer. */
export function subtract(a: Money, b: Money): Money {
  return { minor: a.minor - sameCurrency(a, b).minor, currency: a.currency };
}

function sameCurrency(a: Money, b: Money): Money {
  if (a.currency !== b.currency) throw new TypeError(`${a.currency} and ${b.currency} cannot be added up`);
  return b;
}
