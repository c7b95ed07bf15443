import { type Currency, toMajor, toMinor } from './resources/money.ts';

export type Ledger = {
  /** Money really taken: counted once for each payment that succeeds. */
  collect(amount: number, currency: Currency): void;
  giveBack(amount: number, currency: Currency): void;
  /** Major units by currency, payments minus refunds, and how many payments succeeded. */
  total(): { collected: Partial<Record<Currency, number>>; count: number };
};

/** The sandbox's own account of the money, for a test to compare the merchant's books with. */
export function makeLedger(): Ledger {
  const minor = new Map<Currency, number>();
  let count = 0;
  const add = (amount: number, currency: Currency): void => {
    minor.set(currency, (minor.get(currency) ?? 0) + amount);
  };
  return {
    collect(amount, currency) {
      add(toMinor(amount, currency), currency);
      count += 1;
    },
    giveBack: (amount, currency) => add(-toMinor(amount, currency), currency),
    total: () => ({ collected: Object.fromEntries([...minor].map(([c, sum]) => [c, toMajor(sum, c)])), count }),
  };
}
