import { z } from 'zod';
import { amount, code, currency, id, maybe, reference, text } from '../fields.ts';
import { at, type Body, type CallOptions, type Speaker, V3 } from '../speaker.ts';
import { type Amount, asking, byStatus, details, failed } from './money-in.ts';

const fields = {
  ...details,
  payment_request_id: id,
  reference_id: reference,
  currency,
  request_amount: amount,
  latest_payment_id: maybe(id),
};

const PLAIN = ['SUCCEEDED', 'PENDING', 'AUTHORIZED', 'CANCELED', 'EXPIRED'] as const;
const STATUSES = [...PLAIN, 'FAILED', 'REQUIRES_ACTION', 'ACCEPTING_PAYMENTS'];

/** A payment request: what identifies it must be there, everything else may be missing and is null then. */
export const PaymentRequest = byStatus(
  STATUSES,
  z.discriminatedUnion('status', [
    z.object({ ...fields, status: z.literal(PLAIN) }),
    z.object({ ...fields, ...failed, status: z.literal('FAILED') }),
    z.object({ ...fields, ...asking, status: z.literal('REQUIRES_ACTION') }),
    z.object({ ...fields, ...asking, status: z.literal('ACCEPTING_PAYMENTS') }),
    z.object({ ...fields, status: z.literal('OTHER'), said_status: code }),
  ]),
);
export type PaymentRequest = z.output<typeof PaymentRequest>;

/** What comes of a simulation, which ends in a webhook. */
const Simulated = z.object({ status: code, message: maybe(text) });
export type Simulated = z.output<typeof Simulated>;

export type ReturnUrls = { readonly success_return_url: string; readonly failure_return_url: string };

/** Of a card that was saved: what it is charged for. Flat here, nested under `cards` in a session. */
export type CardProperties = Partial<ReturnUrls> & {
  readonly card_on_file_type: string;
  readonly recurring_configuration?: RecurringConfiguration | undefined;
  readonly transaction_sequence?: 'INITIAL' | 'SUBSEQUENT' | undefined;
  readonly skip_three_ds?: boolean | undefined;
  readonly statement_descriptor?: string | undefined;
  readonly mid_label?: string | undefined;
};
export type RecurringConfiguration = { readonly recurring_expiry: string; readonly recurring_frequency: number };

type Asked = {
  readonly reference_id: string;
  readonly country: string;
  readonly currency: string;
  readonly request_amount: Amount;
  readonly capture_method?: 'AUTOMATIC' | 'MANUAL' | undefined;
  readonly description?: string | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
};

/** A method that was saved is charged, without its customer: the token says which channel it is. */
export type ChargeOfToken = Asked & {
  readonly type: 'PAY';
  readonly payment_token_id: string;
  readonly channel_code?: string | undefined;
  readonly channel_properties?: CardProperties | Partial<ReturnUrls> | undefined;
};

/** The customer pays by their own hand: at a wallet, by the picture of a QR code, to a virtual account. */
export type PaymentByHand = Asked & {
  readonly type: 'PAY';
  readonly channel_code: string;
  readonly customer_id?: string | undefined;
  readonly channel_properties: Partial<ReturnUrls> & { readonly expires_at?: string | undefined } & Readonly<
      Record<string, unknown>
    >;
};

/** A code that takes many payments, of any amount where none is said. */
export type ReusableCode = Omit<Asked, 'request_amount'> & {
  readonly type: 'REUSABLE_PAYMENT_CODE';
  readonly request_amount?: Amount | undefined;
  readonly channel_code: string;
  readonly channel_properties: Readonly<Record<string, unknown>>;
};

/** The customer pays at a wallet, and the wallet is saved for later charges. */
export type PaymentThatSaves = Asked & {
  readonly type: 'PAY_AND_SAVE';
  readonly customer_id: string;
  readonly channel_code: string;
  readonly channel_properties: ReturnUrls & Readonly<Record<string, unknown>>;
};

export type NewPaymentRequest = ChargeOfToken | PaymentByHand | ReusableCode | PaymentThatSaves;

const PATH = '/v3/payment_requests';

export function paymentRequests(speak: Speaker) {
  return {
    /** One POST. Nothing on Xendit's side is known to hold a second one back: an answer that is lost is looked for, by its reference. */
    create: (body: Body<NewPaymentRequest>, options?: CallOptions) =>
      speak.post(PATH, body, PaymentRequest, options, V3),
    get: (id: string, options?: CallOptions) => speak.get(at(PATH, id), PaymentRequest, options, V3),
    /** Works while the request waits for its customer; Xendit refuses it on every other. */
    cancel: (id: string, options?: CallOptions) =>
      speak.post(at(PATH, id, '/cancel'), null, PaymentRequest, options, V3),
    /** In test mode alone: the customer pays. */
    simulate: (id: string, body: { readonly amount: Amount }, options?: CallOptions) =>
      speak.post(at(PATH, id, '/simulate'), body, Simulated, options, V3),
  };
}
