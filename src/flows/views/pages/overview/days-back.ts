import type { Context } from '../../../../context.ts';
import type { DaySpan } from '../../../../infra/tables/charges/days/day-span.ts';

/** Something that is counted over whole days before today. The rows of two spans together are those of both: a large book is read day by day. */
export type DaysBack<Row, Answer> = {
  readonly days: number;
  read(ctx: Context, span: DaySpan): Promise<readonly Row[]>;
  shape(ctx: Context, rows: readonly Row[], span: DaySpan): Promise<Answer>;
};
