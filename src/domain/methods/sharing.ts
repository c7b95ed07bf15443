import { asksEachTime, noChannelTakes } from '../catalog/channels.ts';
import type { Plan } from '../catalog/plan.ts';
import { type Mandate, mandateFor, planEnd, type SavedFor } from './mandate.ts';
import type { MethodEnd } from './method-end.ts';
import type { TokenStatus } from './token-moves.ts';

/** A method that was saved for one subscription, and that another one is to be charged to as well. */
export type SharedMethod = {
  readonly channelCode: string;
  readonly country: string;
  /** The currency that Xendit names for it; null: it names none. */
  readonly currency: string | null;
  readonly status: TokenStatus;
  readonly mandate: Mandate;
  /** The last day on which Xendit takes a charge. */
  readonly until: MethodEnd;
};

/** What is to be charged to it. */
export type SharedFor = {
  readonly plan: Plan;
  /** The first day of its first cycle. */
  readonly startsOn: Temporal.PlainDate;
  /** Null: whatever the plan's country has. */
  readonly allowedChannels: readonly string[] | null;
  /** What the request says that the method is charged as; undefined: as it was saved. */
  readonly saveFor: SavedFor | undefined;
};

const SAVE_ANOTHER = 'leave use_method out, and the customer saves a method for this subscription';

/**
 * Why a method cannot be charged for another subscription too, in words that follow the field's name; null: it can. Its customer agreed to
 * charges of one kind, so far apart, and until a day: what goes beyond these would be declined later.
 */
export function whyNotShared(method: SharedMethod, wanted: SharedFor): string | null {
  const fault = whyUnfit(method, wanted);
  return fault === null ? null : `${fault}: ${SAVE_ANOTHER}`;
}

/** The same without the way out. */
export function whyUnfit(method: SharedMethod, wanted: SharedFor): string | null {
  return deadFault(method) ?? placeFault(method, wanted) ?? mandateFault(method, wanted);
}

function deadFault({ status, country, channelCode }: SharedMethod): string | null {
  if (status !== 'active') return `names a method that has ended (${status})`;
  if (!asksEachTime(country, channelCode)) return null;
  return `names a method of ${channelCode}, which asks its customer each time and cannot be charged when a cycle falls due`;
}

function placeFault(method: SharedMethod, { plan, allowedChannels }: SharedFor): string | null {
  const { channelCode, country, currency } = method;
  if (country !== plan.country) return `names a method of ${country}, and the plan is of ${plan.country}`;
  if (currency !== null && currency !== plan.price.currency)
    return `names a method that pays in ${currency}, and the plan costs ${plan.price.currency}`;
  if (allowedChannels !== null && !allowedChannels.includes(channelCode))
    return `names a method of ${channelCode}, and the subscription may be paid with ${allowedChannels.join(', ')}`;
  const amount = noChannelTakes(country, [channelCode], plan.price);
  return amount === null ? null : `names a method that does not fit: the price ${amount}`;
}

function mandateFault({ mandate, until }: SharedMethod, { plan, startsOn, saveFor }: SharedFor): string | null {
  const { cardOnFileType, recurringFrequency } = mandate;
  if (saveFor !== undefined && saveFor !== cardOnFileType)
    return `names a method that was saved as ${cardOnFileType}, and is charged as nothing else, while save_for asks for ${saveFor}`;
  const days = mandateFor(plan, startsOn, 1, cardOnFileType).recurringFrequency;
  if (recurringFrequency > days)
    return `names a method that was saved for charges ${recurringFrequency} days apart at least, and those of the plan may lie ${days} apart`;
  const last = planEnd({ ...plan, trial: null }, startsOn) ?? startsOn;
  if (Temporal.PlainDate.compare(until.on, last) >= 0) return null;
  return `names a method that can be charged until ${until.on.toString()}, and the subscription needs one until ${last.toString()}`;
}
