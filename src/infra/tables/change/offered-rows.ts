import type { Sql } from '../../database/sql.ts';
import {
  type NewSessionAttempt,
  newPayLinkColumns,
  newSessionAttemptColumns,
  type PayLinkRow,
} from '../schema/paying-columns.ts';
import { insertion } from './fenced-rows.ts';

/** What is offered to a customer who is to pay by hand; never in one statement with attempts that charge a token. */
export type OfferedRows = {
  readonly attempts?: readonly NewSessionAttempt[];
  readonly links?: readonly PayLinkRow[];
};

type Offering = { readonly seen: { readonly id: string }; readonly offered?: OfferedRows };

/** The parts of the statement that write it; none, and nothing looked through, where no change has any. */
export function offeredParts(changes: readonly Offering[], lease: Sql): readonly Sql[] {
  const offering = changes.filter(({ offered }) => offered !== undefined);
  if (offering.length === 0) return [];
  const beside = { name: 'lease_until', value: lease };
  return [
    ...insertion('attempts', newSessionAttemptColumns, rows(offering, 'attempts'), { beside }),
    ...insertion('pay_links', newPayLinkColumns, rows(offering, 'links')),
  ];
}

function rows(changes: readonly Offering[], key: keyof OfferedRows) {
  const owned = changes.flatMap(({ seen, offered }) => (offered?.[key] ?? []).map((item) => ({ item, id: seen.id })));
  return {
    items: owned.map(({ item }) => item),
    owners: { of_id: { values: owned.map(({ id }) => id), type: 'uuid' } },
  };
}
