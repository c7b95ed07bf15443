import { answer, cardCharge, routes, type Script, sample, scripted, trace } from '../infra/xendit-script.ts';

export const REQUEST = 'pr-90392f42-d98a-49ef-a7f3-abcezas127';
export const PAYMENT = 'py-1402feb0-bb79-47ae-9d1e-e69394d3949c';

/** Xendit's documented transaction, told about the card charge. */
export const transaction = {
  ...(sample('transaction-get.response.payment') as { product_data: object }),
  product_id: PAYMENT,
  reference_id: cardCharge.referenceId,
  amount: 500_000,
  product_data: { payment_request_id: REQUEST },
};

/** Xendit's documented payment, told about the card charge. */
export const payment = {
  ...sample('payment-get.response.cards'),
  payment_id: PAYMENT,
  payment_request_id: REQUEST,
  reference_id: cardCharge.referenceId,
  request_amount: 500_000,
};

export const failedPayment = {
  ...payment,
  status: 'FAILED',
  failure_code: 'STOLEN_CARD',
  payment_details: { authorization_data: { network_response_code: '43', merchant_advice_code: '03' } },
};

export const listing = (...data: readonly object[]) => answer(200, { has_more: false, data, links: [] });

export async function lookUp(table: Readonly<Record<string, Script>>, paymentRequestId: string | null = null) {
  await using xendit = await scripted(routes(table));
  return { found: await xendit.gateway.lookUp(trace({ paymentRequestId })), heard: xendit.heard };
}
