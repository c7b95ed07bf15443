import { sql } from 'drizzle-orm';
import { between, type Chance } from '../support/chance.ts';
import type { House } from './house.ts';
import type { Timeline } from './timeline.ts';

/** A row that cannot be worked with, as a restore, a script or a bug may leave one. */
export type Poison = {
  /** Puts it in one subscription, some time before `until`. */
  plan(until: number): void;
  /** A person mends what is broken. */
  mend(): Promise<void>;
  /** The subscriptions that it was in: nobody promises when those are charged. */
  readonly struck: ReadonlySet<string>;
};

const NOWHERE = 'Mars/Olympus';

/** What a flow throws that works with such a row: whoever asked asks again, until it is mended. */
export function isOfNowhere(error: unknown): boolean {
  return error instanceof Error && error.message.includes('time zone');
}

export function poisonOf(time: Timeline, random: Chance, house: House, tell: (line: string) => void): Poison {
  const struck = new Map<string, string>();

  async function strike(): Promise<void> {
    const rows = await house.db.run<{ id: string; zone: string }>(
      sql`select id, time_zone as zone from subscriptions where status <> 'canceled' order by id`,
    );
    const chosen = rows[between(random, 0, Math.max(0, rows.length - 1))];
    if (chosen === undefined) return;
    struck.set(chosen.id, chosen.zone);
    tell(`subscription ${chosen.id} is in no zone of this world`);
    await setZone(chosen.id, NOWHERE);
  }

  async function setZone(id: string, zone: string): Promise<void> {
    await house.db.run(sql`update subscriptions set time_zone = ${zone} where id = ${id}::uuid`);
  }

  return {
    plan: (until) => time.at(between(random, time.now(), until), strike),
    async mend() {
      for (const [id, zone] of struck) await setZone(id, zone);
    },
    get struck() {
      return new Set(struck.keys());
    },
  };
}

/** What is told of a row that nobody can work with; after a day its charges are held for a person. */
const TOLD: ReadonlySet<string> = new Set([
  'subscription cannot be worked with',
  'charge cannot be worked with',
  'session cannot be worked with',
  'charge cannot be asked about',
  'look-up broke',
  'attempt broke',
  'charge held for a person',
  'the end of a method cannot be told',
]);

export function isOfPoison(event: string, poison: Poison): boolean {
  return TOLD.has(event) && poison.struck.size > 0;
}
