import type { Sql } from '../../database/sql.ts';
import { rowKeys } from '../schema/change-columns.ts';
import {
  type DisputeChanged,
  disputeColumns,
  disputeKeys,
  type NewDispute,
  newDisputeColumns,
  type TakenCharge,
  takenColumns,
} from '../schema/disputes/dispute-columns.ts';
import { type Fenced, insertion, update } from './fenced-rows.ts';

/** Payments that are disputed; `charges`: those whose money a bank took or gave back, never beside another change of the same charges. */
export type DisputeRows = {
  readonly raised?: readonly NewDispute[];
  readonly changed?: readonly DisputeChanged[];
  readonly charges?: readonly TakenCharge[];
};

type Disputing = { readonly seen: { readonly id: string }; readonly disputes?: DisputeRows };

/** The parts of the statement that write it; none, and nothing looked through, where no change has any. */
export function disputeParts(buckets: readonly number[], changes: readonly Disputing[]): readonly Sql[] {
  const disputing = changes.filter(({ disputes }) => disputes !== undefined);
  if (disputing.length === 0) return [];
  return [
    ...insertion('disputes', newDisputeColumns, rows(disputing, 'raised')),
    ...update(buckets, 'disputes', disputeKeys, disputeColumns, rows(disputing, 'changed')),
    ...update(buckets, 'charges', rowKeys, takenColumns, rows(disputing, 'charges'), { name: 'taken_back' }),
  ];
}

function rows(changes: readonly Disputing[], key: keyof DisputeRows): Fenced {
  const owned = changes.flatMap(({ seen, disputes }) => (disputes?.[key] ?? []).map((item) => ({ item, id: seen.id })));
  return {
    items: owned.map(({ item }) => item),
    owners: { of_id: { values: owned.map(({ id }) => id), type: 'uuid' } },
  };
}
