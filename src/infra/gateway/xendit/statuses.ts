import { type Action, addressOf } from '../../../domain/charges/action.ts';
import type { Outcome } from '../../../domain/charges/outcome.ts';
import type { MandateEcho } from '../../../domain/methods/mandate.ts';
import type { Action as ActionSaid, CardOnFile } from '../../../xendit/resources/money-in.ts';
import type { PaymentNotice } from '../../../xendit/webhooks.ts';

/** What Xendit says about a payment request or a payment, wherever it says it. */
type Report = {
  readonly status: string;
  readonly paymentRequestId: string | null;
  readonly paymentId: string | null;
  readonly failureCode: string | null;
  readonly networkCode: string | null;
  readonly adviceCode: string | null;
  readonly actions: readonly Action[];
  readonly echo?: MandateEcho;
};

/** A card's mandate as answers repeat it. */
export function echoOf(said: CardOnFile): MandateEcho {
  return {
    cardOnFileType: said.card_on_file_type,
    recurringFrequency: said.recurring_configuration?.recurring_frequency ?? null,
    recurringExpiry: said.recurring_configuration?.recurring_expiry ?? null,
  };
}

/** What answers and webhooks say of a payment, in whichever of them it stands. */
type Said = Pick<PaymentNotice, 'channel_properties' | 'payment_details'> & {
  readonly status: string;
  readonly said_status?: string;
  readonly failure_code?: string | null;
  readonly actions?: readonly ActionSaid[];
};

export function reportOf(
  said: Said,
  ids: { readonly paymentRequestId: string | null; readonly paymentId: string | null },
): Report {
  const card = said.payment_details?.authorization_data ?? null;
  return {
    status: said.said_status ?? said.status,
    ...ids,
    failureCode: said.failure_code ?? null,
    networkCode: card?.network_response_code ?? card?.card_network_response_code ?? null,
    adviceCode: card?.merchant_advice_code ?? null,
    actions: actionsOf(said.actions ?? []),
    ...(said.channel_properties !== null && { echo: echoOf(said.channel_properties) }),
  };
}

/** More than Xendit documents of any payment. */
const MOST_ACTIONS = 10;

/** One that does not say what it asks is nothing to show. */
function actionsOf(said: readonly ActionSaid[]): readonly Action[] {
  return said
    .flatMap(({ type, descriptor, value }) =>
      type === null || descriptor === null ? [] : [{ type, descriptor, value }],
    )
    .slice(0, MOST_ACTIONS);
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
      return declined(report, 'PAYMENT_REQUEST_CANCELED');
    case 'EXPIRED':
      return declined(report, 'PAYMENT_REQUEST_EXPIRED');
    // Charges are asked for to be captured at once; an account may be set to another way.
    case 'AUTHORIZED':
      return { kind: 'pending', paymentRequestId, paymentId, isAuthorized: true, ...echo };
    case 'ACCEPTING_PAYMENTS':
    case 'PENDING':
      return { kind: 'pending', paymentRequestId, paymentId, ...asking(report), ...echo };
    default:
      return { kind: 'unknown', detail: `status ${report.status}`, paymentRequestId };
  }
}

function declined(report: Report, failureCode: string): Outcome {
  const { paymentRequestId, paymentId, networkCode, adviceCode, echo } = report;
  const actionUrl = report.actions.map(addressOf).find((address) => address !== null) ?? null;
  const said = { paymentRequestId, paymentId, networkCode, adviceCode, actionUrl, ...(echo !== undefined && { echo }) };
  return { kind: 'declined', code: failureCode, ...said, ...asking(report) };
}

function asking({ actions }: Report): { readonly actions?: readonly Action[] } {
  return actions.length === 0 ? {} : { actions };
}
