import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Apply, putInForce } from '../../src/infra/tables/catalog/catalog-versions.ts';
import { bookFaults } from './books.ts';
import { brakeFaults } from './brake.ts';
import type { Editions } from './editions.ts';
import type { FaultName } from './faults.ts';
import { countGivenBack, givenBackFaults } from './given-back.ts';
import type { House } from './house.ts';
import { livenessFaults } from './liveness.ts';
import { methodFaults } from './methods.ts';
import { countSwitched, movedFaults } from './moved.ts';
import { brokenPromises } from './oracle.ts';
import { countRepriced, repricedFaults } from './repriced.ts';
import { BLUR_THE_BRAKE } from './scene.ts';
import { type ToldPrices, toldPrices } from './told-prices.ts';
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
  /** Charges at a price that is higher than the one that their customer subscribed at. */
  readonly raised: number;
  /** Subscriptions that a repricing moved, and such that the switch let go on here. */
  readonly repriced: number;
  readonly switched: number;
  /** Refunds that gave customers their money. */
  readonly givenBack: number;
  /** How often each fault struck. */
  readonly struck: Partial<Record<FaultName, number>>;
};

const NOBODY_TOLD: ToldPrices = { faults: [], charged: 0 };
const MINUTE = 60_000;
const DAY = 1_440 * MINUTE;
/** Long enough for every look-up, every webhook that is still to come, and every hold. */
const QUIET = 3 * DAY;

/** Lives one seed from an empty database to its verdict. The same seed is the same life. `tail`: lines kept. */
export async function simulate(seed: number, house: House, editions: Editions, tail: number): Promise<Verdict> {
  const files = mkdtempSync(join(tmpdir(), 'dueday-simulation-files-'));
  try {
    return await lived(worldOf(seed, house, editions, files, tail), seed, house, editions);
  } finally {
    rmSync(files, { recursive: true });
  }
}

async function lived(world: World, seed: number, house: House, editions: Editions): Promise<Verdict> {
  await house.clear();
  const { scene, time, log, xendit, found, standby } = world;
  const began = time.now();
  // The first daemon puts its file in force; where nobody edits it that makes no difference.
  if (scene.raisesPrices) await putInForce(house.db, firstOf(editions, time.instant()));
  for (const replica of world.replicas) replica.start();
  const until = began + scene.days * DAY;
  world.people.arrive(scene, until);
  world.supervisor.plan(world.faults.outages, until);
  world.troubles.plan(world.faults.troubles, until);
  if (scene.isTroubled) world.troubles.planAtItsWorst(until);
  world.clock.plan(world.faults.clockSteps, until);
  if (world.faults.strikes('poisoned')) world.poison.plan(until);
  await live(world, until);
  await calmDown(world);
  await live(world, until + QUIET);
  const failedOver = standby.failedOverAt() !== null;
  const givenBack = { db: house.db, refunds: world.desk.refunds, failedOver, hasBooks: scene.hasBooks };
  const ended = {
    givenBack,
    db: house.db,
    now: time.instant(),
    payments: xendit.payments,
    failedOver,
    // Where the clock was wrong, days and hours of the rows are not those that were lived.
    isSteady: !world.faults.isDrawn('clockSteps'),
    hasBooks: scene.hasBooks,
    shifted: world.people.shifted,
  };
  const judged = {
    db: house.db,
    now: time.now(),
    weather: world.weather,
    isExcused: (id: string) => world.poison.struck.has(id),
  };
  const told = world.raised === null ? NOBODY_TOLD : await toldPrices(house.db, world.raised.version, scene.reprices);
  const faults = [
    ...found,
    ...told.faults,
    ...(await stagesFaults(world, house)),
    ...(await movedFaults({ db: house.db, written: world.people.written, shifted: world.people.shifted })),
    ...(await givenBackFaults(givenBack)),
    ...(await brokenPromises(ended)),
    ...(await bookFaults(house.db, world.catalog())),
    ...(ended.isSteady ? await livenessFaults(judged) : []),
    ...(ended.isSteady
      ? await methodFaults({ ...judged, methods: [...xendit.methods.values()], failedOver: ended.failedOver })
      : []),
    ...world.meter.faults(),
    ...(ended.failedOver || BLUR_THE_BRAKE.some((name) => name !== 'failover' && world.faults.isDrawn(name))
      ? []
      : await brakeFaults(house.db, world.catalog().defaults.limits, xendit.payments)),
  ];
  return {
    seed,
    faults,
    hash: log.hash(),
    tail: log.tail(),
    simulatedMs: time.now() - began,
    payments: xendit.payments.length,
    events: log.lines(),
    raised: told.charged,
    repriced: await countRepriced(house.db),
    switched: await countSwitched(house.db),
    givenBack: await countGivenBack(house.db),
    struck: world.faults.struck,
  };
}

async function stagesFaults({ raised, scene, people, standby }: World, { db }: House): Promise<readonly string[]> {
  if (raised === null || !scene.reprices) return [];
  const failedOver = standby.failedOverAt() !== null;
  return await repricedFaults({ db, version: raised.version, stops: people.stops, failedOver });
}

function firstOf({ plain }: Editions, at: Temporal.Instant): Apply {
  return { from: null, to: plain.version, shown: null, actor: 'system', reason: null, at };
}

/** Whoever is at work will look again by itself; where it is kept for long, the others are woken, as cron would. */
async function live({ time, replicas, agenda, weather }: World, until: number): Promise<void> {
  time.at(until, () => undefined);
  let planned = 0;
  while (time.now() < until) {
    const isBusy = replicas.some((replica) => replica.isBusy());
    if (!isBusy || (time.next() ?? 0) > planned + MINUTE) {
      planned = time.now();
      await agenda.plan();
    }
    await time.step();
    weather.watch();
  }
}

/** Nothing fails any more, everybody is back, nobody acts, and charging is allowed: now all of it must come to rest. */
async function calmDown(world: World): Promise<void> {
  world.faults.end();
  world.troubles.end();
  world.clock.end();
  await world.poison.mend();
  await world.standby.rejoin();
  world.people.leave();
  world.supervisor.startAll();
  world.people.mend();
  world.agenda.touch();
}
