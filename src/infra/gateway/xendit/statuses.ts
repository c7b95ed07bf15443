import { z } from 'zod';
import type { Outcome } from '../../../domain/outcome.ts';
import { code, id, maybe, webUrl } from './fields.ts';

/** What Xendit says about a payment request or a payment, wherever it says it. */
type Report = {
  readonly status: string;
  readonly paymentRequestId: string | null;
  readonly paymentId: string | null;
  readonly failureCode: string | null;
  readonly networkCode: string | null;
  readonly adviceCode: string | null;
  readonly actionUrl: string | null;
};

const authorization = z.object({
  // The declines page and the payloads name the first one differently (api-facts 6.2).
  network_response_code: maybe(code),
  card_network_response_code: maybe(code),
  merchant_advice_code: maybe(code),
});

/** The fields that payment requests and payments share, all of them optional. */
export const details = {
  failure_code: maybe(code),
  payment_details: maybe(z.object({ authorization_data: maybe(authorization) })),
  actions: maybe(z.array(z.object({ value: maybe(webUrl) }))),
  payment_token_id: maybe(id),
};

type Details = z.output<z.ZodObject<typeof details>>;

export function reportOf(
  said: Details & { readonly status: string },
  ids: { readonly paymentRequestId: string | null; readonly paymentId: string | null },
): Report {
  const card = said.payment_details?.authorization_data ?? null;
  return {
    status: said.status,
    ...ids,
    failureCode: said.failure_code,
    networkCode: card?.network_response_code ?? card?.card_network_response_code ?? null,
    adviceCode: card?.merchant_advice_code ?? null,
    actionUrl: said.actions?.find((action) => action.value !== null)?.value ?? null,
  };
}

/** The status of a payment request or payment in our words. A status that is not in Xendit's enums is `unknown`. */
export function outcomeOf(report: Report): Outcome {
  const { paymentRequestId, paymentId } = report;
  switch (report.status) {
    case 'SUCCEEDED':
      return { kind: 'succeeded', paymentRequestId, paymentId };
    case 'FAILED':
      return declined(report, report.failureCode ?? 'FAILURE_DETAILS_UNAVAILABLE');
    case 'REQUIRES_ACTION':
      return declined(report, 'REQUIRES_ACTION');
    case 'CANCELED':
    case 'CANCELLED':
      return declined(report, 'PAYMENT_REQUEST_CANCELED');
    case 'EXPIRED':
      return declined(report, 'PAYMENT_REQUEST_EXPIRED');
    // Never AUTHORIZED for good: charges are captured automatically.
    case 'AUTHORIZED':
    case 'ACCEPTING_PAYMENTS':
    case 'PENDING':
      return { kind: 'pending', paymentRequestId, paymentId };
    default:
      return { kind: 'unknown', detail: `status ${report.status}`, paymentRequestId };
  }
}

function declined(report: Report, failureCode: string): Outcome {
  const { paymentRequestId, paymentId, networkCode, adviceCode, actionUrl } = report;
  return { kind: 'declined', code: failureCode, paymentRequestId, paymentId, networkCode, adviceCode, actionUrl };
}
