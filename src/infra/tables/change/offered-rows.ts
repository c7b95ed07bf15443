import type { Sql } from '../../database/sql.ts';
import { type BegunCharge, begunChargeColumns, rowKeys } from '../schema/change-columns.ts';
import {
  type NewSessionAttempt,
  newPayLinkColumns,
  newSessionAttemptColumns,
  type PayLinkRow,
} from '../schema/paying-columns.ts';
import { insertion, update } from './fenced-rows.ts';

/** What is offered to a customer who is to pay by hand; never in one statement with attempts that charge a token. */
export type OfferedRows = {
  readonly attempts?: readonly NewSessionAttempt[];
  readonly links?: readonly PayLinkRow[];
  /** Cycle 0 that was paid by hand before its subscription began: where it lies. No other part of the change writes that charge. */
  readonly begun?: readonly BegunCharge[];
};

type Offering = { readonly seen: { readonly id: string }; readonly offered?: OfferedRows };

/** The parts of the statement that write it; none, and nothing looked through, where no change has any. */
export function offeredParts(buckets: readonly number[], changes: readonly Offering[], lease: Sql): readonly Sql[] {
  const offering = changes.filter(({ offered }) => offered !== undefined);
  if (offering.length === 0) return [];
  const beside = { name: 'lease_until', value: lease };
  return [
    ...insertion('attempts', newSessionAttemptColumns, rows(offering, 'attempts'), { beside }),
    ...insertion('pay_links', newPayLinkColumns, rows(offering, 'links')),
    ...update(buckets, 'charges', rowKeys, begunChargeColumns, rows(offering, 'begun'), { name: 'begun_charges' }),
  ];
}

function rows(changes: readonly Offering[], key: keyof OfferedRows) {
  const owned = changes.flatMap(({ seen, offered }) => (offered?.[key] ?? []).map((item) => ({ item, id: seen.id })));
  return {
    items: owned.map(({ item }) => item),
    owners: { of_id: { values: owned.map(({ id }) => id), type: 'uuid' } },
  };
}
