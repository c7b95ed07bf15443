import type { ChargeStatus } from './charge.ts';

/** What became of a charge, as a whole list of them is judged by: each charge has one. Money that went back later came in all the same. */
export const chargeResults = ['first_try', 'recovered', 'open', 'lost', 'given_up'] as const;
export type ChargeResult = (typeof chargeResults)[number];

/** The one place that writes what a result is called. */
export const resultWords: Readonly<Record<ChargeResult, string>> = {
  first_try: 'First try',
  recovered: 'Recovered later',
  open: 'Open',
  lost: 'Lost',
  given_up: 'Void',
};

/** The list of charges says the same in SQL, to count and to narrow by it. What had nothing to collect was never tried. */
export function chargeResult(status: ChargeStatus, attempts: number): ChargeResult {
  if (status === 'void') return 'given_up';
  if (status === 'uncollectible') return 'lost';
  if (status === 'due' || status === 'attempting' || status === 'held') return 'open';
  return attempts <= 1 ? 'first_try' : 'recovered';
}
