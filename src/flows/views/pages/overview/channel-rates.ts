import { type FirstTries, firstTries } from '../../../../infra/tables/charges/first-tries.ts';
import type { DaysBack } from './days-back.ts';

type Tried = { readonly due: number; readonly firstTry: number };

export type ChannelRate = {
  readonly channel: string;
  /** Of the last fourteen days, and of the fourteen before. */
  readonly latest: Tried;
  readonly before: Tried;
  /** The share of each of the last fourteen days that the first try collected; null: nothing fell due. */
  readonly daily: readonly (number | null)[];
};

export type ChannelRates = {
  readonly from: Temporal.PlainDate;
  readonly to: Temporal.PlainDate;
  /** Those with the most charges, and how many there are besides. */
  readonly channels: readonly ChannelRate[];
  readonly more: number;
};

const DAYS = 14;
const SHOWN = 5;

/** What the first try collects over each channel, of the charges due in the last two weeks and in the two before. */
export const channelRates: DaysBack<FirstTries, ChannelRates> = {
  days: 2 * DAYS,
  read: (ctx, span) => firstTries(ctx.db, span),
  async shape(_, rows, { until }) {
    const from = until.subtract({ days: DAYS });
    const all = [...Map.groupBy(rows, ({ channel }) => channel)]
      .map(([channel, days]) => rateOf(channel, days, from))
      .filter(({ latest }) => latest.due > 0)
      .toSorted((a, b) => b.latest.due - a.latest.due || a.channel.localeCompare(b.channel));
    const to = until.subtract({ days: 1 });
    return { from, to, channels: all.slice(0, SHOWN), more: Math.max(0, all.length - SHOWN) };
  },
};

function rateOf(channel: string, days: readonly FirstTries[], from: Temporal.PlainDate): ChannelRate {
  const start = from.toString();
  const byDay = new Map(days.map((one) => [one.day, one]));
  const daily = Array.from({ length: DAYS }, (_, index) => {
    const one = byDay.get(from.add({ days: index }).toString());
    return one === undefined ? null : one.firstTry / one.due;
  });
  return {
    channel,
    latest: sumOf(days.filter(({ day }) => day >= start)),
    before: sumOf(days.filter(({ day }) => day < start)),
    daily,
  };
}

function sumOf(days: readonly Tried[]): Tried {
  return {
    due: days.reduce((sum, { due }) => sum + due, 0),
    firstTry: days.reduce((sum, { firstTry }) => sum + firstTry, 0),
  };
}
