/** A share, exactly: 12 % is 12/100. */
export type Ratio = { readonly numerator: bigint; readonly denominator: bigint };

/** A share with the words in which somebody wrote it. */
export type WrittenRatio = Ratio & { readonly text: string };

/** Why a text is no share, in words that follow a field's name. */
export type RatioFault = { readonly fault: string };

const PERCENT = /^(\d{1,3})(?:\.(\d{1,4}))?%$/;
const FRACTION = /^(\d{1,6})\/(\d{1,6})$/;

/** Reads "12%" and "7.5%": more than 0 and at most 100. */
export function parsePercent(text: string): WrittenRatio | RatioFault {
  const [, whole = '', decimals = ''] = PERCENT.exec(text) ?? [];
  if (whole === '') return { fault: 'must be a percentage with its sign, such as "12%" or "7.5%"' };
  const ratio = { numerator: BigInt(whole + decimals), denominator: 100n * 10n ** BigInt(decimals.length), text };
  return isShare(ratio) ? ratio : { fault: 'must be more than 0% and at most 100%' };
}

/** Reads "11/12": more than 0 and at most 1. */
export function parseFraction(text: string): WrittenRatio | RatioFault {
  const [, numerator = '', denominator = ''] = FRACTION.exec(text) ?? [];
  if (numerator === '') return { fault: 'must be a fraction, such as "11/12"' };
  const ratio = { numerator: BigInt(numerator), denominator: BigInt(denominator), text };
  return isShare(ratio) ? ratio : { fault: 'must be more than 0 and at most 1' };
}

function isShare({ numerator, denominator }: Ratio): boolean {
  return numerator > 0n && numerator <= denominator;
}

/** The share of an amount, half up; of what is less than 0 the same with its sign. */
export function shareOf(amount: bigint, { numerator, denominator }: Ratio): bigint {
  if (amount < 0n) return -shareOf(-amount, { numerator, denominator });
  return (2n * amount * numerator + denominator) / (2n * denominator);
}

/**
 * A sum in parts that stand to each other as the weights do, in whole units: each has its share rounded down, and those with the
 * largest remainders, the first of equal ones, have one unit more. The parts add up to the sum. Of no weight at all nothing is made.
 */
export function spread(sum: bigint, weights: readonly bigint[]): readonly bigint[] {
  const whole = weights.reduce((total, weight) => total + weight, 0n);
  if (whole === 0n) return weights.map(() => 0n);
  const parts = weights.map((weight) => (sum * weight) / whole);
  const left = Number(sum - parts.reduce((total, part) => total + part, 0n));
  const largest = weights
    .map((weight, index) => ({ index, remainder: (sum * weight) % whole }))
    .toSorted((a, b) => Number(b.remainder > a.remainder) - Number(b.remainder < a.remainder))
    .slice(0, left);
  const more = new Set(largest.map(({ index }) => index));
  return parts.map((part, index) => (more.has(index) ? part + 1n : part));
}
