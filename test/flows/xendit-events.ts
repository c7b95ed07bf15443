import type { Outcome } from '../../src/domain/charges/outcome.ts';
import type { Sent } from '../support/scripted-gateway.ts';

type Final = Extract<Outcome, { readonly kind: 'succeeded' | 'declined' }>;

const decimals: Readonly<Record<string, number>> = { IDR: 0, PHP: 2 };

/** The webhook by which Xendit tells what became of a payment, as its documents write it (docs/xendit.md 3.3). */
export function paymentEvent(sent: Sent, outcome: Final, more: Readonly<Record<string, unknown>> = {}): object {
  const major = Number(sent.amount) / 10 ** (decimals[sent.currency] ?? 2);
  return {
    event: outcome.kind === 'succeeded' ? 'payment.capture' : 'payment.failure',
    business_id: '5f27a14a9bf05c73dd040bc8',
    created: '2026-01-01T00:00:00Z',
    data: {
      payment_id: outcome.paymentId,
      payment_request_id: outcome.paymentRequestId,
      payment_token_id: sent.tokenId,
      reference_id: sent.referenceId,
      status: outcome.kind === 'succeeded' ? 'SUCCEEDED' : 'FAILED',
      currency: sent.currency,
      request_amount: major,
      channel_code: sent.channelCode,
      ...(outcome.kind === 'declined' && { failure_code: outcome.code }),
      ...more,
    },
  };
}

export function sessionEvent(sessionId: string, status: 'COMPLETED' | 'EXPIRED', tokenId: string | null): object {
  return {
    event: status === 'COMPLETED' ? 'payment_session.completed' : 'payment_session.expired',
    created: '2026-01-01T00:00:00Z',
    data: { payment_session_id: sessionId, status, payment_token_id: tokenId },
  };
}
