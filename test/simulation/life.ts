import { between, type Chance, spread } from '../support/chance.ts';
import type { Swarm } from './faults.ts';
import type { Timeline } from './timeline.ts';

/** One run of a process, from its start to its death: what its ports promised is never kept after that. */
export type Life = {
  readonly stopping: AbortController;
  dead: boolean;
  /** It stands still until then: SIGSTOP, a long collection of garbage, a machine that was moved. */
  frozenUntil: number;
  /** Rejects when the process dies: whoever was connected to it hears of it. */
  readonly died: PromiseWithResolvers<never>;
};

/** What a call did at the other end: its answer, and how long that takes to come back. */
export type Worked<T> = { readonly answer: T; readonly takes: number };

export type Crisis = {
  /** The process is killed; it comes back by itself. */
  kill(life: Life): void;
  /** It is asked to stop. */
  stop(life: Life): void;
};

export function newLife(): Life {
  const died = Promise.withResolvers<never>();
  died.promise.catch(() => undefined);
  return { stopping: new AbortController(), dead: false, frozenUntil: 0, died };
}

/** The way out of a process, for everything it does. */
export type Ports = {
  /**
   * Whatever a process does to the world outside. It leaves, arrives after `delay` milliseconds, is done there alone, and
   * its answer comes back: unless the process died meanwhile, for then nothing ever comes back, whether it was done or not.
   */
  call<T>(life: Life, delay: number, work: () => Promise<Worked<T>> | Worked<T>): Promise<T>;
};

export function portsOf(time: Timeline, random: Chance, faults: Swarm, crisis: Crisis): Ports {
  return {
    call(life, delay, work) {
      strike(life);
      const { promise, resolve, reject } = Promise.withResolvers<Awaited<ReturnType<typeof work>>['answer']>();
      // What a dying process was about to send is gone, or was on its way.
      const hasLeft = random() < 0.5;
      time.at(Math.max(time.now(), life.frozenUntil) + delay, async () => {
        if (life.dead && !hasLeft) return;
        try {
          const { answer, takes } = await work();
          if (takes === 0) arrive(life, () => resolve(answer));
          else time.at(time.now() + takes, () => arrive(life, () => resolve(answer)));
        } catch (error) {
          arrive(life, () => reject(error));
        }
      });
      return promise;
    },
  };

  function arrive(life: Life, hear: () => void): void {
    if (life.dead) return;
    if (life.frozenUntil > time.now()) time.at(life.frozenUntil, () => arrive(life, hear));
    else hear();
  }

  /** A process that calls nobody cannot be told from one that stands still: so disasters strike at calls. */
  function strike(life: Life): void {
    if (life.dead) return;
    if (faults.strikes('killed')) crisis.kill(life);
    else if (faults.strikes('stopped')) crisis.stop(life);
    else if (faults.strikes('paused'))
      life.frozenUntil = time.now() + (random() < 0.5 ? between(random, 100, 30_000) : spread(random, 30_000, 600_000));
  }
}
