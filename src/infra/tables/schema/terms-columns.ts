import { columnsOf } from './columns-of.ts';
import { changes, repricingItems, type repricings, terms } from './terms.ts';

export type TermsRow = typeof terms.$inferSelect;
export type ChangeRow = typeof changes.$inferSelect;

/** The keys of both tables. */
export const numberedKeys = columnsOf(terms, ['bucket', 'subscriptionId', 'number']);
type Numbered = Pick<TermsRow, 'bucket' | 'subscriptionId' | 'number'>;

const newTerms = [
  'bucket',
  'subscriptionId',
  'number',
  'origin',
  'fromCycle',
  'anchor',
  'anchorCycle',
  'intervalCount',
  'intervalUnit',
  'timeZone',
  'chargeAt',
  'plan',
  'catalogVersion',
  'unitAmount',
  'quantity',
  'amount',
  'currency',
  'lastCycle',
  'coupon',
  'actor',
  'agreedAt',
] as const;
export const newTermsColumns = columnsOf(terms, newTerms);
export type NewTermsRow = Pick<TermsRow, (typeof newTerms)[number]>;

/** Terms are only withdrawn, and only before a cycle was opened under them. */
const termsWithdrawal = ['withdrawnAt'] as const;
export const termsWithdrawalColumns = columnsOf(terms, termsWithdrawal);
export type WithdrawnTerms = Pick<TermsRow, (typeof termsWithdrawal)[number]> & Numbered;

const newChange = [
  'bucket',
  'subscriptionId',
  'number',
  'what',
  'effective',
  'state',
  'asked',
  'before',
  'after',
  'appliesAt',
  'termsNumber',
  'chargeId',
  'actor',
  'reason',
  'askedAt',
  'closedAt',
  'why',
] as const;
export const newChangeColumns = columnsOf(changes, newChange);
export type NewChangeRow = Pick<ChangeRow, (typeof newChange)[number]>;

const changeChanges = ['state', 'before', 'after', 'appliesAt', 'termsNumber', 'chargeId', 'closedAt', 'why'] as const;
export const changeColumns = columnsOf(changes, changeChanges);
export type ChangeRowState = Pick<ChangeRow, (typeof changeChanges)[number]> & Numbered;

export type RepricingRow = typeof repricings.$inferSelect;
export type RepricingItemRow = typeof repricingItems.$inferSelect;

export const repricingItemKeys = columnsOf(repricingItems, ['bucket', 'subscriptionId', 'repricing']);

/** What becomes of an item; whom it is about, and of which repricing, never changes. */
const itemChanges = ['state', 'why', 'decidedAt'] as const;
export const repricingItemColumns = columnsOf(repricingItems, itemChanges);
export type DecidedItem = Pick<
  RepricingItemRow,
  'bucket' | 'subscriptionId' | 'repricing' | (typeof itemChanges)[number]
>;
