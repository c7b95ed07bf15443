import { z } from 'zod';
import type { Outcome } from '../../../domain/charges/outcome.ts';
import { amount, code, currency, id, maybe, reference, words } from '../../../xendit/fields.ts';
import { exactNumber, readJson } from '../../../xendit/json.ts';
import type {
  PaymentRequest as Answered,
  CardProperties,
  ChargeOfToken,
  ReturnUrls,
} from '../../../xendit/resources/payment-requests.ts';
import type { Result } from '../../../xendit/result.ts';
import { written } from '../../../xendit/speaker.ts';
import type { PaymentRequest } from '../gateway.ts';
import { plainDigits, shortestMajor } from './amounts.ts';
import { outcomeOfFailure } from './failure-codes.ts';
import { outcomeOf, reportOf } from './statuses.ts';

/**
 * The body of one charge. Neither channel_code nor customer_id: the token has them (docs.xendit.co/docs/pay-with-tokens);
 * the catalog can have a card's channel_code said all the same, since Xendit's OpenAPI document lists it as required.
 */
export function describePayment(request: PaymentRequest): string {
  const body: ChargeOfToken = {
    reference_id: request.referenceId,
    type: 'PAY',
    payment_token_id: request.tokenId,
    channel_code: isCard(request) && request.cards.channelCode ? request.channelCode : undefined,
    country: request.country,
    currency: request.amount.currency,
    request_amount: exactNumber(shortestMajor(request.amount)),
    capture_method: 'AUTOMATIC',
    channel_properties: channelProperties(request),
    description: request.description === '' ? undefined : request.description,
    metadata: request.metadata,
  };
  return written(body);
}

function isCard({ channelCode }: PaymentRequest): boolean {
  return channelCode === 'CARDS';
}

function channelProperties(request: PaymentRequest): ChargeOfToken['channel_properties'] {
  return isCard(request) ? cardProperties(request) : returnUrlsOf(request);
}

function returnUrlsOf({ returnUrls }: PaymentRequest): ReturnUrls | undefined {
  if (returnUrls === null) return undefined;
  return { success_return_url: returnUrls.success, failure_return_url: returnUrls.cancel };
}

/**
 * SUBSEQUENT links the charge to the payment that the customer authenticated, and so spares them another 3DS challenge
 * (docs.xendit.co/docs/subsequent-merchant-initiated-transaction, July 2026, which shows the return URLs too).
 */
function cardProperties(request: PaymentRequest): CardProperties {
  const { mandate, cards } = request;
  return {
    card_on_file_type: mandate.cardOnFileType,
    recurring_configuration: {
      recurring_expiry: mandate.recurringExpiry.toString(),
      recurring_frequency: mandate.recurringFrequency,
    },
    transaction_sequence: cards.transactionSequence ? 'SUBSEQUENT' : undefined,
    skip_three_ds: cards.skipThreeDs ?? undefined,
    statement_descriptor: cards.statementDescriptor ?? undefined,
    mid_label: cards.midLabel ?? undefined,
    ...(cards.returnUrls ? returnUrlsOf(request) : {}),
  };
}

/** What a stored body asks for, and what its answer must therefore repeat. */
const Asked = z.object({
  reference_id: reference,
  payment_token_id: id,
  currency,
  request_amount: amount,
  channel_properties: maybe(z.object({ card_on_file_type: maybe(code) })),
});
export type Asked = z.output<typeof Asked>;

/** Reads a stored body; null when it is none of ours, or another attempt's: then it must not be sent. */
export function readAsked(body: string, referenceId: string): Asked | null {
  const json = readJson(body);
  const asked = json.kind === 'read' ? Asked.safeParse(json.value).data : undefined;
  return asked?.reference_id === referenceId && plainDigits(asked.request_amount) !== null ? asked : null;
}

/** What came of a charge. Silence, garbage and an answer about something else are all `unknown`. */
export function outcomeOfResult(asked: Asked, result: Result<Answered>): Outcome {
  switch (result.kind) {
    case 'not_sent':
      return {
        kind: 'refused',
        code: 'GATEWAY_UNREACHABLE',
        detail: result.detail,
        scope: 'throttled',
        retryAfterSeconds: null,
      };
    case 'silent':
      return unknown(result.detail);
    case 'failed':
      return outcomeOfFailure(result.failure);
    case 'ok':
      return outcomeOfAnswer(asked, result.value);
  }
}

function outcomeOfAnswer(asked: Asked, said: Answered): Outcome {
  // Another reference: whose payment request this is nobody knows, so its id must not be remembered either.
  if (said.reference_id !== asked.reference_id) return unknown('answer: another reference_id');
  const other = otherThanAsked(asked, said);
  if (other !== null) return unknown(`answer: another ${other}`, said.payment_request_id);
  return outcomeOfRequest(said);
}

function otherThanAsked(asked: Asked, said: Answered): string | null {
  if (said.currency !== asked.currency) return 'currency';
  if (plainDigits(said.request_amount) !== plainDigits(asked.request_amount)) return 'request_amount';
  if (said.payment_token_id !== null && said.payment_token_id !== asked.payment_token_id) return 'payment_token_id';
  return null;
}

export function outcomeOfRequest(said: Answered): Outcome {
  return outcomeOf(reportOf(said, { paymentRequestId: said.payment_request_id, paymentId: said.latest_payment_id }));
}

function unknown(detail: string, paymentRequestId: string | null = null): Outcome {
  return { kind: 'unknown', detail: words(detail), paymentRequestId };
}
