import type { Context } from '../../../context.ts';
import {
  type ActivityFilter,
  type ActivityRow,
  activityKinds,
  activityRows,
} from '../../../infra/tables/access/activity-list.ts';
import { readCursor, writeCursor } from '../cursor.ts';

export type ActivityPage = {
  readonly rows: readonly ActivityRow[];
  /** How often each thing was done; the counts sum to all that the other filters leave. */
  readonly kinds: readonly { readonly kind: string; readonly count: number }[];
  readonly count: number;
  readonly place: number;
  /** A link to what lies before; null: nothing does. */
  readonly next: string | null;
};

const ROWS = 50;

/** Who signed in, who was refused, who did what and why: newest first. Throws CursorFault for a place that is none of ours. */
export async function activityPage(
  { db }: Pick<Context, 'db'>,
  filter: ActivityFilter,
  after: string | null,
): Promise<ActivityPage> {
  const from = readCursor(after, ['at', 'id', 'seq'] as const);
  const [kinds, read] = await Promise.all([activityKinds(db, filter), activityRows(db, filter, from, ROWS + 1)]);
  const rows = read.slice(0, ROWS);
  const place = Number(from?.seq ?? 1);
  const last = rows.at(-1);
  const isMore = read.length > ROWS && last !== undefined;
  return {
    rows,
    kinds,
    count: kinds.reduce(
      (sum, { kind, count }) => sum + (filter.kind === undefined || filter.kind === kind ? count : 0),
      0,
    ),
    place,
    next: isMore ? writeCursor({ at: last.at, id: last.id, seq: String(place + rows.length) }) : null,
  };
}
