import type { Sql } from '../../database/sql.ts';
import { rowKeys } from '../schema/change-columns.ts';
import {
  type ClosedFinding,
  closedFindingColumns,
  findingKeys,
  type GivenBackCharge,
  givenBackColumns,
  type NewRefund,
  newRefundColumns,
  type RefundChanged,
  type RefundSeen,
  refundColumns,
  refundSeenKeys,
} from '../schema/refunds/refund-columns.ts';
import { type Fenced, insertion, update } from './fenced-rows.ts';
import type { Written } from './free-rows.ts';

/** Money that goes back; never in one statement with another change of the same charges. */
export type RefundRows = {
  readonly asked?: readonly NewRefund[];
  /** Each with the refund that it was decided on: what is not as it was seen is left, and its change with it. */
  readonly changed?: readonly { readonly seen: RefundSeen; readonly after: RefundChanged }[];
  readonly charges?: readonly GivenBackCharge[];
  /** Proposals that are carried out. */
  readonly closed?: readonly ClosedFinding[];
};

type Refunding = { readonly seen: { readonly id: string }; readonly refunds?: RefundRows };

/** The parts of the statement that write it; none, and nothing looked through, where no change has any. */
export function refundParts(buckets: readonly number[], changes: readonly Refunding[]): readonly Sql[] {
  const refunding = changes.filter(({ refunds }) => refunds !== undefined);
  if (refunding.length === 0) return [];
  return [
    ...insertion('refunds', newRefundColumns, rows(refunding, 'asked')),
    ...update(
      buckets,
      'refunds',
      rowKeys,
      refundColumns,
      changed(refunding, ({ after }) => after),
    ),
    ...update(buckets, 'charges', rowKeys, givenBackColumns, rows(refunding, 'charges'), { name: 'given_back' }),
    ...update(buckets, 'findings', findingKeys, closedFindingColumns, rows(refunding, 'closed')),
  ];
}

/**
 * The refunds of all changes as they were seen. Whoever asks Xendit about a refund writes without an entry, which the fence of its
 * subscription does not tell.
 */
export function refundsSeen(changes: readonly Refunding[]): readonly Written[] {
  const refunding = changes.filter(({ refunds }) => refunds?.changed !== undefined);
  if (refunding.length === 0) return [];
  return [{ table: 'refunds', keys: refundSeenKeys, ...changed(refunding, ({ seen }) => seen) }];
}

type ChangedRefund = NonNullable<RefundRows['changed']>[number];

function changed(changes: readonly Refunding[], pick: (one: ChangedRefund) => object): Fenced {
  const { items, owners } = rows(changes, 'changed');
  return { items: (items as readonly ChangedRefund[]).map(pick), owners };
}

function rows(changes: readonly Refunding[], key: keyof RefundRows): Fenced {
  const owned = changes.flatMap(({ seen, refunds }) => (refunds?.[key] ?? []).map((item) => ({ item, id: seen.id })));
  return {
    items: owned.map(({ item }) => item),
    owners: { of_id: { values: owned.map(({ id }) => id), type: 'uuid' } },
  };
}
