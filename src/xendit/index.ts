/*
 * The client of Xendit as it is packed: `import { xendit } from 'dueday/xendit'` (README.md beside this file). Schemas and types have the
 * same names.
 */
export { type Failure, isNotFound } from './failure.ts';
export { type ExactNumber, exactNumber } from './json.ts';
export type { Rate } from './rate.ts';
export { Customer, type CustomerPage, type NewCustomer } from './resources/customers.ts';
export { Dispute, type DisputePage, type DisputeQuery } from './resources/disputes.ts';
export type { Action, Amount, CardOnFile } from './resources/money-in.ts';
export {
  type CardProperties,
  type ChargeOfToken,
  type NewPaymentRequest,
  type PaymentByHand,
  PaymentRequest,
  type PaymentThatSaves,
  type ReusableCode,
} from './resources/payment-requests.ts';
export { PaymentToken } from './resources/payment-tokens.ts';
export { Payment } from './resources/payments.ts';
export { type NewRefund, Refund, type RefundPage, type RefundQuery, type RefundReason } from './resources/refunds.ts';
export {
  type NewCustomerOfSession,
  type NewSession,
  Session,
  type SessionThatPays,
  type SessionThatSaves,
} from './resources/sessions.ts';
export { Transaction, type TransactionPage, type TransactionQuery } from './resources/transactions.ts';
export type { Result } from './result.ts';
export { type Body, type CallOptions, written } from './speaker.ts';
export type { Call, Reply, Transport } from './transport.ts';
export { isFromXendit, type PaymentNotice, type RefundNotice, readWebhook, type Webhook } from './webhooks.ts';
export { type Xendit, type XenditOptions, xendit, xenditThrough } from './xendit.ts';
