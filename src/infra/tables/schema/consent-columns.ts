import { columnsOf } from './columns-of.ts';
import { consents } from './consents.ts';

const newConsent = ['bucket', 'subscriptionId', 'number', 'what', 'answer', 'evidence', 'actor', 'answeredAt'] as const;
export const newConsentColumns = columnsOf(consents, newConsent);
export type ConsentRow = typeof consents.$inferSelect;
