import type { ItemStanding } from '../../domain/charges/parts.ts';
import { type Currency, MOST_MINOR, parseMajor } from '../../domain/money/money.ts';

/** A line that is asked for on the next charge: so many, each at this amount in major units. */
export type AskedItem = { readonly text: string; readonly amount: number; readonly quantity?: number | undefined };

/** A bad field, in words that follow its name. */
type ItemFault = { readonly field: string; readonly message: string };

/** An item as it will wait; or every field that keeps one from it. `field` is what stands before the name of a field. */
export function itemOf(
  { text, amount, quantity = 1 }: AskedItem,
  currency: Currency,
  field: string,
): ItemStanding | { readonly faults: readonly ItemFault[] } {
  const price = parseMajor(amount, currency);
  if ('fault' in price) return { faults: [{ field: `${field}amount`, message: price.fault }] };
  if (price.minor === 0n) return { faults: [{ field: `${field}amount`, message: 'must be more than 0' }] };
  const whole = price.minor * BigInt(quantity);
  if (whole > MOST_MINOR) return { faults: [{ field: `${field}quantity`, message: TOO_MUCH }] };
  return {
    kind: 'item',
    text,
    quantity,
    unitAmount: price.minor,
    amount: whole,
    periodStart: null,
    periodEnd: null,
    discounted: true,
  };
}

/** Of a quantity. */
export const TOO_MUCH = 'comes to more than 15 digits with its price';
