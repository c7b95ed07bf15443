import { longestDays } from '../calendar/interval.ts';
import { monthsOf, noChannelTakes } from '../catalog/channels.ts';
import type { Plan } from '../catalog/plan.ts';
import { type Mandate, mandateFor } from '../methods/mandate.ts';
import type { EndedBy, MethodEnd } from '../methods/method-end.ts';
import type { Purchase, Rhythm } from './terms.ts';

/** A saved method, as far as it says what may be charged to it. */
export type SavedFor = {
  readonly channelCode: string;
  readonly country: string;
  readonly mandate: Mandate;
  /** The last day on which Xendit takes a charge. */
  readonly until: MethodEnd;
};

/** New terms, with the first day of their first period and of their last; `plan`: the plan that they are of. */
export type TermsToCharge = {
  readonly before: Rhythm & Pick<Purchase, 'plan'>;
  readonly after: Rhythm & Pick<Purchase, 'plan' | 'amount' | 'currency'>;
  readonly plan: Plan | null;
  readonly startsOn: Temporal.PlainDate;
  /** Null: there is no last one. */
  readonly lastOn: Temporal.PlainDate | null;
};

/**
 * Why a saved method cannot be charged under new terms, in words; null: it can. It was saved for a sum that its channel takes, for
 * charges that lie so far apart, and until a day: what goes beyond these needs another saving, and fails at Xendit without one.
 */
export function methodFault(saved: SavedFor, terms: TermsToCharge): string | null {
  return amountFault(saved, terms) ?? gapFault(saved, terms) ?? endFault(saved, terms) ?? lifeFault(saved, terms);
}

function amountFault({ country, channelCode }: SavedFor, { after }: TermsToCharge): string | null {
  const amount = noChannelTakes(country, [channelCode], { minor: after.amount, currency: after.currency });
  return amount === null ? null : `the new price ${amount}`;
}

function gapFault({ mandate }: SavedFor, terms: TermsToCharge): string | null {
  const { plan, startsOn } = terms;
  if (isSameInterval(terms) || plan === null) return null;
  const days = mandateFor({ ...plan, setupFee: null, trial: null }, startsOn, 1).recurringFrequency;
  if (mandate.recurringFrequency <= days) return null;
  return `the method was saved for charges that lie ${mandate.recurringFrequency} days apart at least, and the new ones lie ${days} apart`;
}

const BY: Readonly<Record<EndedBy, string>> = {
  mandate: '',
  card: '',
  channel: ', for its channel keeps it no longer',
};

/** Another plan with an end is agreed to as a whole: its last charge must be within what the customer agreed to as well. */
function endFault({ until }: SavedFor, { before, after, startsOn, lastOn }: TermsToCharge): string | null {
  const isWhole = lastOn !== null && after.plan !== before.plan;
  const last = isWhole && Temporal.PlainDate.compare(lastOn, startsOn) > 0 ? lastOn : startsOn;
  if (Temporal.PlainDate.compare(last, until.on) <= 0) return null;
  const which = last === startsOn ? 'next' : 'last';
  return `the method may be charged until ${until.on.toString()}${BY[until.by]}, and the ${which} charge is on ${last.toString()}`;
}

/** A channel that keeps a method for less than a period would have it saved anew for each charge. */
function lifeFault({ country, channelCode }: SavedFor, terms: TermsToCharge): string | null {
  const months = monthsOf(country, channelCode);
  if (months === null || isSameInterval(terms)) return null;
  const { intervalCount: count, intervalUnit: unit } = terms.after;
  if (longestDays({ count, unit }) <= longestDays({ count: months, unit: 'month' })) return null;
  return `${channelCode} keeps a saved method for ${months} months, and the new charges lie further apart`;
}

function isSameInterval({ before, after }: TermsToCharge): boolean {
  return after.intervalCount === before.intervalCount && after.intervalUnit === before.intervalUnit;
}
