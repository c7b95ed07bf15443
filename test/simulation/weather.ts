import { sql } from 'drizzle-orm';
import type { House } from './house.ts';
import type { Replica } from './replica.ts';
import type { Timeline } from './timeline.ts';

/** When something could have been done: a daemon was up and awake, and charging was on. */
export type Weather = {
  /** Looks at the sky; told after everything that happens. */
  watch(): void;
  /** Charging was stopped, armed, or lost its primary. */
  changed(): Promise<void>;
  /** A time in which nothing of this channel can be collected, whoever tries. */
  outage(channel: string, from: number, until: number): void;
  /** How many milliseconds between the two were fair, for a charge of these channels and but for these spells. */
  fair(from: number, until: number, channels?: readonly string[], butFor?: readonly Spell[]): number;
};

/** From one instant to another, in milliseconds since 1970. */
export type Spell = { readonly from: number; until: number };

export function weatherOf(time: Timeline, house: House, replicas: readonly Replica[]): Weather {
  const foul: Spell[] = [];
  const outages = new Map<string, Spell[]>();
  let isOn = true;
  let since: number | null = null;

  return {
    watch() {
      const isFair = isOn && replicas.some((one) => isAwake(one, time.now()));
      if (isFair && since !== null) {
        foul.push({ from: since, until: time.now() });
        since = null;
      } else if (!isFair) since ??= time.now();
    },
    async changed() {
      const [row] = await house.db.run<{ on: boolean }>(sql`select stopped_at is null
        and (mode is null or timeline = current_setting('simulated.timeline')::int) as on from charging where id = 1`);
      isOn = row?.on ?? false;
    },
    outage(channel, from, until) {
      outages.set(channel, [...(outages.get(channel) ?? []), { from, until }]);
    },
    fair(from, until, channels = [], butFor = []) {
      const open = since === null ? [] : [{ from: since, until: Number.POSITIVE_INFINITY }];
      const spells = [...foul, ...open, ...butFor, ...channels.flatMap((channel) => outages.get(channel) ?? [])];
      return Math.max(0, until - from - covered(spells, from, until));
    },
  };
}

function isAwake(replica: Replica, now: number): boolean {
  const life = replica.life();
  return life !== null && life.frozenUntil <= now;
}

/** How much of the time between the two these spells cover, overlaps counted once. */
function covered(spells: readonly Spell[], from: number, until: number): number {
  let sum = 0;
  let reached = from;
  for (const spell of spells.toSorted((a, b) => a.from - b.from)) {
    const begin = Math.max(spell.from, reached);
    const end = Math.min(spell.until, until);
    if (end > begin) {
      sum += end - begin;
      reached = end;
    }
  }
  return sum;
}
