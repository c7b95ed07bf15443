import { type Sql, sql } from '../../database/sql.ts';
import { rowKeys } from '../schema/change-columns.ts';
import {
  type ConsentRow,
  type NoticeRow,
  newConsentColumns,
  newNoticeColumns,
  newOwedNoticeColumns,
  type OwedNoticeRow,
} from '../schema/consent-columns.ts';
import { type NoticeState, noticeColumns, type RankedRow, rankedColumns } from '../schema/method-columns.ts';
import {
  type ChangeRowState,
  changeColumns,
  type DecidedItem,
  type NewChangeRow,
  type NewTermsRow,
  newChangeColumns,
  newTermsColumns,
  numberedKeys,
  repricingItemColumns,
  repricingItemKeys,
  termsWithdrawalColumns,
  type WithdrawnTerms,
} from '../schema/terms-columns.ts';
import { type Fenced, insertion, update } from './fenced-rows.ts';

/** What is agreed or asked for with a change of a subscription. */
export type Agreed = {
  readonly terms?: readonly NewTermsRow[];
  readonly withdrawnTerms?: readonly WithdrawnTerms[];
  readonly asked?: readonly NewChangeRow[];
  /** Changes that were asked for before, as they are now. */
  readonly changes?: readonly ChangeRowState[];
  readonly consents?: readonly ConsentRow[];
  readonly sentNotices?: readonly NoticeRow[];
  /** Notices that are owed, of which it is told now. */
  readonly owedNotices?: readonly OwedNoticeRow[];
  /** What became of it in a repricing. */
  readonly repriced?: readonly DecidedItem[];
  /** Methods with the ranks that they have now; one that is new is inserted. */
  readonly methods?: readonly RankedRow[];
  /** What was told of the end of methods; none that this statement ends or revives. */
  readonly notices?: readonly NoticeState[];
};

export type Agreeing = { readonly seen: { readonly id: string }; readonly agreed?: Agreed };

/** The parts of the statement that write terms and what was asked for; none, and nothing looked through, where no change has any. */
export function agreedParts(buckets: readonly number[], changes: readonly Agreeing[]): Sql[] {
  const agreeing = changes.filter(({ agreed }) => agreed !== undefined);
  if (agreeing.length === 0) return [];
  const set = update(buckets, 'changes', numberedKeys, changeColumns, rows(agreeing, 'changes'), { returns: true });
  // One change is planned at a time: the one before it is replaced first, which the index looks at row by row.
  const replaced =
    set.length === 0 ? sql`moved` : sql`(select m.* from moved m where (select count(*) from set_changes) >= 0)`;
  return [
    ...set,
    ...update(buckets, 'terms', numberedKeys, termsWithdrawalColumns, rows(agreeing, 'withdrawnTerms')),
    ...update(buckets, 'tokens', rowKeys, noticeColumns, rows(agreeing, 'notices'), { name: 'notices' }),
    ...update(buckets, 'repricing_items', repricingItemKeys, repricingItemColumns, rows(agreeing, 'repriced')),
    ...insertion('terms', newTermsColumns, rows(agreeing, 'terms')),
    ...insertion('consents', newConsentColumns, rows(agreeing, 'consents')),
    ...insertion('notices', newNoticeColumns, rows(agreeing, 'sentNotices')),
    ...insertion('owed_notices', newOwedNoticeColumns, rows(agreeing, 'owedNotices')),
    ...insertion('changes', newChangeColumns, rows(agreeing, 'asked'), { fencedBy: replaced }),
    ...insertion('subscription_methods', rankedColumns, rows(agreeing, 'methods')),
  ];
}

function rows(changes: readonly Agreeing[], key: keyof Agreed): Fenced {
  const owned = changes.flatMap(({ seen, agreed }) => (agreed?.[key] ?? []).map((item) => ({ item, id: seen.id })));
  return {
    items: owned.map(({ item }) => item),
    owners: { of_id: { values: owned.map(({ id }) => id), type: 'uuid' } },
  };
}
