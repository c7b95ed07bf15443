import { z } from 'zod';
import { code, id, listOf, maybe, metadata, text } from '../fields.ts';
import type { ExactNumber } from '../json.ts';

/** An amount in major units: a number, or exactly the digits of one (`exactNumber`). */
export type Amount = number | ExactNumber;

/** What a customer is to do: an address to go to, a number or a picture to pay by. An entry without its value is left out. */
const Action = z.object({ type: maybe(code), descriptor: maybe(code), value: text });
export type Action = z.output<typeof Action>;

const Authorization = z.object({
  // The declines page and the payloads name the first one differently (docs/xendit.md 6.2).
  network_response_code: maybe(code),
  card_network_response_code: maybe(code),
  merchant_advice_code: maybe(code),
});

/** What a card is saved or charged for, as answers repeat it. */
export const CardOnFile = z.object({
  card_on_file_type: maybe(code),
  recurring_configuration: maybe(
    z.object({ recurring_frequency: maybe(z.number()), recurring_expiry: maybe(z.string().max(40)) }),
  ),
});
export type CardOnFile = z.output<typeof CardOnFile>;

/** The fields that payment requests and payments share beside their ids, all of them optional. */
export const details = {
  business_id: maybe(id),
  customer_id: maybe(id),
  payment_token_id: maybe(id),
  type: maybe(code),
  channel_code: maybe(code),
  channel_properties: maybe(CardOnFile),
  payment_details: maybe(z.object({ authorization_data: maybe(Authorization) })),
  metadata,
};

export const failed = { failure_code: maybe(code) };
export const asking = { actions: listOf(Action) };

/**
 * A union by status that survives a status which no document has: it is read as `OTHER`, with what was said in `said_status`. Xendit
 * spells CANCELED both ways.
 */
export function byStatus<T>(known: readonly string[], schema: z.ZodType<T>): z.ZodType<T> {
  return withStatus((status) => (known.includes(status) ? status : 'OTHER'), schema);
}

/** The status in one spelling, before a union is chosen by it; what is no code stays, and is a fault of the answer. */
export function withStatus<T>(read: (status: string) => string, schema: z.ZodType<T>): z.ZodType<T> {
  return z.preprocess((said) => {
    if (typeof said !== 'object' || said === null || !('status' in said) || typeof said.status !== 'string')
      return said;
    const written = said.status.trim();
    const status = read(written === 'CANCELLED' ? 'CANCELED' : written);
    if (status === 'OTHER') return { ...said, status, said_status: written };
    return status === said.status ? said : { ...said, status };
  }, schema);
}
