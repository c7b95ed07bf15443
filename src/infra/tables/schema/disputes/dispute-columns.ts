import { charges } from '../charges.ts';
import { columnsOf } from '../columns-of.ts';
import { disputes } from './disputes.ts';

export type DisputeRow = typeof disputes.$inferSelect;

const newDispute = [
  'bucket',
  'disputeId',
  'customerId',
  'account',
  'subscriptionId',
  'chargeId',
  'attemptId',
  'paymentId',
  'channel',
  'amount',
  'currency',
  'held',
  'state',
  'reason',
  'category',
  'answerBy',
  'openedAt',
  'toldAt',
  'closedAt',
  'nextAt',
] as const;
export const newDisputeColumns = columnsOf(disputes, newDispute);
export type NewDispute = Pick<DisputeRow, (typeof newDispute)[number]>;

/** What may change of a dispute: never its payment, charge or amount. */
const disputeChanges = [
  'held',
  'state',
  'reason',
  'category',
  'answerBy',
  'toldAt',
  'closedAt',
  'decidedAt',
  'decidedBy',
  'nextAt',
] as const;
export const disputeColumns = columnsOf(disputes, disputeChanges);
export const disputeKeys = columnsOf(disputes, ['bucket', 'disputeId']);
export type DisputeChanged = Pick<DisputeRow, (typeof disputeChanges)[number] | 'bucket' | 'disputeId'>;

/** What a dispute changes of its charge; settlements of attempts and refunds say nothing of it. */
export const takenColumns = columnsOf(charges, ['chargedBack']);
export type TakenCharge = Pick<typeof charges.$inferSelect, 'chargedBack' | 'bucket' | 'id'>;
