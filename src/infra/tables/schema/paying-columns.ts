import { attemptChanges, newAttempt } from './change-columns.ts';
import { attempts, payLinks } from './charges.ts';
import { columnsOf } from './columns-of.ts';

/** An attempt through a session; the statement that charges tokens says nothing of what only this one has. */
const newSessionAttempt = [...newAttempt, 'via', 'expiresAt'] as const;
export const newSessionAttemptColumns = columnsOf(attempts, newSessionAttempt);
export type NewSessionAttempt = Pick<typeof attempts.$inferSelect, (typeof newSessionAttempt)[number]>;

/** One whose session is open already when it is stored. */
const newOpenAttempt = [...newSessionAttempt, ...attemptChanges] as const;
export const newOpenAttemptColumns = columnsOf(attempts, newOpenAttempt);
export type NewOpenAttempt = Pick<typeof attempts.$inferSelect, (typeof newOpenAttempt)[number]>;

const newPayLink = ['bucket', 'chargeId', 'number', 'subscriptionId', 'saves', 'expiresAt', 'createdAt'] as const;
export const newPayLinkColumns = columnsOf(payLinks, newPayLink);
export type PayLinkRow = typeof payLinks.$inferSelect;
