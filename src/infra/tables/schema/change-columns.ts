import type { findings } from './books.ts';
import type { attempts, charges } from './charges.ts';
import type { tokens } from './methods.ts';
import type { onboardings, subscriptions } from './subscriptions.ts';

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

type Keys<Columns> = {
  [Name in keyof Columns]: Columns[Name] extends { readonly key: infer Key } ? Key : never;
}[keyof Columns];
type Of<RowType, Columns> = Pick<RowType, Keys<Columns> & keyof RowType>;

export const rowKeys = { bucket: { key: 'bucket', type: 'smallint' }, id: { key: 'id', type: 'uuid' } } as const;
export const onboardingKeys = {
  bucket: { key: 'bucket', type: 'smallint' },
  subscription_id: { key: 'subscriptionId', type: 'uuid' },
  number: { key: 'number', type: 'int' },
} as const;

/** What may change of a subscription after its creation. Everything else is fixed. */
export const subscriptionColumns = {
  status: { key: 'status', type: 'text' },
  anchor: { key: 'anchor', type: 'date' },
  next_cycle: { key: 'nextCycle', type: 'int' },
  next_cycle_at: { key: 'nextCycleAt', type: 'timestamptz' },
  cancels_at_period_end: { key: 'cancelsAtPeriodEnd', type: 'boolean' },
  token_id: { key: 'tokenId', type: 'uuid' },
  in_dunning: { key: 'inDunning', type: 'int' },
  reason: { key: 'reason', type: 'text' },
  activated_at: { key: 'activatedAt', type: 'timestamptz' },
  ended_at: { key: 'endedAt', type: 'timestamptz' },
} as const;
export type SubscriptionState = Of<SubscriptionRow, typeof subscriptionColumns>;

/** What may change of a charge: never its cycle, period, amount or currency. */
export const chargeColumns = {
  collected: { key: 'collected', type: 'bigint' },
  overpaid: { key: 'overpaid', type: 'bigint' },
  status: { key: 'status', type: 'text' },
  attempts: { key: 'attempts', type: 'int' },
  ladder_step: { key: 'ladderStep', type: 'int' },
  technical_retries: { key: 'technicalRetries', type: 'int' },
  throttles: { key: 'throttles', type: 'int' },
  in_dunning: { key: 'inDunning', type: 'boolean' },
  window_from: { key: 'windowFrom', type: 'timestamptz' },
  first_attempt_at: { key: 'firstAttemptAt', type: 'timestamptz' },
  next_attempt_at: { key: 'nextAttemptAt', type: 'timestamptz' },
  waits_until: { key: 'waitsUntil', type: 'timestamptz' },
  waits_for: { key: 'waitsFor', type: 'text' },
  hold_reason: { key: 'holdReason', type: 'text' },
  note: { key: 'note', type: 'text' },
  passes_limits: { key: 'passesLimits', type: 'boolean' },
  last_failure_code: { key: 'lastFailureCode', type: 'text' },
  settled_at: { key: 'settledAt', type: 'timestamptz' },
  claim_faults: { key: 'claimFaults', type: 'int' },
} as const;
export type ChargeState = Of<ChargeRow, typeof chargeColumns> & Pick<ChargeRow, 'bucket' | 'id'>;

export const newChargeColumns = {
  bucket: { key: 'bucket', type: 'smallint' },
  id: { key: 'id', type: 'uuid' },
  subscription_id: { key: 'subscriptionId', type: 'uuid' },
  customer_id: { key: 'customerId', type: 'uuid' },
  cycle: { key: 'cycle', type: 'int' },
  period_start: { key: 'periodStart', type: 'date' },
  period_end: { key: 'periodEnd', type: 'date' },
  due_at: { key: 'dueAt', type: 'timestamptz' },
  plan: { key: 'plan', type: 'text' },
  catalog_version: { key: 'catalogVersion', type: 'int' },
  amount: { key: 'amount', type: 'bigint' },
  currency: { key: 'currency', type: 'text' },
  status: { key: 'status', type: 'text' },
  missed: { key: 'missed', type: 'boolean' },
  next_attempt_at: { key: 'nextAttemptAt', type: 'timestamptz' },
  hold_reason: { key: 'holdReason', type: 'text' },
  asked_at: { key: 'askedAt', type: 'timestamptz' },
  note: { key: 'note', type: 'text' },
  settled_at: { key: 'settledAt', type: 'timestamptz' },
  created_at: { key: 'createdAt', type: 'timestamptz' },
} as const;
export type NewCharge = Of<ChargeRow, typeof newChargeColumns>;

/** What an answer may change of an attempt: never its request, reference or amount. */
export const attemptColumns = {
  outcome: { key: 'outcome', type: 'text' },
  outcome_at: { key: 'outcomeAt', type: 'timestamptz' },
  failure_code: { key: 'failureCode', type: 'text' },
  class: { key: 'class', type: 'text' },
  network_code: { key: 'networkCode', type: 'text' },
  advice_code: { key: 'adviceCode', type: 'text' },
  action_url: { key: 'actionUrl', type: 'text' },
  payment_request_id: { key: 'paymentRequestId', type: 'text' },
  payment_id: { key: 'paymentId', type: 'text' },
  decision: { key: 'decision', type: 'jsonb' },
  next_check_at: { key: 'nextCheckAt', type: 'timestamptz' },
  asks: { key: 'asks', type: 'int' },
} as const;
export type AttemptOutcome = Of<AttemptRow, typeof attemptColumns> & Pick<AttemptRow, 'bucket' | 'id'>;

export const newAttemptColumns = {
  bucket: { key: 'bucket', type: 'smallint' },
  id: { key: 'id', type: 'uuid' },
  charge_id: { key: 'chargeId', type: 'uuid' },
  customer_id: { key: 'customerId', type: 'uuid' },
  token_id: { key: 'tokenId', type: 'uuid' },
  number: { key: 'number', type: 'int' },
  reference_id: { key: 'referenceId', type: 'text' },
  request: { key: 'request', type: 'text' },
  request_hash: { key: 'requestHash', type: 'text' },
  amount: { key: 'amount', type: 'bigint' },
  currency: { key: 'currency', type: 'text' },
  sent_at: { key: 'sentAt', type: 'timestamptz' },
} as const;
export type NewAttempt = Of<AttemptRow, typeof newAttemptColumns>;

export const tokenColumns = {
  status: { key: 'status', type: 'text' },
  ended_reason: { key: 'endedReason', type: 'text' },
  ended_at: { key: 'endedAt', type: 'timestamptz' },
} as const;
export type TokenState = Of<TokenRow, typeof tokenColumns> & Pick<TokenRow, 'bucket' | 'id'>;

export const newTokenColumns = {
  bucket: { key: 'bucket', type: 'smallint' },
  id: { key: 'id', type: 'uuid' },
  customer_id: { key: 'customerId', type: 'uuid' },
  token_id: { key: 'tokenId', type: 'text' },
  token_index: { key: 'tokenIndex', type: 'text' },
  sealed_with: { key: 'sealedWith', type: 'text' },
  channel_code: { key: 'channelCode', type: 'text' },
  country: { key: 'country', type: 'text' },
  currency: { key: 'currency', type: 'text' },
  label: { key: 'label', type: 'text' },
  network: { key: 'network', type: 'text' },
  fingerprint: { key: 'fingerprint', type: 'text' },
  expiry_month: { key: 'expiryMonth', type: 'text' },
  expiry_year: { key: 'expiryYear', type: 'text' },
  status: { key: 'status', type: 'text' },
  recurring_frequency: { key: 'recurringFrequency', type: 'int' },
  recurring_expiry: { key: 'recurringExpiry', type: 'date' },
  saved_at: { key: 'savedAt', type: 'timestamptz' },
  session_id: { key: 'sessionId', type: 'text' },
} as const;
/** With its token in the clear; sealed on its way into the statement. */
export type NewToken = Omit<Of<SealedToken, typeof newTokenColumns>, 'tokenIndex' | 'sealedWith'>;

/** A session that is new; what is not here begins as the schema says. */
export const newOnboardingColumns = {
  bucket: { key: 'bucket', type: 'smallint' },
  subscription_id: { key: 'subscriptionId', type: 'uuid' },
  number: { key: 'number', type: 'int' },
  session_id: { key: 'sessionId', type: 'text' },
  reference_id: { key: 'referenceId', type: 'text' },
  mode: { key: 'mode', type: 'text' },
  status: { key: 'status', type: 'text' },
  payment_link_url: { key: 'paymentLinkUrl', type: 'text' },
  xendit_customer_id: { key: 'xenditCustomerId', type: 'text' },
  expires_at: { key: 'expiresAt', type: 'timestamptz' },
  recurring_frequency: { key: 'recurringFrequency', type: 'int' },
  recurring_expiry: { key: 'recurringExpiry', type: 'date' },
  next_check_at: { key: 'nextCheckAt', type: 'timestamptz' },
  checks: { key: 'checks', type: 'int' },
  created_at: { key: 'createdAt', type: 'timestamptz' },
} as const;

export const onboardingColumns = {
  status: { key: 'status', type: 'text' },
  xendit_customer_id: { key: 'xenditCustomerId', type: 'text' },
  next_check_at: { key: 'nextCheckAt', type: 'timestamptz' },
  checks: { key: 'checks', type: 'int' },
  closed_at: { key: 'closedAt', type: 'timestamptz' },
} as const;
export type OnboardingState = Of<OnboardingRow, typeof onboardingColumns> &
  Pick<OnboardingRow, 'bucket' | 'subscriptionId' | 'number'>;

export const newFindingColumns = {
  bucket: { key: 'bucket', type: 'smallint' },
  kind: { key: 'kind', type: 'text' },
  reference: { key: 'reference', type: 'text' },
  subscription_id: { key: 'subscriptionId', type: 'uuid' },
  charge_id: { key: 'chargeId', type: 'uuid' },
  amount: { key: 'amount', type: 'bigint' },
  currency: { key: 'currency', type: 'text' },
  payment_id: { key: 'paymentId', type: 'text' },
  payment_request_id: { key: 'paymentRequestId', type: 'text' },
  why: { key: 'why', type: 'text' },
  found_at: { key: 'foundAt', type: 'timestamptz' },
  closed_at: { key: 'closedAt', type: 'timestamptz' },
  closed_why: { key: 'closedWhy', type: 'text' },
} as const;
export type NewFinding = Of<FindingRow, typeof newFindingColumns>;
