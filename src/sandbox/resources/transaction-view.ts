import { stamp } from '../time/clock.ts';
import { BUSINESS_ID } from '../world.ts';
import { type Currency, toMajor, toMinor } from './money.ts';
import type { Cause, Transaction } from './transaction.ts';

const CATEGORY = { CARDS: 'CARDS', EWALLET: 'EWALLET', DIRECT_DEBIT: 'DIRECT_DEBIT' };
const SETTLES_AFTER = { hours: 48 };
// One in a hundred, as both documented payments show; value added tax is left out.
const FEE_DIVISOR = 100;

/** The transaction as Xendit writes it (samples/transactions-list.response.json). */
export function transactionView(transaction: Transaction, now: Temporal.Instant): object {
  const { payment, type } = transaction;
  const { order } = payment.request;
  const status = statusOf(transaction);
  const amount = type === 'REFUND' ? transaction.refund.amount : order.amount;
  const fee = type === 'PAYMENT' && status === 'SUCCESS' ? feeOf(amount, order.currency) : 0;
  const settlesAt = transaction.created.add(SETTLES_AFTER);
  return {
    id: transaction.id,
    product_id: productOf(transaction),
    type,
    status,
    channel_category: CATEGORY[order.channel.category],
    channel_code: order.channel.category === 'EWALLET' ? `${order.country}_${order.channel.code}` : order.channel.code,
    reference_id: referenceOf(transaction),
    account_identifier: order.token?.card?.masked_card_number ?? null,
    currency: order.currency,
    amount,
    net_amount: toMajor(toMinor(amount, order.currency) - toMinor(fee, order.currency), order.currency),
    net_amount_currency: order.currency,
    cashflow: type === 'REFUND' ? 'MONEY_OUT' : 'MONEY_IN',
    settlement_status: settlementStatus(status, settlesAt, now),
    estimated_settlement_time: stamp(settlesAt),
    business_id: BUSINESS_ID,
    created: stamp(transaction.created),
    updated: stamp(updatedAt(transaction)),
    fee: feeView(fee),
    product_data: { capture_id: payment.captureId, payment_request_id: payment.request.id },
  };
}

function feeView(fee: number): object {
  return {
    xendit_fee: fee,
    value_added_tax: 0,
    xendit_withholding_tax: 0,
    third_party_withholding_tax: 0,
    status: fee === 0 ? 'NOT_APPLICABLE' : 'COMPLETED',
  };
}

function feeOf(amount: number, currency: Currency): number {
  return toMajor(Math.floor(toMinor(amount, currency) / FEE_DIVISOR), currency);
}

function settlementStatus(status: string, settlesAt: Temporal.Instant, now: Temporal.Instant): string | null {
  if (status !== 'SUCCESS') return null;
  return Temporal.Instant.compare(settlesAt, now) <= 0 ? 'SETTLED' : 'PENDING';
}

/** SUCCESS here is SUCCEEDED elsewhere. */
export function statusOf(transaction: Transaction): string {
  const status = transaction.type === 'REFUND' ? transaction.refund.status : transaction.payment.status;
  return status === 'SUCCEEDED' ? 'SUCCESS' : status;
}

export function updatedAt(transaction: Transaction): Temporal.Instant {
  return transaction.type === 'REFUND' ? transaction.refund.updated : transaction.payment.updated;
}

/** The payment's or the refund's id. */
export function productOf(transaction: Transaction): string {
  return transaction.type === 'REFUND' ? transaction.refund.id : transaction.payment.id;
}

/** The reference under which it is found. */
export function referenceOf(transaction: Cause): string {
  const paid = transaction.payment.request.order.referenceId;
  return transaction.type === 'REFUND' ? (transaction.refund.referenceId ?? paid) : paid;
}
