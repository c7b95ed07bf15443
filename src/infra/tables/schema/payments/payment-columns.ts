import { columnsOf } from '../columns-of.ts';
import { payments } from './payments.ts';

const newPayment = [
  'bucket',
  'id',
  'customerId',
  'account',
  'subscriptionId',
  'amount',
  'currency',
  'credited',
  'receivedOn',
  'evidence',
  'reason',
  'actor',
  'recordedAt',
] as const;
export const newPaymentColumns = columnsOf(payments, newPayment);
export type PaymentRow = typeof payments.$inferSelect;
