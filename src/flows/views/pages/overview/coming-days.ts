import type { Context } from '../../../../context.ts';
import { localDate } from '../../../../domain/calendar/cycle.ts';
import type { Currency } from '../../../../domain/money/money.ts';
import { plannedAttempts } from '../../../../infra/tables/charges/planned-attempts.ts';
import { major } from '../../subscription-view.ts';

/** What is planned for a day in one currency; major units. */
export type PlannedRetries = {
  readonly day: string;
  readonly currency: Currency;
  readonly count: number;
  readonly amount: number;
};

export type ComingRetries = {
  readonly from: Temporal.PlainDate;
  readonly to: Temporal.PlainDate;
  readonly retries: readonly PlannedRetries[];
};

const DAYS = 30;

/** The thirty days after today, with the attempts that are planned for them already. */
export async function comingRetries(ctx: Context, now: Temporal.Instant): Promise<ComingRetries> {
  const zone = ctx.catalog.current.defaults.timeZone;
  const from = localDate(now, zone).add({ days: 1 });
  const until = from.add({ days: DAYS });
  const rows = await plannedAttempts(ctx.db, { from, until, zone });
  return {
    from,
    to: until.subtract({ days: 1 }),
    retries: rows.map(({ amount, ...row }) => ({ ...row, amount: major(BigInt(amount), row.currency) })),
  };
}
