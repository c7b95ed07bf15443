import type { Context } from '../../context.ts';
import { wayOutOf } from '../../domain/control/breaker.ts';
import { isLimit } from '../../domain/control/channel-sign.ts';
import type { Channels } from '../../domain/control/readiness.ts';
import type { Database } from '../../infra/database/db.ts';
import { type ChannelRow, channelRows } from '../../infra/tables/charging/breakers.ts';

/** How the channels stand. One that Xendit limits is half open: its charges go out, a few at a time. */
export async function channelsOf({ db }: Pick<Context, 'db'>, now: Temporal.Instant): Promise<Channels> {
  const rows = await channelRows(db, now);
  return Object.fromEntries(
    rows.map(({ channel, since, why, waiting, inUse, ...row }) => [
      channel,
      { state: stateOf(row), since, why, waiting, inUse },
    ]),
  );
}

function stateOf({ state, code }: Pick<ChannelRow, 'state' | 'code'>): ChannelRow['state'] {
  return state === 'open' && isLimit(code) ? 'half_open' : state;
}

/** A sentence for each channel that is stopped: since when, why, how many wait, and what to do. */
export async function stoppedChannels(
  db: Database,
  now: Temporal.Instant,
): Promise<readonly { readonly channel: string; readonly text: string }[]> {
  const rows = (await channelRows(db, now)).filter(({ state }) => state !== 'closed');
  return rows.map(({ channel, code, since, why, waiting }) => ({
    channel,
    text: `stopped since ${since ?? 'an unknown time'}: ${why ?? 'no reason'}; ${waiting} delayed, not failed; ${wayOutOf(channel, code)}`,
  }));
}
