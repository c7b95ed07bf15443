import type { Catalog } from '../../src/domain/catalog/plan.ts';
import { between, type Chance, chance, spread } from '../support/chance.ts';
import { type Agenda, agendaOf } from './agenda.ts';
import { type Clock, clockOf } from './clock.ts';
import { courierOf } from './courier.ts';
import { doorOf } from './door.ts';
import type { Editions } from './editions.ts';
import { type EventLog, eventLog } from './event-log.ts';
import { exchangeWith } from './exchange.ts';
import { type Swarm, swarm } from './faults.ts';
import type { House } from './house.ts';
import { portsOf } from './life.ts';
import { seedLog } from './log.ts';
import { type Meter, meterOf } from './meter.ts';
import { type People, people } from './people.ts';
import { isOfPoison, type Poison, poisonOf } from './poison.ts';
import { type RefundDesk, refundDesk } from './refunds.ts';
import { type Outside, type Replica, replica } from './replica.ts';
import { BLUR_THE_PACE, type Scene, sceneOf } from './scene.ts';
import { type Standby, standbyOf } from './standby.ts';
import { type Supervisor, supervisorOf } from './supervisor.ts';
import { type Timeline, timeline } from './timeline.ts';
import { type Troubles, troublesOf } from './troubles.ts';
import { watchOf } from './watch.ts';
import { type Weather, weatherOf } from './weather.ts';
import { clientOf } from './wire.ts';
import { simulatedXendit, type Xendit } from './xendit.ts';

/** Everything that lives in one seed. */
export type World = {
  readonly scene: Scene;
  readonly random: Chance;
  readonly time: Timeline;
  readonly log: EventLog;
  readonly xendit: Xendit;
  readonly desk: RefundDesk;
  readonly replicas: readonly Replica[];
  readonly people: People;
  readonly agenda: Agenda;
  readonly standby: Standby;
  readonly supervisor: Supervisor;
  /** What was found broken while it happened. */
  readonly found: string[];
  readonly faults: Swarm;
  readonly weather: Weather;
  readonly troubles: Troubles;
  readonly meter: Meter;
  readonly clock: Clock;
  readonly poison: Poison;
  /** What a daemon that starts now goes by. */
  readonly catalog: () => Catalog;
  /** The catalog with higher prices; null: nobody applies it. */
  readonly raised: Catalog | null;
};

const MINUTE = 60_000;
const DAY = 1_440 * MINUTE;
const FIRST = Date.UTC(2026, 0, 1);
/** Far from every seed that is lived. */
const APART = 100_000_000;
const REPLICAS = ['a', 'b', 'c'];

/** Three daemons, one Postgres, one Xendit, some people and the faults that this seed has drawn. `files`: where people write some. */
export function worldOf(seed: number, house: House, editions: Editions, files: string, tail: number): World {
  const random = chance(seed);
  const start = FIRST + between(random, 0, 700) * DAY + between(random, 0, DAY);
  const time = timeline(start, random, () => scene.imports);
  const log = eventLog(tail);
  const tell = (line: string): void => log.add(time.now(), line);
  const found: string[] = [];
  const replicas: Replica[] = [];
  const scene = sceneOf(random, chance(seed + APART));
  const { pace, hasBooks, losesSavings } = scene;
  const faults = swarm(random, scene.without);
  const weather = weatherOf(time, house, replicas);
  const troubles = troublesOf(time, random, weather, tell);
  /** Somebody acts between now and then, where this seed has it: whoever a reference of theirs names, or anybody. */
  const actWithin = (milliseconds: number, reference?: string, scale = 1): void => {
    if (faults.strikes('worstMoment', scale))
      time.at(time.now() + spread(random, 1, milliseconds), () => everybody.act(reference));
  };
  /** Something is about to happen: now is when it hurts most that somebody acts. */
  const moment = (reference?: string): void => actWithin(1_000, reference);
  const xendit = simulatedXendit(time, random);
  const lag = () => (faults.strikes('readLag') ? between(random, 1_000, 10 * MINUTE) : 0);
  const desk = refundDesk({ time, random, xendit, lag });
  const clock: Clock = clockOf(time, random, (line) => {
    tell(line);
    agenda.touch();
  });
  const changed = async (): Promise<void> => {
    meter.forgotten();
    await weather.changed();
    if (losesSavings) everybody.mend();
  };
  const standby = standbyOf({ time, random, faults, house, losesSavings, tell, changed });
  const agenda = agendaOf(time, clock, random, house, replicas, moment);
  const watch = watchOf(house, xendit, standby, faults.isDrawn('failuresUnlisted'), (fault) => found.push(fault));
  const supervisor = supervisorOf(replicas, time, random, moment);
  const ports = portsOf(time, random, faults, supervisor);
  const failed = (fault: string) => found.push(fault);
  const courier = courierOf({ time, random, faults, replicas, hasBooks, tell, failed });
  xendit.onNews(courier.tellPayment);
  desk.onNews(courier.tellRefund);
  const paysByHand = (reference: string): void => watch.paysByHand(reference, time.now());
  const given = { time, random, faults, replicas, xendit, courier, standby, losesSavings, paysByHand, tell, failed };
  const { reprices } = scene;
  const raised = scene.raisesPrices ? editions[reprices ? 'staged' : 'raised'] : null;
  const everybody = people({
    ...given,
    raised,
    reprices,
    files: scene.imports ? files : null,
    desk: scene.refunds ? desk : null,
  });
  const ran = async (text: string): Promise<void> => {
    if (text.includes('update charging ')) await weather.changed();
    if (isWrite(text)) agenda.touch();
    if (text.includes('update imports ')) everybody.importStepped();
    if (!text.includes('insert into attempts')) return;
    await watch.wrote();
    moment();
  };
  const doors = { clock, random, faults, ports, house, standby, tell, ran };
  const isOnTime = !BLUR_THE_PACE.some((name) => faults.isDrawn(name));
  const meter: Meter = meterOf(time, isOnTime ? pace : null);
  const wires = {
    time,
    random,
    faults,
    ports,
    exchange: exchangeWith({ xendit, time, random, troubles, desk, tellExpired: courier.tellExpired }),
    watch,
    tell,
    meter,
    reached: moment,
    // Until the request is looked up, or sent once more. Few are in doubt, and of those this is to be seen.
    doubted: (reference: string | undefined) => actWithin(10 * MINUTE, reference, 10),
  };
  const poison = poisonOf(time, random, house, tell);
  const from = scene.isBraked ? editions.braked : editions.plain;
  const editedAt = faults.isDrawn('catalogEdited') ? time.now() + between(random, 1, 30) * DAY : null;
  const catalog = (): Catalog => {
    if (editedAt === null || time.now() < editedAt) return from;
    faults.felt('catalogEdited');
    return editions.edited;
  };
  const outside = (name: string): Outside => ({
    time,
    clock,
    ports,
    catalog,
    door: (life) => doorOf(doors, name, life),
    client: (life) => clientOf(wires, name, life),
    newId: (bucket) => idOf(time, random, bucket),
    newBucket: () => between(random, 0, 255),
    requestsPerMinute: pace,
    hasBooks,
    log: seedLog(
      (line) => tell(`${name} ${line}`),
      (fault) => found.push(fault),
      everybody.mend,
      (event) => isOfPoison(event, poison) || event === 'the clock of the database went back',
    ),
    tell,
    touch: agenda.touch,
    failed,
  });
  for (const name of REPLICAS) replicas.push(replica(name, outside(name)));
  const world: World = {
    scene,
    random,
    time,
    log,
    xendit,
    desk,
    replicas,
    people: everybody,
    agenda,
    standby,
    supervisor,
    found,
    faults,
    weather,
    troubles,
    meter,
    clock,
    poison,
    catalog,
    raised,
  };
  return world;
}

const writes = new Map<string, boolean>();

function isWrite(text: string): boolean {
  return writes.getOrInsertComputed(text, () => /\b(insert into|update|delete from) /.test(text));
}

/** A UUIDv7 of the seed: its time is the simulated one, its last byte the bucket. */
function idOf(time: Timeline, random: Chance, bucket: number): string {
  const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');
  const at = hex(time.now(), 12);
  const drawnBits = () => hex(between(random, 0, 0xffff), 4);
  const [a, b, c] = [between(random, 0, 0xfff), between(random, 0x8000, 0xbfff), between(random, 0, 0xff)];
  return `${at.slice(0, 8)}-${at.slice(8)}-7${hex(a, 3)}-${hex(b, 4)}-${drawnBits()}${drawnBits()}${hex(c, 2)}${hex(bucket, 2)}`;
}
