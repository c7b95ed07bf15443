import { columnsOf } from './columns-of.ts';
import { tokens } from './methods.ts';
import { onboardings, subscriptionMethods } from './subscriptions.ts';

/** As it is stored. */
export type SealedToken = typeof tokens.$inferSelect;
/** As it is worked with; `tokenId` null: no key of this process opens it. */
export type TokenRow = Omit<SealedToken, 'tokenId' | 'tokenIndex' | 'sealedWith'> & {
  readonly tokenId: string | null;
  /** One that was not opened is none of these. */
  readonly sealedWith?: never;
};
export type OnboardingRow = typeof onboardings.$inferSelect;

export const onboardingKeys = columnsOf(onboardings, ['bucket', 'subscriptionId', 'number']);

const tokenChanges = ['status', 'endedReason', 'endedAt'] as const;
export const tokenColumns = columnsOf(tokens, tokenChanges);
export type TokenState = Pick<TokenRow, (typeof tokenChanges)[number]> & Pick<TokenRow, 'bucket' | 'id'>;

/** Whether it was told that a method expires, and when that is looked at next. */
export const noticeColumns = columnsOf(tokens, ['noticeAt', 'noticeTold']);
export type NoticeState = Pick<TokenRow, 'bucket' | 'id' | 'noticeAt' | 'noticeTold'>;

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
  'endedReason',
  'endedAt',
  'savedFor',
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
  'attemptId',
  'status',
  'paymentLinkUrl',
  'xenditCustomerId',
  'expiresAt',
  'savedFor',
  'recurringFrequency',
  'recurringExpiry',
  'nextCheckAt',
  'checks',
  'createdAt',
] as const;
export const newOnboardingColumns = columnsOf(onboardings, newOnboarding);

const onboardingChanges = ['status', 'why', 'xenditCustomerId', 'nextCheckAt', 'checks', 'doubts', 'closedAt'] as const;
export const onboardingColumns = columnsOf(onboardings, onboardingChanges);
export type OnboardingState = Pick<OnboardingRow, (typeof onboardingChanges)[number]> &
  Pick<OnboardingRow, 'bucket' | 'subscriptionId' | 'number'>;

/** The rank of a method; one that has a rank already has this one instead. */
export const rankedColumns = columnsOf(subscriptionMethods);
export type RankedRow = typeof subscriptionMethods.$inferSelect;
