/**
 * What a cell holds. `id`: text of our own making, which can start no formula. `amount`: major units in plain digits. `date`:
 * YYYY-MM-DD. `local`: "2026-02-03 09:00:00" where the business is, as spreadsheets read times.
 */
export type CellKind = 'id' | 'text' | 'count' | 'amount' | 'date' | 'local';

export type Cell = string | number | null;

/** A column of a list: what stands in its head, and what of a row stands under it. Page and download take it from the same place. */
export type Column<Row> = {
  readonly name: string;
  readonly kind: CellKind;
  readonly cell: (row: Row) => Cell;
};

/** "2026-02-03 09:00:00": no offset, which spreadsheets take for text. */
export function localText(at: Temporal.Instant, timeZone: string): string {
  const local = at.toZonedDateTimeISO(timeZone).toPlainDateTime();
  return local.toString({ smallestUnit: 'second' }).replace('T', ' ');
}
