import { z } from 'zod';
import type { Outcome } from '../../../domain/charges/outcome.ts';
import type { MandateEcho } from '../../../domain/methods/mandate.ts';
import { code, id, maybe, webUrl } from '../../../xendit/fields.ts';

/** What Xendit says about a payment request or a payment, wherever it says it. */
type Report = {
  readonly status: string;
  readonly paymentRequestId: string | null;
  readonly paymentId: string | null;
  readonly failureCode: string | null;
  readonly networkCode: string | null;
  readonly adviceCode: string | null;
  readonly actionUrl: string | null;
  readonly echo?: MandateEcho;
};

const authorization = z.object({
  // The declines page and the payloads name the first one differently (docs/xendit.md 6.2).
  network_response_code: maybe(code),
  card_network_response_code: maybe(code),
  merchant_advice_code: maybe(code),
});

/** A card's mandate as answers repeat it. */
export const echoed = z.object({
  card_on_file_type: maybe(code),
  recurring_configuration: maybe(
    z.object({ recurring_frequency: maybe(z.number()), recurring_expiry: maybe(z.string().max(40)) }),
  ),
});

export function echoOf(said: z.output<typeof echoed>): MandateEcho {
  return {
    cardOnFileType: said.card_on_file_type,
    recurringFrequency: said.recurring_configuration?.recurring_frequency ?? null,
    recurringExpiry: said.recurring_configuration?.recurring_expiry ?? null,
  };
}

/** The fields that payment requests and payments share, all of them optional. */
export const details = {
  channel_properties: maybe(echoed),
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
    ...(said.channel_properties !== null && { echo: echoOf(said.channel_properties) }),
  };
}

/** The status of a payment request or payment in our words. A status that is not in Xendit's enums is `unknown`. */
export function outcomeOf(report: Report): Outcome {
  const { paymentRequestId, paymentId } = report;
  const echo = report.echo === undefined ? {} : { echo: report.echo };
  switch (report.status) {
    case 'SUCCEEDED':
      return { kind: 'succeeded', paymentRequestId, paymentId, ...echo };
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
      return { kind: 'pending', paymentRequestId, paymentId, ...echo };
    default:
      return { kind: 'unknown', detail: `status ${report.status}`, paymentRequestId };
  }
}

function declined(report: Report, failureCode: string): Outcome {
  const { paymentRequestId, paymentId, networkCode, adviceCode, actionUrl, echo } = report;
  const said = { paymentRequestId, paymentId, networkCode, adviceCode, actionUrl, ...(echo !== undefined && { echo }) };
  return { kind: 'declined', code: failureCode, ...said };
}
