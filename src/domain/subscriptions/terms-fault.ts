import { noChannelTakes } from '../catalog/channels.ts';
import type { Plan } from '../catalog/plan.ts';
import { coversDate, type Mandate, mandateFor } from '../methods/mandate.ts';
import type { Purchase, Rhythm } from './terms.ts';

/** A saved method, as far as it says what may be charged to it. */
export type SavedFor = {
  readonly channelCode: string;
  readonly country: string;
  readonly mandate: Mandate;
};

/** New terms with the first day of their first period; `plan`: the plan that they are of. */
export type TermsToCharge = {
  readonly before: Rhythm;
  readonly after: Rhythm & Pick<Purchase, 'amount' | 'currency'>;
  readonly plan: Plan | null;
  readonly startsOn: Temporal.PlainDate;
};

/**
 * Why a saved method cannot be charged under new terms, in words; null: it can. It was saved for a sum that its channel takes, for
 * charges that lie so far apart, and until a day: what goes beyond these needs another saving, and fails at Xendit without one.
 */
export function methodFault({ channelCode, country, mandate }: SavedFor, terms: TermsToCharge): string | null {
  const { after, startsOn } = terms;
  const amount = noChannelTakes(country, [channelCode], { minor: after.amount, currency: after.currency });
  if (amount !== null) return `the new price ${amount}`;
  const days = daysApart(terms);
  if (days !== null && mandate.recurringFrequency > days)
    return `the method was saved for charges that lie ${mandate.recurringFrequency} days apart at least, and the new ones lie ${days} apart`;
  if (coversDate(mandate, startsOn)) return null;
  return `the method may be charged until ${mandate.recurringExpiry.toString()}, and the next charge is on ${startsOn.toString()}`;
}

/** How near charges of the new terms may come to each other; null: as near as before. */
function daysApart({ before, after, plan, startsOn }: TermsToCharge): number | null {
  const isSame = after.intervalCount === before.intervalCount && after.intervalUnit === before.intervalUnit;
  if (isSame || plan === null) return null;
  return mandateFor({ ...plan, setupFee: null, trial: null }, startsOn, 1).recurringFrequency;
}
