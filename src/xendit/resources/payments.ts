import { z } from 'zod';
import { amount, code, currency, id, listOf, maybe, reference } from '../fields.ts';
import { at, type CallOptions, type Speaker, V3 } from '../speaker.ts';
import { type Amount, byStatus, details, failed } from './money-in.ts';

const Capture = z.object({ capture_id: id, capture_amount: amount });

const fields = {
  ...details,
  payment_id: id,
  payment_request_id: maybe(id),
  reference_id: reference,
  currency,
  request_amount: amount,
  captures: listOf(Capture),
};

const PLAIN = ['SUCCEEDED', 'PENDING', 'AUTHORIZED', 'CANCELED', 'EXPIRED'] as const;

/** A payment, which a payment request has when somebody paid or tried to: `latest_payment_id` names it. */
export const Payment = byStatus(
  [...PLAIN, 'FAILED'],
  z.discriminatedUnion('status', [
    z.object({ ...fields, status: z.literal(PLAIN) }),
    z.object({ ...fields, ...failed, status: z.literal('FAILED') }),
    z.object({ ...fields, status: z.literal('OTHER'), said_status: code }),
  ]),
);
export type Payment = z.output<typeof Payment>;

const PATH = '/v3/payments';

export function payments(speak: Speaker) {
  return {
    get: (id: string, options?: CallOptions) => speak.get(at(PATH, id), Payment, options, V3),
    /** Takes what was authorized, or a part of it. */
    capture: (id: string, body: { readonly capture_amount: Amount }, options?: CallOptions) =>
      speak.post(at(PATH, id, '/capture'), body, Payment, options, V3),
    /** Lets go of what was authorized. */
    cancel: (id: string, options?: CallOptions) => speak.post(at(PATH, id, '/cancel'), null, Payment, options, V3),
  };
}
