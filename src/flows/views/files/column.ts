/**
 * What a cell holds. `id`: text of our own making, which can start no formula. `amount`: major units in plain digits. `date`:
 * YYYY-MM-DD. `local`: "2026-02-03 09:00:00" where the business is, as spreadsheets read times. `instant`: the same moment as ISO 8601
 * writes it, with its offset.
 */
export type CellKind = 'id' | 'text' | 'count' | 'amount' | 'date' | 'local' | 'instant';

export type Cell = string | number | null;

/** A column of a list: what stands in its head, and what of a row stands under it. Page and download take it from the same place. */
export type Column<Row> = {
  readonly name: string;
  readonly kind: CellKind;
  readonly cell: (row: Row) => Cell;
};

/**
 * "2026-02-03 09:00:00": no offset, which spreadsheets take for text. Of an instant as we write them, in UTC. Rows beside each other are
 * mostly of the same minute, and offsets are of whole minutes: so the last one is kept.
 */
export function localTexts(timeZone: string): (at: string) => string {
  let [minute, local] = ['', ''];
  return (at) => {
    if (at.slice(0, 16) !== minute) {
      minute = at.slice(0, 16);
      const there = Temporal.Instant.from(`${minute}Z`).toZonedDateTimeISO(timeZone).toPlainDateTime();
      local = there.toString({ smallestUnit: 'minute' }).replace('T', ' ');
    }
    return local + at.slice(16, 19);
  };
}

/** An instant of ours where the business is: "2026-02-03T09:00:00+07:00". */
export function thereText(at: string | null, timeZone: string): string | null {
  if (at === null) return null;
  const there = Temporal.Instant.from(at).toZonedDateTimeISO(timeZone);
  return there.toString({ smallestUnit: 'second', timeZoneName: 'never' });
}
