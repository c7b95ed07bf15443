import type { Catalog } from '../../src/domain/plan.ts';
import { between, drawn } from '../support/chance.ts';
import type { FaultName } from './faults.ts';
import type { House } from './house.ts';
import { brokenPromises } from './oracle.ts';
import { type World, worldOf } from './world.ts';

/** What became of a seed. */
export type Verdict = {
  readonly seed: number;
  /** A sentence for each promise that was broken. */
  readonly faults: readonly string[];
  /** SHA-256 over everything that happened, in order. */
  readonly hash: string;
  readonly tail: readonly string[];
  readonly simulatedMs: number;
  readonly payments: number;
  readonly events: number;
  /** How often each fault struck. */
  readonly struck: Partial<Record<FaultName, number>>;
};

const DAY = 86_400_000;
/** Long enough for every look-up, every webhook that is still to come, and every hold. */
const QUIET = 3 * DAY;

/** Lives one seed from an empty database to its verdict. The same seed is the same life. `tail`: lines kept. */
export async function simulate(seed: number, house: House, catalog: Catalog, tail: number): Promise<Verdict> {
  await house.clear();
  const world = worldOf(seed, house, catalog, tail);
  const { time, random, log, xendit, found, standby } = world;
  const began = time.now();
  for (const replica of world.replicas) replica.start();
  const until = began + (world.hasBooks ? between(random, 12, 25) : between(random, 20, 60)) * DAY;
  const customers = drawn(random, [
    [20, 1],
    [40, 2],
    [40, 3],
  ]);
  world.people.arrive(customers, until);
  world.supervisor.plan(world.faults.outages, until);
  await live(world, until);
  await calmDown(world);
  await live(world, until + QUIET);
  const ended = {
    db: house.db,
    now: time.instant(),
    payments: xendit.payments,
    failedOver: standby.failedOverAt() !== null,
    hasBooks: world.hasBooks,
  };
  const faults = [...found, ...(await brokenPromises(ended))];
  return {
    seed,
    faults,
    hash: log.hash(),
    tail: log.tail(),
    simulatedMs: time.now() - began,
    payments: xendit.payments.length,
    events: log.lines(),
    struck: world.faults.struck,
  };
}

async function live({ time, replicas, agenda }: World, until: number): Promise<void> {
  time.at(until, () => undefined);
  while (time.now() < until) {
    if (!replicas.some((replica) => replica.isBusy())) await agenda.plan();
    await time.step();
  }
}

/** Nothing fails any more, everybody is back, nobody acts, and charging is allowed: now all of it must come to rest. */
async function calmDown(world: World): Promise<void> {
  world.faults.end();
  await world.standby.rejoin();
  world.people.leave();
  world.supervisor.startAll();
  world.people.mend();
  world.agenda.touch();
}
