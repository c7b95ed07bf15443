import { type Chance, spread } from '../support/chance.ts';
import type { Swarm } from './faults.ts';
import type { House } from './house.ts';
import type { Timeline } from './timeline.ts';

/**
 * A standby that falls behind and is promoted: what was committed meanwhile is gone. Only what the daemons do by
 * themselves is lost: whom a person was told something about would have to be told again, which no program can.
 */
export type Standby = {
  /** Counts the primaries: a statement on its way to the one before ends in a lost connection. */
  generation(): number;
  /** When the last failover was; null without one. */
  failedOverAt(): number | null;
  /** Before a statement: a person is acting, so the standby has to be up to date from here on. */
  beforeStatement(): Promise<void>;
  afterStatement(text: string): Promise<void>;
  /** A person begins to act; call what it answers when they are done. */
  holdOn(): () => void;
  rejoin(): Promise<void>;
};

type Given = {
  readonly time: Timeline;
  readonly random: Chance;
  readonly faults: Swarm;
  readonly house: House;
  tell(line: string): void;
  /** Another primary, which nobody has armed. */
  changed(): Promise<void>;
};

/** It hurts most to lose what is charged at once. */
const SAVES_A_METHOD = /\binsert into "?tokens\b/;

export function standbyOf({ time, random, faults, house, tell, changed }: Given): Standby {
  let generation = 0;
  let failedOverAt: number | null = null;
  let acting = 0;

  async function failOver(): Promise<void> {
    if (acting > 0) return await house.rejoinStandby();
    if (!(await house.failOver())) return;
    generation += 1;
    failedOverAt = time.now();
    tell(`failover to primary ${generation}`);
    await changed();
  }

  return {
    generation: () => generation,
    failedOverAt: () => failedOverAt,
    async beforeStatement() {
      if (acting > 0) await house.rejoinStandby();
    },
    async afterStatement(text) {
      if (house.parted() || acting > 0 || !faults.strikes('failover', SAVES_A_METHOD.test(text) ? 20 : 1)) return;
      await house.partStandby();
      tell('the standby falls behind');
      time.at(time.now() + spread(random, 20, 120_000), failOver);
    },
    holdOn() {
      acting += 1;
      return () => {
        acting -= 1;
      };
    },
    rejoin: () => house.rejoinStandby(),
  };
}
