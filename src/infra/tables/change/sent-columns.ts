import type { Columns } from '../../database/recordset.ts';
import {
  type AttemptOutcome,
  askingAttemptColumns,
  attemptColumns,
  type NewCharge,
  newChargeColumns,
  newLinedChargeColumns,
} from '../schema/change-columns.ts';

type Changing = { readonly openedCharges?: readonly NewCharge[]; readonly attempts?: readonly AttemptOutcome[] };

/** Most charges are made of their plan alone: what only the others have is sent if one of the batch has any of it. */
export function columnsOfOpened(changes: readonly Changing[]): Columns {
  const isLined = ({ lines, kind }: NewCharge) => lines !== null || kind === 'extra';
  return changes.some(({ openedCharges = [] }) => openedCharges.some(isLined))
    ? newLinedChargeColumns
    : newChargeColumns;
}

/** Most attempts ask nothing of their customer. */
export function columnsOfAnswered(changes: readonly Changing[]): Columns {
  return changes.some(({ attempts = [] }) => attempts.some(({ actions }) => actions !== null))
    ? askingAttemptColumns
    : attemptColumns;
}
