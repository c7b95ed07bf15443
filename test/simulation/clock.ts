import { between, type Chance, drawn } from '../support/chance.ts';
import type { Timeline } from './timeline.ts';

/** Postgres' clock, which is everybody's: somebody may set it wrong, and right again. */
export type Clock = {
  now(): number;
  instant(): Temporal.Instant;
  /** Plans so many steps before `until`. */
  plan(count: number, until: number): void;
  /** It is right from now on. */
  end(): void;
};

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const YEAR = 365 * 24 * HOUR;

export function clockOf(time: Timeline, random: Chance, stepped: (line: string) => void): Clock {
  let ahead = 0;
  let over = false;

  function set(to: number): void {
    if (over) return;
    ahead = to;
    stepped(`the clock of Postgres is ${to} ms ahead`);
  }

  function step(): void {
    set(
      drawn<() => number>(random, [
        [3, () => -between(random, MINUTE, 3 * HOUR)],
        [1, () => -10 * YEAR],
        [2, () => between(random, MINUTE, 2 * HOUR)],
      ])(),
    );
    time.at(time.now() + between(random, 10 * MINUTE, 12 * HOUR), () => set(0));
  }

  return {
    now: () => time.now() + ahead,
    instant: () => Temporal.Instant.fromEpochMilliseconds(time.now() + ahead),
    plan(count, until) {
      for (let n = 0; n < count; n += 1) time.at(between(random, time.now(), until), step);
    },
    end() {
      set(0);
      over = true;
    },
  };
}
