import { findings } from './books.ts';
import { attempts, charges } from './charges.ts';
import { columnsOf } from './columns-of.ts';
import { subscriptions } from './subscriptions.ts';

export type SubscriptionRow = typeof subscriptions.$inferSelect;
export type ChargeRow = typeof charges.$inferSelect;
export type AttemptRow = typeof attempts.$inferSelect;
export type FindingRow = typeof findings.$inferSelect;

export const rowKeys = columnsOf(charges, ['bucket', 'id']);

/** A subscription that is new; what is not here begins as the schema says. */
const newSubscription = [
  'bucket',
  'id',
  'customerId',
  'account',
  'referenceId',
  'status',
  'plan',
  'catalogVersion',
  'amount',
  'quantity',
  'currency',
  'country',
  'intervalCount',
  'intervalUnit',
  'timeZone',
  'chargeAt',
  'endsAfter',
  'trial',
  'coupon',
  'wantedAnchor',
  'anchor',
  'anchorCycle',
  'nextCycle',
  'nextCycleAt',
  'terms',
  'tokenId',
  'pause',
  'reason',
  'graceUntil',
  'activatedAt',
  'extras',
  'cancelsAtPeriodEnd',
  'items',
  'waitingItems',
  'inDunning',
  'sessionNumber',
  'successReturnUrl',
  'cancelReturnUrl',
  'allowedChannels',
  'locale',
  'metadata',
  'createdAt',
  'ledgerSeq',
  'ledgerHead',
] as const;
export const newSubscriptionColumns = columnsOf(subscriptions, newSubscription);

/** What changes of a subscription with most of what happens to it. */
const oftenChanges = ['status', 'nextCycle', 'nextCycleAt', 'pastDueSince', 'inDunning', 'reason'] as const;
export const oftenColumns = columnsOf(subscriptions, oftenChanges);

/** What a charge with lines takes of its subscription: its credit, and what waits. */
const takenChanges = ['credit', 'items', 'waitingItems'] as const;
export const takenKeys: readonly (typeof takenChanges)[number][] = takenChanges;
export const takenColumns = columnsOf(subscriptions, takenChanges);

/**
 * How it began and ends, where it rests, its method, what was agreed, and how far it has counted: changes of these
 * are rare, and are sent with those alone that make one. Everything else of a subscription is fixed.
 */
const rareChanges = [
  'anchor',
  'cancelsAtPeriodEnd',
  'pause',
  'resumesAt',
  'graceUntil',
  'tokenId',
  'activatedAt',
  'endedAt',
  'plan',
  'catalogVersion',
  'amount',
  'quantity',
  'intervalCount',
  'intervalUnit',
  'timeZone',
  'chargeAt',
  'endsAfter',
  'trial',
  'coupon',
  'anchorCycle',
  'nextTermsFrom',
  'repricing',
  'terms',
  'changes',
  'extras',
  'spareMethods',
  'stoppedBy',
] as const;
export const rareKeys: readonly (typeof rareChanges)[number][] = rareChanges;
export const rareColumns = columnsOf(subscriptions, rareChanges);
export type SubscriptionState = Pick<
  SubscriptionRow,
  (typeof oftenChanges)[number] | (typeof takenChanges)[number] | (typeof rareChanges)[number]
>;

/** What may change of a charge: never its cycle, amount or currency, and its period only once (`begunChargeColumns`). */
const chargeChanges = [
  'collected',
  'overpaid',
  'status',
  'attempts',
  'ladderStep',
  'technicalRetries',
  'throttles',
  'inDunning',
  'windowFrom',
  'firstAttemptAt',
  'nextAttemptAt',
  'waitsUntil',
  'waitsFor',
  'holdReason',
  'note',
  'passesLimits',
  'byHand',
  'lastFailureCode',
  'settledAt',
  'claimFaults',
] as const;
export const chargeColumns = columnsOf(charges, chargeChanges);
export type ChargeState = Pick<ChargeRow, (typeof chargeChanges)[number]> & Pick<ChargeRow, 'bucket' | 'id'>;

const newCharge = [
  'bucket',
  'id',
  'subscriptionId',
  'customerId',
  'account',
  'cycle',
  'periodStart',
  'periodEnd',
  'dueAt',
  'plan',
  'catalogVersion',
  'amount',
  'currency',
  'status',
  'missed',
  'nextAttemptAt',
  'holdReason',
  'askedAt',
  'note',
  'settledAt',
  'createdAt',
] as const;
export const newChargeColumns = columnsOf(charges, newCharge);

/** What a charge has beside that is made of lines, or is no cycle's; all others begin with it as the schema says. */
const newParts = [
  'kind',
  'extra',
  'lines',
  'subtotal',
  'discount',
  'taxIncluded',
  'taxAdded',
  'creditUsed',
  'coupon',
  'collected',
  'waitsUntil',
] as const;
export const newLinedChargeColumns = columnsOf(charges, [...newCharge, ...newParts]);

/** The charge of cycle 0 that is stored with the attempt by which its customer pays it. */
export const newFirstChargeColumns = columnsOf(charges, [...newCharge, ...newParts, 'attempts']);
export type NewFirstCharge = NewCharge & Pick<ChargeRow, 'attempts'>;

/** Where cycle 0 lies is known once it is paid; no other charge is ever moved. */
export const begunChargeColumns = columnsOf(charges, ['periodStart', 'periodEnd', 'nextAttemptAt']);
export type BegunCharge = Pick<ChargeRow, 'bucket' | 'id' | 'periodStart' | 'periodEnd' | 'nextAttemptAt'>;
export type NewCharge = Pick<ChargeRow, (typeof newCharge)[number] | (typeof newParts)[number]>;

/** What an answer may change of an attempt: never its request, reference or amount. */
export const attemptChanges = [
  'outcome',
  'outcomeAt',
  'failureCode',
  'class',
  'networkCode',
  'adviceCode',
  'actionUrl',
  'paymentRequestId',
  'paymentId',
  'decision',
  'nextCheckAt',
  'asks',
] as const;
export const attemptColumns = columnsOf(attempts, attemptChanges);
/** Few attempts ask anything of their customer: what only these have is sent if one of the batch has any of it. */
const askingChanges = [...attemptChanges, 'actions'] as const;
export const askingAttemptColumns = columnsOf(attempts, askingChanges);
export type AttemptOutcome = Pick<AttemptRow, (typeof askingChanges)[number]> & Pick<AttemptRow, 'bucket' | 'id'>;

export const newAttempt = [
  'bucket',
  'id',
  'chargeId',
  'customerId',
  'tokenId',
  'number',
  'referenceId',
  'request',
  'requestHash',
  'amount',
  'currency',
  'sentAt',
] as const;
export const newAttemptColumns = columnsOf(attempts, newAttempt);
export type NewAttempt = Pick<AttemptRow, (typeof newAttempt)[number]>;

const newFinding = [
  'bucket',
  'kind',
  'reference',
  'subscriptionId',
  'chargeId',
  'amount',
  'currency',
  'paymentId',
  'paymentRequestId',
  'why',
  'foundAt',
  'closedAt',
  'closedWhy',
] as const;
export const newFindingColumns = columnsOf(findings, newFinding);
export type NewFinding = Pick<FindingRow, (typeof newFinding)[number]>;
