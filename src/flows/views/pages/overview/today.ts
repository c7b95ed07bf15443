import type { Context } from '../../../../context.ts';
import { localDate } from '../../../../domain/calendar/cycle.ts';
import { type ChargeState, chargeStates } from '../../../../domain/charges/shown-state.ts';
import type { Currency } from '../../../../domain/money/money.ts';
import { type StateTotal, stateTotals } from '../../../../infra/tables/charges/charge-totals.ts';
import { openedCharges, type SecondCount } from '../../../../infra/tables/charges/opened-charges.ts';
import { type HouseFigures, houseFigures } from '../../../../infra/tables/charging/house.ts';
import { nextCycles } from '../../../../infra/tables/subscriptions/agenda.ts';
import { major } from '../../subscription-view.ts';

/** Charges that are counted together, with what they come to in each currency; major units. */
export type Counted = { readonly count: number; readonly amounts: ReadonlyMap<Currency, number> };

export type Today = {
  readonly day: Temporal.PlainDate;
  readonly currencies: readonly Currency[];
  /** Only those that there are. */
  readonly states: readonly (Counted & { readonly state: ChargeState })[];
  readonly whole: Counted;
  /** Charges that were tried, or are not to be: what is not in line any more. */
  readonly done: number;
  readonly house: HouseFigures;
  /** When what is in line will have been tried at the pace of the last minute; null: nothing is, or nothing goes out. */
  readonly finish: Temporal.Instant | null;
  /** What falls due next, looked for when nothing fell due today; null: nothing will. */
  readonly next: { readonly at: Temporal.Instant; readonly day: Temporal.PlainDate; readonly count: number } | null;
};

/** How the day goes: what fell due by its state, and how the machine keeps up. */
export async function todayOf(ctx: Context, now: Temporal.Instant): Promise<Today> {
  const zone = ctx.catalog.current.defaults.timeZone;
  const day = localDate(now, zone);
  const [from, until] = [startOf(day, zone), startOf(day.add({ days: 1 }), zone)];
  const totals = await stateTotals(ctx.db, { dueFrom: from, dueUntil: until }, null);
  const house = await houseFigures(ctx.db, now);
  const states = chargeStates.flatMap((state) => {
    const some = totals.filter((one) => one.state === state);
    return some.length === 0 ? [] : [{ state, ...countedOf(some) }];
  });
  const whole = countedOf(totals);
  const waiting = states.find(({ state }) => state === 'due')?.count ?? 0;
  return {
    day,
    currencies: [...new Set(totals.map(({ currency }) => currency))],
    states,
    whole,
    done: whole.count - waiting,
    house,
    finish: finishOf(house, ctx.requestsPerMinute, now),
    next: whole.count > 0 || house.nextCycleAt === null ? null : await nextOf(ctx, house.nextCycleAt, zone),
  };
}

/** What fell due today once more, by the charge log. */
export async function secondCount(ctx: Context, now: Temporal.Instant): Promise<SecondCount> {
  const zone = ctx.catalog.current.defaults.timeZone;
  const day = localDate(now, zone);
  return await openedCharges(ctx.db, startOf(day, zone), startOf(day.add({ days: 1 }), zone));
}

export function startOf(day: Temporal.PlainDate, zone: string): Temporal.Instant {
  return day.toZonedDateTime(zone).toInstant();
}

function countedOf(totals: readonly StateTotal[]): Counted {
  const amounts = new Map<Currency, number>();
  for (const { currency, amount } of totals)
    amounts.set(currency, (amounts.get(currency) ?? 0) + major(BigInt(amount), currency));
  return { count: totals.reduce((sum, { count }) => sum + count, 0), amounts };
}

/** The pace is what went out in the last minute, and never more than Xendit allows. */
function finishOf(
  { inLine, sentInMinute }: HouseFigures,
  allowed: number | null,
  now: Temporal.Instant,
): Temporal.Instant | null {
  const pace = Math.min(sentInMinute, allowed ?? sentInMinute);
  return inLine === 0 || pace === 0 ? null : now.add({ seconds: Math.ceil((inLine / pace) * 60) });
}

async function nextOf(ctx: Context, at: Temporal.Instant, zone: string): Promise<NonNullable<Today['next']>> {
  const day = localDate(at, zone);
  const count = await nextCycles(ctx.db, startOf(day, zone), startOf(day.add({ days: 1 }), zone));
  return { at, day, count };
}
