import { columnsOf } from './columns-of.ts';
import { consents, notices, owedNotices } from './consents.ts';

const newConsent = [
  'bucket',
  'subscriptionId',
  'number',
  'what',
  'answer',
  'subject',
  'evidence',
  'actor',
  'answeredAt',
] as const;
export const newConsentColumns = columnsOf(consents, newConsent);
export type ConsentRow = typeof consents.$inferSelect;

const newNotice = [
  'bucket',
  'subscriptionId',
  'kind',
  'subject',
  'sentAt',
  'channel',
  'evidence',
  'actor',
  'recordedAt',
] as const;
export const newNoticeColumns = columnsOf(notices, newNotice);
export type NoticeRow = typeof notices.$inferSelect;

const newOwedNotice = ['bucket', 'subscriptionId', 'kind', 'subject', 'owedAt'] as const;
export const newOwedNoticeColumns = columnsOf(owedNotices, newOwedNotice);
export type OwedNoticeRow = typeof owedNotices.$inferSelect;
