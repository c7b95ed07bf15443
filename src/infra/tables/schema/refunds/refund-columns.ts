import { findings } from '../books.ts';
import { charges } from '../charges.ts';
import { columnsOf } from '../columns-of.ts';
import { refunds } from './refunds.ts';

export type RefundRow = typeof refunds.$inferSelect;

const newRefund = [
  'bucket',
  'id',
  'customerId',
  'account',
  'subscriptionId',
  'chargeId',
  'number',
  'origin',
  'referenceId',
  'amount',
  'currency',
  'paymentRequestId',
  'paymentId',
  'channel',
  'reason',
  'note',
  'state',
  'request',
  'refundId',
  'fee',
  'failureCode',
  'why',
  'askedBy',
  'askedAt',
  'approvedBy',
  'approvedAt',
  'sentAt',
  'nextAt',
  'asks',
  'settledAt',
] as const;
export const newRefundColumns = columnsOf(refunds, newRefund);
export type NewRefund = Pick<RefundRow, (typeof newRefund)[number]>;

/** What may change of a refund: never its payment, amount, reference or request. */
export const refundChanges = [
  'state',
  'refundId',
  'fee',
  'failureCode',
  'why',
  'approvedBy',
  'approvedAt',
  'sentAt',
  'nextAt',
  'asks',
  'settledAt',
] as const;
export const refundColumns = columnsOf(refunds, refundChanges);
export type RefundChanged = Pick<RefundRow, (typeof refundChanges)[number]> & Pick<RefundRow, 'bucket' | 'id'>;

/** As a refund was seen: each look at it counts, so that one that was looked at since is another. */
const refundSeen = ['bucket', 'id', 'state', 'asks'] as const;
export const refundSeenKeys = columnsOf(refunds, refundSeen);
export type RefundSeen = Pick<RefundRow, (typeof refundSeen)[number]>;

/** What a refund changes of its charge; settlements of attempts say nothing of it. */
const givenBack = ['status', 'refunded'] as const;
export const givenBackColumns = columnsOf(charges, givenBack);
export type GivenBackCharge = Pick<typeof charges.$inferSelect, (typeof givenBack)[number] | 'bucket' | 'id'>;

export const findingKeys = columnsOf(findings, ['bucket', 'kind', 'reference']);
export const closedFindingColumns = columnsOf(findings, ['closedAt', 'closedWhy']);
export type ClosedFinding = Pick<
  typeof findings.$inferSelect,
  'bucket' | 'kind' | 'reference' | 'closedAt' | 'closedWhy'
>;
