import { type LogColumn, logColumns } from '../../../domain/books/ledger.ts';
import { type Column, localTexts } from '../files/column.ts';
import type { LogLine } from './charge-log.ts';

/** What a column of the log holds; what is not named holds text that others wrote, or words of ours. */
const kinds: Partial<Record<LogColumn, Column<LogLine>['kind']>> = {
  entry_id: 'id',
  at: 'id',
  subscription_id: 'id',
  charge_id: 'id',
  cycle: 'count',
  period_start: 'date',
  period_end: 'date',
  attempt: 'count',
  amount: 'amount',
  money: 'amount',
  catalog_version: 'count',
  hash: 'id',
  credit: 'amount',
};

/** Those that came after a file had two columns that the log has not: in a file too no column changes its place. */
const LAST: readonly LogColumn[] = ['credit', 'detail', 'account'];

/** The columns of a file: those of the log, and when it happened where the business is, and in which zone that is. */
export function logFileColumns(timeZone: string): readonly Column<LogLine>[] {
  const columnOf = (name: LogColumn): Column<LogLine> => {
    return { name, kind: kinds[name] ?? 'text', cell: (line) => line[name] };
  };
  const local = localTexts(timeZone);
  return [
    ...logColumns.filter((name) => !LAST.includes(name)).map(columnOf),
    { name: 'at_local', kind: 'local', cell: ({ at }) => local(String(at)) },
    { name: 'time_zone', kind: 'id', cell: () => timeZone },
    ...LAST.map(columnOf),
  ];
}
