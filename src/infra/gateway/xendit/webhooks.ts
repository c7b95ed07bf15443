import { readReference } from '../../../domain/charges/attempt.ts';
import { type PaymentNotice, type RefundNotice, readWebhook, type Webhook } from '../../../xendit/webhooks.ts';
import type { Notice } from '../gateway.ts';
import { readAmount } from './amounts.ts';
import { disputeOf } from './disputes.ts';
import { tokenStatus } from './payment-tokens.ts';
import { sessionOf } from './sessions.ts';
import { outcomeOf, reportOf } from './statuses.ts';

/** What a webhook tells. Never throws: whatever is not understood is `other`, and is kept as it came. */
export function readNotice(body: unknown): Notice {
  const webhook = readWebhook(body);
  return noticeOf(webhook) ?? { kind: 'other', event: webhook.event };
}

function noticeOf(webhook: Webhook): Notice | null {
  switch (webhook.kind) {
    case 'payment_session':
      return { kind: 'session', session: sessionOf(webhook.session) };
    case 'payment':
      return paymentNotice(webhook, webhook.payment);
    case 'payment_token': {
      const { payment_token_id: tokenId, status, reference_id: referenceId, customer_id: customerId } = webhook.token;
      return { kind: 'token', tokenId, referenceId, customerId, status: tokenStatus(status) };
    }
    case 'refund':
      return refundNotice(webhook.says === 'SUCCEEDED' ? 'succeeded' : 'failed', webhook.refund);
    case 'dispute':
      return { kind: 'dispute', dispute: disputeOf(webhook.dispute) };
    case 'other':
      return null;
  }
}

function refundNotice(says: 'succeeded' | 'failed', said: RefundNotice): Notice | null {
  const isOurs = readReference(said.reference_id)?.kind === 'refund';
  // Refunds of Xendit's older products name payments of theirs.
  if (!isOurs && said.payment_request_id === null && said.payment_id?.startsWith('py-') !== true) return null;
  return {
    kind: 'refund',
    says,
    refundId: said.id,
    referenceId: said.reference_id,
    paymentRequestId: said.payment_request_id,
    paymentId: said.payment_id,
  };
}

type PaymentWebhook = { readonly event: string; readonly says: string };

function paymentNotice(webhook: PaymentWebhook, said: PaymentNotice): Notice | null {
  const paymentId = said.payment_id ?? said.latest_payment_id;
  const { payment_request_id: paymentRequestId, reference_id: referenceId } = said;
  if (paymentId === null && paymentRequestId === null && referenceId === null) return null;
  return {
    kind: 'payment',
    referenceId,
    paymentRequestId,
    paymentId,
    tokenId: said.payment_token_id,
    amount: readAmount(said.request_amount, said.currency),
    outcome: outcomeOfNotice(webhook, said, { paymentRequestId, paymentId }),
  };
}

type Ids = { readonly paymentRequestId: string | null; readonly paymentId: string | null };

/** By its status, if the event does not contradict it; the status alone may not turn a failure's notice into money. */
function outcomeOfNotice({ event, says }: PaymentWebhook, said: PaymentNotice, ids: Ids) {
  const { paymentRequestId } = ids;
  if (said.status === null || said.status !== says) {
    const detail = `${event} with ${said.status === null ? 'no status' : `status ${said.status}`}`;
    return { kind: 'unknown', detail, paymentRequestId } as const;
  }
  return outcomeOf(reportOf({ ...said, status: said.status }, ids));
}
