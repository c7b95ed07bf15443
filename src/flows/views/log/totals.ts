import { type Currency, majorNumber } from '../../../domain/money/money.ts';
import type { ChargeLogTotal, LogLine } from './charge-log.ts';

/** Adds up lines as they go by, by currency, as the database would. */
export function totalsOf() {
  const sums = new Map<string, { count: number; money: bigint; credit: bigint }>();
  return {
    add({ currency, money, credit }: LogLine): void {
      const sum = sums.getOrInsertComputed(String(currency ?? ''), () => ({ count: 0, money: 0n, credit: 0n }));
      sum.count += 1;
      sum.money += minorOf(money);
      sum.credit += minorOf(credit);
    },
    /** In the order of their names; those that are about no money last. */
    told(): readonly ChargeLogTotal[] {
      const sorted = [...sums].toSorted(([a], [b]) => Number(a === '') - Number(b === '') || (a < b ? -1 : 1));
      return sorted.map(([code, { count, money, credit }]) => {
        if (code === '') return { currency: null, count, money: Number(money), credit: Number(credit) };
        const currency = code as Currency;
        const amount = (minor: bigint) => majorNumber({ minor, currency });
        return { currency, count, money: amount(money), credit: amount(credit) };
      });
    },
  };
}

/** A line has all the decimals of its currency: without the point they are minor units. */
function minorOf(text: string | number | null): bigint {
  return text === null ? 0n : BigInt(String(text).replace('.', ''));
}
