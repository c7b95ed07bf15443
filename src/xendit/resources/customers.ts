import { z } from 'zod';
import { code, id, maybe, metadata, reference } from '../fields.ts';
import { at, type Body, type CallOptions, type Speaker } from '../speaker.ts';
import type { NewCustomerOfSession } from './sessions.ts';

/** A customer: names and addresses of the answer are not read, since nothing but the id is needed to charge them. */
export const Customer = z.object({ id, reference_id: reference, type: maybe(code), metadata });
export type Customer = z.output<typeof Customer>;

const Page = z.object({ data: z.array(Customer), has_more: maybe(z.boolean()) });
export type CustomerPage = z.output<typeof Page>;

export type NewCustomer = NewCustomerOfSession & {
  readonly metadata?: Readonly<Record<string, string>> | undefined;
};

const PATH = '/customers';
/** /customers has a version of its own (docs/xendit.md 1). */
const VERSION = '2020-10-31';

export function customers(speak: Speaker) {
  return {
    /** `idempotencyKey` is kept for 24 hours here: the same body again has the same answer. */
    create: (body: Body<NewCustomer>, options?: CallOptions) => speak.post(PATH, body, Customer, options, VERSION),
    get: (id: string, options?: CallOptions) => speak.get(at(PATH, id), Customer, options, VERSION),
    byReference: (referenceId: string, options?: CallOptions) => {
      const query = new URLSearchParams({ reference_id: referenceId });
      return speak.get(`${PATH}?${query.toString()}`, Page, options, VERSION);
    },
  };
}
