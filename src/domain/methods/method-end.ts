import { addInterval } from '../calendar/interval.ts';
import { monthsOf } from '../catalog/channels.ts';

/** A saved method, as far as it says how long it lasts. */
export type Lasting = {
  readonly channelCode: string;
  readonly country: string;
  /** The last day of its mandate. */
  readonly recurringExpiry: Temporal.PlainDate;
  readonly savedOn: Temporal.PlainDate;
  /** What is printed on the card, as Xendit writes it; null: it is no card, or was not told. */
  readonly expiryMonth: string | null;
  readonly expiryYear: string | null;
};

/** What ends a method: the day until which its customer agreed, what is printed on the card, or how long its channel keeps it. */
export const endings = ['mandate', 'card', 'channel'] as const;
export type EndedBy = (typeof endings)[number];

/** The last day on which a method can be charged. */
export type MethodEnd = { readonly on: Temporal.PlainDate; readonly by: EndedBy };

/**
 * The last day on which Xendit takes a charge: that of the mandate, or of what the channel keeps. What is printed on a card is not
 * counted here, since the networks renew cards under the same token.
 */
export function chargeableUntil(method: Lasting): MethodEnd {
  return earliest([{ on: method.recurringExpiry, by: 'mandate' }, ...endOfChannel(method)]);
}

/** The last day on which a method may be counted on: that day, or the last one of the month that is printed on the card. */
export function methodEnd(method: Lasting): MethodEnd {
  return earliest([chargeableUntil(method), ...endOfCard(method)]);
}

function earliest([first, ...others]: readonly [MethodEnd, ...MethodEnd[]]): MethodEnd {
  return others.reduce((end, other) => (Temporal.PlainDate.compare(other.on, end.on) < 0 ? other : end), first);
}

function endOfChannel({ country, channelCode, savedOn }: Lasting): readonly MethodEnd[] {
  const months = monthsOf(country, channelCode);
  if (months === null) return [];
  return [{ on: addInterval(savedOn, { count: months, unit: 'month' }, 1).subtract({ days: 1 }), by: 'channel' }];
}

/** A month or a year that nobody can read says nothing. */
function endOfCard({ expiryMonth, expiryYear }: Lasting): readonly MethodEnd[] {
  const [month, year] = [Number(expiryMonth), Number(expiryYear)];
  if (!(month >= 1 && month <= 12) || !(year >= 2000 && year <= 9999)) return [];
  const first = Temporal.PlainDate.from({ year, month, day: 1 });
  return [{ on: first.with({ day: first.daysInMonth }), by: 'card' }];
}
