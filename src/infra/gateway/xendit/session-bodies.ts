import { exactNumber } from '../../../xendit/json.ts';
import type {
  CardsOfSession,
  NewCustomerOfSession,
  SessionItem,
  SessionPlace,
  SessionThatPays,
  SessionThatSaves,
} from '../../../xendit/resources/sessions.ts';
import { written } from '../../../xendit/speaker.ts';
import type { PaySessionRequest, SessionRequest } from '../gateway.ts';
import { shortestMajor } from './amounts.ts';
import { plainName } from './names.ts';

/** The body of a SAVE session: amount 0, and neither capture_method nor items, which Xendit refuses here. */
export function describeSession(request: SessionRequest): SessionThatSaves {
  return {
    reference_id: request.referenceId,
    session_type: 'SAVE',
    amount: 0,
    currency: request.currency,
    country: request.country,
    ...customerOf(request.customer),
    channel_properties: keptAs(request),
    allowed_payment_channels: offeredOn(request),
    locale: request.locale ?? undefined,
    expires_at: request.expiresAt?.toString(),
    description: request.description === '' ? undefined : request.description,
    metadata: request.metadata,
    ...placeOf(request),
  };
}

/** The body of a PAY session; without capture_method, whose default is the only one that fits (docs/xendit.md 2.5). */
export function describePaySession(request: PaySessionRequest): string {
  const { amount } = request;
  const body: SessionThatPays = {
    reference_id: request.referenceId,
    session_type: 'PAY',
    amount: exactNumber(shortestMajor(amount)),
    currency: amount.currency,
    country: request.country,
    ...customerOf(request.customer),
    allow_save_payment_method: request.saves,
    channel_properties: request.saves === 'DISABLED' ? onStatement(request) : keptAs(request),
    allowed_payment_channels: offeredOn(request),
    locale: request.locale ?? undefined,
    expires_at: request.expiresAt.toString(),
    items: [itemOf(request)],
    description: request.description,
    metadata: request.metadata,
    ...placeOf(request),
  };
  return written(body);
}

type Kept = Pick<SessionRequest, 'mode' | 'mandate' | 'allowedChannels' | 'cards'>;

/**
 * What the card will be saved for. Nested here, flat in a charge and for the older library; other channels have no such thing. Never
 * skip_three_ds: the authentication of this session is what the later charges rest on.
 */
function keptAs({ mode, mandate, allowedChannels, cards }: Kept): SessionThatSaves['channel_properties'] {
  const kept = {
    card_on_file_type: mandate.cardOnFileType,
    recurring_configuration: {
      recurring_frequency: mandate.recurringFrequency,
      recurring_expiry: mandate.recurringExpiry.toString(),
    },
  };
  if (mode === 'CARDS_SESSION_JS') return kept;
  return withoutCards(allowedChannels) ? undefined : { cards: { ...kept, ...shown(cards) } };
}

/** Where nothing is kept, only what the customer reads on the statement. */
function onStatement({ allowedChannels, cards }: PaySessionRequest): SessionThatPays['channel_properties'] {
  const isSaid = cards.statementDescriptor !== null || cards.midLabel !== null;
  return withoutCards(allowedChannels) || !isSaid ? undefined : { cards: shown(cards) };
}

function shown({ statementDescriptor, midLabel }: SessionRequest['cards']): CardsOfSession {
  return { statement_descriptor: statementDescriptor ?? undefined, mid_label: midLabel ?? undefined };
}

function withoutCards(allowedChannels: readonly string[] | null): boolean {
  return allowedChannels?.includes('CARDS') === false;
}

/** The older library takes cards, and has no choice to offer. */
function offeredOn({ mode, allowedChannels }: Pick<SessionRequest, 'mode' | 'allowedChannels'>) {
  return mode === 'CARDS_SESSION_JS' ? undefined : (allowedChannels ?? undefined);
}

/** A page of the product's own has its origins; Xendit's page leads back to the product. */
function placeOf({ mode, origins, returnUrls }: Pick<SessionRequest, 'mode' | 'origins' | 'returnUrls'>): SessionPlace {
  switch (mode) {
    case 'PAYMENT_LINK':
      return { mode, success_return_url: returnUrls.success, cancel_return_url: returnUrls.cancel };
    case 'COMPONENTS':
      return { mode, components_configuration: { origins: origins ?? [] } };
    case 'CARDS_SESSION_JS':
      return {
        mode,
        cards_session_js: { success_return_url: returnUrls.success, failure_return_url: returnUrls.cancel },
      };
  }
}

type SessionCustomer = { readonly customer_id: string } | { readonly customer: NewCustomerOfSession };

/** Xendit demands a given name, and a customer may have none that it takes. */
const NAMELESS = 'Customer';

function customerOf(customer: SessionRequest['customer']): SessionCustomer {
  if ('id' in customer) return { customer_id: customer.id };
  const { referenceId, givenNames, surname, email, mobileNumber } = customer;
  return {
    customer: {
      reference_id: referenceId,
      type: 'INDIVIDUAL',
      email: email ?? undefined,
      mobile_number: mobileNumber ?? undefined,
      individual_detail: {
        given_names: plainName(givenNames) ?? NAMELESS,
        surname: plainName(surname ?? '') ?? undefined,
      },
    },
  };
}

/** One item that comes to the whole amount, so that the page says what is paid. */
function itemOf({ item, amount }: PaySessionRequest): SessionItem {
  return {
    reference_id: item.reference,
    type: 'DIGITAL_SERVICE',
    name: item.name,
    net_unit_amount: exactNumber(shortestMajor(amount)),
    quantity: 1,
    category: 'SUBSCRIPTION',
    currency: amount.currency,
  };
}
