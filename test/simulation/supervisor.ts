import { between, type Chance, spread } from '../support/chance.ts';
import type { Life } from './life.ts';
import type { Replica } from './replica.ts';
import type { Timeline } from './timeline.ts';

/** Brings back what fell, as systemd or Kubernetes would. */
export type Supervisor = {
  /** The process dies; it comes back by itself. */
  kill(life: Life): void;
  /** It is asked to stop, and another one starts: a roll-out. */
  stop(life: Life): void;
  /** The whole place goes dark now and then before `until`: nobody is back for hours or days. */
  plan(outages: number, until: number): void;
  /** Whoever is down comes back now, and the lights stay on. */
  startAll(): void;
};

const HOUR = 3_600_000;

export function supervisorOf(
  replicas: readonly Replica[],
  time: Timeline,
  random: Chance,
  moment: () => void,
): Supervisor {
  let darkUntil = 0;

  function startLater(replica: Replica): void {
    time.at(Math.max(darkUntil, time.now()) + spread(random, 500, 600_000), () => {
      if (time.now() < darkUntil) startLater(replica);
      else if (replica.life() === null) {
        moment();
        replica.start();
      }
    });
  }

  function fall(life: Life, how: 'kill' | 'stop'): void {
    const replica = replicas.find((one) => one.life() === life);
    // One that is on its way out dies on it, and is missed by nobody.
    if (how === 'kill') life.dead = true;
    if (replica === undefined) return;
    replica[how]();
    startLater(replica);
  }

  function goDark(): void {
    darkUntil = time.now() + spread(random, HOUR, 120 * HOUR);
    for (const replica of replicas) {
      replica.kill();
      startLater(replica);
    }
  }

  return {
    kill: (life) => fall(life, 'kill'),
    stop: (life) => fall(life, 'stop'),
    plan(outages, until) {
      for (let n = 0; n < outages; n += 1) time.at(between(random, time.now(), until), goDark);
    },
    startAll() {
      darkUntil = 0;
      for (const replica of replicas) if (replica.life() === null) replica.start();
    },
  };
}
