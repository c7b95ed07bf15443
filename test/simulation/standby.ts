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
  /** Before a statement: while a person is acting, the standby has to be up to date from here on. */
  beforeStatement(text: string): Promise<void>;
  afterStatement(): Promise<void>;
  /** A person begins to act; call what it answers when they are done. */
  holdOn(): () => void;
  rejoin(): Promise<void>;
};

type Given = {
  readonly time: Timeline;
  readonly random: Chance;
  readonly faults: Swarm;
  readonly house: House;
  /** Whether it falls behind when a method is saved more often than at any other time. */
  readonly losesSavings: boolean;
  tell(line: string): void;
  /** Another primary, which nobody has armed. */
  changed(): Promise<void>;
};

const SAVES_A_METHOD = /\binsert into "?tokens\b/;
/** In so many of the savings, where a seed is about them. */
const LOST = 0.3;

export function standbyOf({ time, random, faults, house, losesSavings, tell, changed }: Given): Standby {
  let generation = 0;
  let failedOverAt: number | null = null;
  let acting = 0;
  let isOver = false;

  /** It hurts most to lose a method that is charged at once, with its first charge. */
  function losesSaving(): boolean {
    if (!losesSavings || isOver) return faults.strikes('failover', 20);
    const isLost = random() < LOST;
    if (isLost) faults.felt('failover');
    return isLost;
  }

  async function failOver(): Promise<void> {
    if (acting > 0) return await house.rejoinStandby();
    if (!(await house.failOver())) return;
    generation += 1;
    failedOverAt = time.now();
    tell(`failover to primary ${generation}`);
    await changed();
  }

  async function fallBehind(): Promise<void> {
    await house.partStandby();
    tell('the standby falls behind');
    // Where savings are lost, as long as a first charge takes.
    time.at(time.now() + (losesSavings ? spread(random, 200, 5_000) : spread(random, 20, 120_000)), failOver);
  }

  return {
    generation: () => generation,
    failedOverAt: () => failedOverAt,
    async beforeStatement(text) {
      if (acting > 0) await house.rejoinStandby();
      else if (!house.parted() && SAVES_A_METHOD.test(text) && losesSaving()) await fallBehind();
    },
    async afterStatement() {
      if (!house.parted() && acting === 0 && faults.strikes('failover')) await fallBehind();
    },
    holdOn() {
      acting += 1;
      return () => {
        acting -= 1;
      };
    },
    async rejoin() {
      isOver = true;
      await house.rejoinStandby();
    },
  };
}
