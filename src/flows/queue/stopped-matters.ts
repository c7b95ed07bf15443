import type { Context } from '../../context.ts';
import { OWN_ACCOUNT } from '../../domain/control/account.ts';
import { wayOutOf } from '../../domain/control/breaker.ts';
import { type ChannelRow, channelRows } from '../../infra/tables/charging/breakers.ts';
import { chargingState } from '../../infra/tables/charging/charging.ts';
import { chargingStanding } from '../views/overview.ts';
import type { Matter } from './matter.ts';

/** What is not charged as a whole: everything, or what goes over one channel. */
export async function stoppedMatters(ctx: Context, now: Temporal.Instant): Promise<readonly Matter[]> {
  const [state, channels] = await Promise.all([chargingState(ctx.db, OWN_ACCOUNT), channelRows(ctx.db, now)]);
  const { charging, reason, stoppedSince } = chargingStanding(ctx, state);
  const whole = charging === 'on' ? [] : [wholeOf(reason, stoppedSince ?? state.armedAt, now)];
  return [...whole, ...channels.filter((one) => one.state === 'open').map((one) => channelOf(one, now))];
}

const COMMON = {
  kind: 'stopped',
  path: '/queue?kind=stopped',
  stake: null,
  decideBy: null,
  cause: null,
  charge: null,
  acts: null,
} as const;

function wholeOf(reason: string | null, since: string | null, now: Temporal.Instant): Matter {
  return {
    ...COMMON,
    key: 'charging',
    title: 'Nothing is charged',
    story: [`${reason ?? 'Charging is stopped'}.`, 'When its cause is mended, arming lets it go on.'],
    otherwise: 'What falls due waits in line; nothing is lost, and nothing is charged twice.',
    since: since === null ? now : Temporal.Instant.from(since),
  };
}

function channelOf({ channel, code, since, why, waiting }: ChannelRow, now: Temporal.Instant): Matter {
  return {
    ...COMMON,
    key: `channel ${channel}`,
    title: `${channel} is stopped`,
    story: [
      `${why ?? 'No reason is known'}.`,
      `${waiting} charges wait for it. What to do: ${wayOutOf(channel, code)}.`,
    ],
    otherwise: 'They are delayed and not failed; one whose time is over meanwhile is held for a person.',
    since: since === null ? now : Temporal.Instant.from(since),
  };
}
