import { leastIn, takenByAll } from '../../../domain/catalog/channels.ts';
import { type Currency, moneyText } from '../../../domain/money/money.ts';
import { addUp, type Least, type Sums, type ToAddUp } from '../../../domain/money/sums.ts';

type Place = { readonly country: string; readonly currency: Currency };

/** Where a method was saved. */
export type SavedIn = { readonly channelCode: string; readonly country: string | null };

/**
 * What a charge comes to over the channel that it is charged in, which does not take too little. `follows`: another charge could carry
 * what is less. The method is looked up only where it can matter; all others are answered at once.
 */
export function payable(
  asked: Omit<ToAddUp, 'least'>,
  place: Place,
  follows: boolean,
  method: () => Promise<SavedIn | null>,
): Sums | Promise<Sums> {
  const sums = addUp({ ...asked, least: null });
  if (sums.amount === 0n || sums.amount >= takenByAll(place.country, place.currency)) return sums;
  return method().then((savedIn) => {
    const least = leastOf(savedIn, place, follows);
    return least === null ? sums : addUp({ ...asked, least });
  });
}

function leastOf(method: SavedIn | null, { country, currency }: Place, follows: boolean): Least | null {
  const amount = method === null ? null : leastIn(method.country ?? country, method.channelCode, currency);
  if (method === null || amount === null) return null;
  return { amount, why: `${method.channelCode} takes ${moneyText({ minor: amount, currency })} at least`, follows };
}
