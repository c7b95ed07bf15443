import type { Context } from '../../../../context.ts';
import { outlierDays } from '../../../../domain/charges/outlier-days.ts';
import type { ChargeResult } from '../../../../domain/charges/result.ts';
import { type DayCause, dayCauses } from '../../../../infra/tables/charges/days/day-causes.ts';
import { type DueDay, dueDays } from '../../../../infra/tables/charges/days/due-days.ts';
import type { DaysBack } from './days-back.ts';
import { startOf } from './today.ts';

export type PastDay = {
  readonly day: Temporal.PlainDate;
  readonly due: number;
  readonly results: Readonly<Record<ChargeResult, number>>;
  /** Why far fewer than usual were collected at the first try, as far as it is known; null: they were not. */
  readonly standsOut: DayCause | null;
};

export type LastDays = {
  readonly days: readonly PastDay[];
  readonly due: number;
  readonly results: PastDay['results'];
};

/** The worst of them: a label each is read, and more are not. */
const LABELLED = 3;
const NONE: PastDay['results'] = { first_try: 0, recovered: 0, open: 0, lost: 0, given_up: 0 };

/** The thirty days before today: what fell due on each, and what became of it until now. */
export const lastDays: DaysBack<DueDay, LastDays> = {
  days: 30,
  read: (ctx, span) => dueDays(ctx.db, span),
  async shape(ctx, rows, { from, until, zone }) {
    const byDay = Map.groupBy(rows, ({ day }) => day);
    const days = Array.from({ length: until.since(from).days }, (_, index) => {
      const day = from.add({ days: index });
      const results = resultsOf(byDay.get(day.toString()) ?? []);
      return { day, results, due: sumOf(results) };
    });
    const causes = await causesOf(ctx, days, zone);
    const results = resultsOf(rows);
    return {
      days: days.map((one) => ({ ...one, standsOut: causes.get(one.day.toString()) ?? null })),
      results,
      due: sumOf(results),
    };
  },
};

function resultsOf(rows: readonly DueDay[]): PastDay['results'] {
  const results = { ...NONE };
  for (const { result, count } of rows) results[result] += count;
  return results;
}

async function causesOf(
  ctx: Context,
  days: readonly Omit<PastDay, 'standsOut'>[],
  zone: string,
): Promise<ReadonlyMap<string, DayCause>> {
  const counted = days.map(({ day, due, results }) => ({
    day: day.toString(),
    due: due - results.given_up,
    firstTry: results.first_try,
  }));
  const out = outlierDays(counted).slice(-LABELLED);
  if (out.length === 0) return new Map();
  const spans = out.map((text) => {
    const day = Temporal.PlainDate.from(text);
    return { day: text, from: startOf(day, zone), until: startOf(day.add({ days: 1 }), zone) };
  });
  return new Map((await dayCauses(ctx.db, spans)).map((cause) => [cause.day, cause]));
}

function sumOf(results: PastDay['results']): number {
  return Object.values(results).reduce((sum, count) => sum + count, 0);
}
