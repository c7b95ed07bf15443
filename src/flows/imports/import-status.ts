import type { Context } from '../../context.ts';
import { type RowState, rowStates } from '../../domain/imports/import-states.ts';
import { allImports, countRows, type ImportRow, type RowCount } from '../../infra/tables/imports/imports.ts';
import { minutesFor } from './look-up-tokens.ts';

export type ImportView = ReturnType<typeof importView>;

/** Every import, newest first: how far its lines have come, and what keeps the others. */
export async function importStatus(ctx: Context): Promise<readonly ImportView[]> {
  const [imports, counts] = await Promise.all([allImports(ctx.db), countRows(ctx.db, ctx.buckets)]);
  const now = await ctx.clock.now();
  return imports.map((one) =>
    importView(
      ctx,
      one,
      counts.filter(({ digest }) => digest === one.digest),
      now,
    ),
  );
}

function importView(ctx: Context, one: ImportRow, counts: readonly RowCount[], now: Temporal.Instant) {
  const of = (state: RowState) => counts.filter((row) => row.state === state);
  const sum = (rows: readonly RowCount[]) => rows.reduce((total, { count }) => total + count, 0);
  const unknown = sum(of('unknown'));
  const nexts = counts.flatMap(({ next_at }) => (next_at === null ? [] : [Temporal.Instant.from(next_at)]));
  const [next = null] = nexts.toSorted(Temporal.Instant.compare);
  const minutes = minutesFor(ctx, unknown);
  return {
    id: one.digest,
    file: one.file,
    state: one.state,
    rows: one.rows,
    by_state: Object.fromEntries(rowStates.map((state) => [state, sum(of(state))])),
    whys: counts
      .flatMap(({ state, why, count }) => (why === null ? [] : [{ state, why, count }]))
      .toSorted((a, b) => b.count - a.count),
    started_at: one.startedAt.toString(),
    by: one.actor,
    created_at: one.createdAt?.toString() ?? null,
    /** If its command runs on: when the last token will have been looked up. */
    looked_up_at: unknown === 0 ? null : now.add({ seconds: Math.ceil(60 * minutes) }).toString(),
    next_payment_at: next?.toString() ?? null,
  };
}
