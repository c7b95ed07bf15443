/** How a channel stands: its breaker, and how many charges are due on it. */
export type ChannelStanding = {
  readonly state: 'closed' | 'open' | 'half_open';
  /** When its breaker opened, and for what; null while it is closed. */
  readonly since: string | null;
  readonly why: string | null;
  readonly waiting: number;
  /** Subscriptions whose next charges come soon pay over it. */
  readonly inUse: boolean;
};

export type Channels = Readonly<Record<string, ChannelStanding>>;

/** `disarmed`: this database or this key is not the one that was armed. `stopped`: for a fault, or by a person. */
export type ChargingStanding = {
  readonly charging: 'on' | 'stopped' | 'disarmed';
  readonly reason: string | null;
  /** When it was stopped; null: it was not, or it is not armed besides. */
  readonly stoppedSince: string | null;
};

/**
 * Why a process should get no requests, in words; null when it may. Charging that stands still as a whole is a reason,
 * as is every channel with charges due standing still. One open channel beside others that work is not: what is due on those
 * is collected within seconds, so that nothing of them waits at most looks.
 */
export function whyNotReady(
  process: string | null,
  { charging, reason }: Pick<ChargingStanding, 'charging' | 'reason'>,
  channels: Channels,
): string | null {
  if (process !== null) return process;
  if (charging !== 'on') return reason ?? `charging is ${charging}`;
  const wanted = Object.entries(channels).filter(([, { waiting }]) => waiting > 0);
  const works = Object.values(channels).some(({ state, waiting, inUse }) => state !== 'open' && (waiting > 0 || inUse));
  if (wanted.length === 0 || works) return null;
  return `every channel that has charges due is stopped: ${wanted.map(([name, { why }]) => `${name} (${why ?? 'no reason'})`).join(', ')}`;
}

/** Charges that wait for a person. */
export type Held = {
  /** A thousand means that many or more. */
  readonly count: number;
  /** Since when the first of them waits, as ISO text; null when none does. */
  readonly since: string | null;
  /** How many for which reason. */
  readonly reasons: Readonly<Record<string, number>>;
};

export const HELD_AT_MOST = 1_000;
/** The command that shows them. */
export const SHOWS_HELD = 'dueday charges list --status held';

/** How many wait for a person, since when, why, and what shows them; null when none does. */
export function heldText({ count, since, reasons }: Held): string | null {
  if (count === 0) return null;
  const many =
    count >= HELD_AT_MOST
      ? `${HELD_AT_MOST} charges or more wait`
      : count === 1
        ? '1 charge waits'
        : `${count} charges wait`;
  const why = Object.entries(reasons).map(([reason, number]) => `${reason} ${number}`);
  return `${many} for a person since ${since ?? 'an unknown time'} (${why.join(', ')}); see them with: ${SHOWS_HELD}`;
}
