import { z } from 'zod';
import { amount, code, currency, id, maybe, metadata, reference, time, webUrl } from '../fields.ts';
import { at, type Body, type CallOptions, type Speaker } from '../speaker.ts';
import { type Amount, CardOnFile, withStatus } from './money-in.ts';
import type { RecurringConfiguration } from './payment-requests.ts';

/** It opens the session: of no form that is promised, and never to be logged. */
const SdkKey = z.string().regex(/^\S{1,1000}$/);

const fields = {
  payment_session_id: id,
  business_id: maybe(id),
  reference_id: maybe(reference),
  session_type: maybe(code),
  mode: maybe(code),
  currency: maybe(currency),
  amount: maybe(amount),
  customer_id: maybe(id),
  expires_at: maybe(time),
  channel_properties: maybe(z.object({ cards: maybe(CardOnFile) })),
  /** What came of it: of a session that is completed, and said of others by no document. */
  payment_token_id: maybe(id),
  payment_request_id: maybe(id),
  payment_id: maybe(id),
  metadata,
};

/** A session in an answer or a webhook: `ACTIVE` has the link to its page, or the key for a page of the product's own. */
export const Session = z.preprocess(
  named,
  withStatus(
    // PENDING is typed by Xendit's own browser SDK only: the customer is at it.
    (status) => (status === 'PENDING' ? 'ACTIVE' : status),
    z.discriminatedUnion(
      'status',
      [
        z.object({
          ...fields,
          status: z.literal('ACTIVE'),
          payment_link_url: maybe(webUrl),
          components_sdk_key: maybe(SdkKey),
        }),
        z.object({ ...fields, status: z.literal(['COMPLETED', 'EXPIRED', 'CANCELED']) }),
      ],
      'is no status of a session',
    ),
  ),
);
export type Session = z.output<typeof Session>;

/** One project's real webhook calls the session's id `id` (docs/xendit.md 2.4). */
function named(said: unknown): unknown {
  if (typeof said !== 'object' || said === null || !('id' in said)) return said;
  if ('payment_session_id' in said && id.safeParse(said.payment_session_id).success) return said;
  return { ...said, payment_session_id: said.id };
}

export type NewCustomerOfSession = {
  readonly reference_id: string;
  readonly type: 'INDIVIDUAL';
  readonly email?: string | undefined;
  readonly mobile_number?: string | undefined;
  readonly individual_detail: { readonly given_names: string; readonly surname?: string | undefined };
};

/** Nested under `cards` here, flat in a payment request. */
export type CardsOfSession = {
  readonly card_on_file_type?: string | undefined;
  readonly recurring_configuration?: RecurringConfiguration | undefined;
  readonly statement_descriptor?: string | undefined;
  readonly mid_label?: string | undefined;
  readonly skip_three_ds?: boolean | undefined;
};

export type SessionItem = {
  readonly reference_id: string;
  readonly type: 'DIGITAL_SERVICE' | 'PHYSICAL_PRODUCT' | 'DIGITAL_PRODUCT' | 'PHYSICAL_SERVICE' | 'FEES';
  readonly name: string;
  readonly net_unit_amount: Amount;
  readonly quantity: number;
  readonly category: string;
  readonly currency?: string | undefined;
};

/** Xendit's own page, or parts of it on a page of the product's own. */
export type SessionPlace =
  | { readonly mode: 'PAYMENT_LINK'; readonly success_return_url: string; readonly cancel_return_url: string }
  | {
      readonly mode: 'COMPONENTS';
      readonly components_configuration: {
        readonly origins: readonly string[];
        readonly return_url?: string | undefined;
      };
    }
  | {
      readonly mode: 'CARDS_SESSION_JS';
      readonly cards_session_js: { readonly success_return_url: string; readonly failure_return_url: string };
    };

type Asked = SessionPlace & {
  readonly reference_id: string;
  readonly country: string;
  readonly currency: string;
  readonly channel_properties?: { readonly cards?: CardsOfSession | undefined } | CardsOfSession | undefined;
  readonly allowed_payment_channels?: readonly string[] | undefined;
  readonly locale?: string | undefined;
  readonly expires_at?: string | undefined;
  readonly description?: string | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
} & ({ readonly customer_id: string } | { readonly customer: NewCustomerOfSession });

/** A method is saved, and nothing is paid. */
export type SessionThatSaves = Asked & { readonly session_type: 'SAVE'; readonly amount: 0 };

/** Something is paid, and the method is saved too where that is said. */
export type SessionThatPays = Asked & {
  readonly session_type: 'PAY';
  readonly amount: Amount;
  readonly allow_save_payment_method?: 'DISABLED' | 'OPTIONAL' | 'FORCED' | undefined;
  readonly items?: readonly SessionItem[] | undefined;
};

export type NewSession = SessionThatSaves | SessionThatPays;

const PATH = '/sessions';

export function sessions(speak: Speaker) {
  return {
    /** One POST; a reference that was used before is refused. */
    create: (body: Body<NewSession>, options?: CallOptions) => speak.post(PATH, body, Session, options),
    get: (id: string, options?: CallOptions) => speak.get(at(PATH, id), Session, options),
    /** No webhook follows. A session that is not open any more is a failure, 422. */
    cancel: (id: string, options?: CallOptions) => speak.post(at(PATH, id, '/cancel'), null, Session, options),
  };
}
