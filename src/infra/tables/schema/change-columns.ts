import { findings } from './books.ts';
import { attempts, charges } from './charges.ts';
import { columnsOf } from './columns-of.ts';
import { tokens } from './methods.ts';
import { onboardings, subscriptions } from './subscriptions.ts';

export type SubscriptionRow = typeof subscriptions.$inferSelect;
export type ChargeRow = typeof charges.$inferSelect;
export type AttemptRow = typeof attempts.$inferSelect;
export type FindingRow = typeof findings.$inferSelect;
/** As it is stored. */
export type SealedToken = typeof tokens.$inferSelect;
/** As it is worked with; `tokenId` null: no key of this process opens it. */
export type TokenRow = Omit<SealedToken, 'tokenId' | 'tokenIndex' | 'sealedWith'> & {
  readonly tokenId: string | null;
  /** One that was not opened is none of these. */
  readonly sealedWith?: never;
};
export type OnboardingRow = typeof onboardings.$inferSelect;

export const rowKeys = columnsOf(charges, ['bucket', 'id']);
export const onboardingKeys = columnsOf(onboardings, ['bucket', 'subscriptionId', 'number']);

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
  'currency',
  'country',
  'intervalCount',
  'intervalUnit',
  'timeZone',
  'chargeAt',
  'endsAfter',
  'wantedAnchor',
  'nextCycle',
  'cancelsAtPeriodEnd',
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

/** What may change of a subscription after its creation. Everything else is fixed. */
const subscriptionChanges = [
  'status',
  'anchor',
  'nextCycle',
  'nextCycleAt',
  'cancelsAtPeriodEnd',
  'tokenId',
  'inDunning',
  'reason',
  'activatedAt',
  'endedAt',
] as const;
export const subscriptionColumns = columnsOf(subscriptions, subscriptionChanges);
export type SubscriptionState = Pick<SubscriptionRow, (typeof subscriptionChanges)[number]>;

/** What may change of a charge: never its cycle, period, amount or currency. */
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
export type NewCharge = Pick<ChargeRow, (typeof newCharge)[number]>;

/** What an answer may change of an attempt: never its request, reference or amount. */
const attemptChanges = [
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
export type AttemptOutcome = Pick<AttemptRow, (typeof attemptChanges)[number]> & Pick<AttemptRow, 'bucket' | 'id'>;

const newAttempt = [
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

const tokenChanges = ['status', 'endedReason', 'endedAt'] as const;
export const tokenColumns = columnsOf(tokens, tokenChanges);
export type TokenState = Pick<TokenRow, (typeof tokenChanges)[number]> & Pick<TokenRow, 'bucket' | 'id'>;

const newToken = [
  'bucket',
  'id',
  'customerId',
  'tokenId',
  'tokenIndex',
  'sealedWith',
  'channelCode',
  'country',
  'currency',
  'label',
  'network',
  'fingerprint',
  'expiryMonth',
  'expiryYear',
  'status',
  'recurringFrequency',
  'recurringExpiry',
  'savedAt',
  'sessionId',
] as const;
export const newTokenColumns = columnsOf(tokens, newToken);
/** With its token in the clear; sealed on its way into the statement. */
export type NewToken = Omit<Pick<SealedToken, (typeof newToken)[number]>, 'tokenIndex' | 'sealedWith'>;

/** A session that is new; what is not here begins as the schema says. */
const newOnboarding = [
  'bucket',
  'subscriptionId',
  'number',
  'sessionId',
  'referenceId',
  'mode',
  'status',
  'paymentLinkUrl',
  'xenditCustomerId',
  'expiresAt',
  'recurringFrequency',
  'recurringExpiry',
  'nextCheckAt',
  'checks',
  'createdAt',
] as const;
export const newOnboardingColumns = columnsOf(onboardings, newOnboarding);

const onboardingChanges = ['status', 'xenditCustomerId', 'nextCheckAt', 'checks', 'closedAt'] as const;
export const onboardingColumns = columnsOf(onboardings, onboardingChanges);
export type OnboardingState = Pick<OnboardingRow, (typeof onboardingChanges)[number]> &
  Pick<OnboardingRow, 'bucket' | 'subscriptionId' | 'number'>;

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
