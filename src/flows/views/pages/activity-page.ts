import type { Context } from '../../../context.ts';
import {
  type ActivityFilter,
  type ActivityRow,
  activityKinds,
  activityRows,
} from '../../../infra/tables/access/activity-list.ts';
import { readCursor, writeCursor } from '../cursor.ts';
import { counted, type Part, type PlacedRows, placedRows, sumUp, type Uncounted } from './list-part.ts';

export type ActivityPage = PlacedRows<ActivityRow> & {
  /** How often each thing was done; the counts sum to all that the other filters leave. Null: not counted. */
  readonly kinds: readonly { readonly kind: string; readonly count: number }[] | null;
  readonly uncounted: Uncounted | null;
  readonly count: number | null;
};

/** Who signed in, who was refused, who did what and why: newest first. Throws CursorFault for a place that is none of ours. */
export async function activityPage(
  { db }: Pick<Context, 'db'>,
  filter: ActivityFilter,
  part: Part,
): Promise<ActivityPage> {
  const { totals: kinds, uncounted } = await counted(db, part, {
    totals: (within, most) => activityKinds(within, filter, most),
    rows: null,
  });
  const asked = kinds?.filter(({ kind }) => filter.kind === undefined || filter.kind === kind) ?? null;
  const count = asked === null ? null : sumUp(asked);
  const shown = await placedRows<ActivityRow>(part, count, {
    read: (at, limit, isBackward) => activityRows(db, filter, placeRead(at), limit, isBackward),
    link: ({ at, id }, number) => writeCursor({ at, id, seq: String(number ?? 0) }),
    numberIn: (link) => Number(placeRead(link)?.seq ?? 0) || null,
  });
  return { ...shown, kinds, uncounted, count };
}

function placeRead(cursor: string | null) {
  return readCursor(cursor, ['at', 'id', 'seq'] as const);
}
