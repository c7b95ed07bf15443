import { sql } from 'drizzle-orm';
import { nextDue } from '../../src/infra/postgres/agenda.ts';
import { between, type Chance, drawn, shuffled } from '../support/chance.ts';
import type { House } from './house.ts';
import type { Replica } from './replica.ts';
import type { Timeline } from './timeline.ts';

/** Wakes replicas when something falls due, so that nothing has to look every minute as cron does. */
export type Agenda = {
  /** Plans the next wake-up, if anything may have changed since the last was planned. */
  plan(): Promise<void>;
  /** Something changed. */
  touch(): void;
};

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const LONG_AGO = Temporal.Instant.fromEpochMilliseconds(0);
const all: readonly number[] = Array.from({ length: 256 }, (_, bucket) => bucket);

export function agendaOf(
  time: Timeline,
  random: Chance,
  house: House,
  replicas: readonly Replica[],
  moment: () => void,
): Agenda {
  let turn = 0;
  let isStale = true;
  let overdue = 0;

  async function nextWake(): Promise<number | null> {
    const due = await nextDue(house.db, all, LONG_AGO);
    const chore = await nextChore(house);
    const times = [due?.epochMilliseconds, chore].filter((at) => at !== undefined && at !== null);
    if (times.length === 0) return null;
    const first = Math.min(...times);
    if (first > time.now()) {
      overdue = 0;
      // Cron finds those, a minute late at most.
      return first === chore ? first + between(random, 1, MINUTE) : first;
    }
    // Whoever should have done it was down, cut off or told not to: cron looks again, here less and less often.
    overdue += 1;
    return time.now() + Math.min(MINUTE * 2 ** (overdue - 1), HOUR);
  }

  /** As many as race for it in production, where all of them sleep until the same instant. */
  function wakeSome(): void {
    const count = drawn(random, [
      [60, 1],
      [25, 2],
      [15, 3],
    ]);
    const awake = replicas.filter((one) => one.life() !== null);
    for (const replica of shuffled(random, awake).slice(0, count))
      time.at(time.now() + between(random, 0, 30), () => replica.wake());
  }

  return {
    async plan() {
      if (!isStale) return;
      isStale = false;
      turn += 1;
      const mine = turn;
      const at = await nextWake();
      if (at === null) return;
      time.at(at, () => {
        if (mine !== turn) return;
        isStale = true;
        moment();
        wakeSome();
      });
    },
    touch() {
      isStale = true;
    },
  };
}

/** What is in no agenda of the product's, since cron looks every minute: leases that run out, and the daily sweep. */
async function nextChore(house: House): Promise<number | null> {
  const [row] = await house.db.run<{ ms: string | null }>(sql`select (extract(epoch from least(
      (select min(lease_until) from attempts where outcome is null),
      (select greatest(next_at, lease_until) from sweep)
    )) * 1000)::bigint::text as ms`);
  return row?.ms == null ? null : Number(row.ms) + 1;
}
