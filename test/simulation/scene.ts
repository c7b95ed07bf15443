import { between, type Chance, drawn, oneOf } from '../support/chance.ts';
import type { FaultName } from './faults.ts';

/** How a seed is set up, before anything happens in it. */
export type Scene = {
  readonly days: number;
  readonly customers: number;
  /** Most of them pay every day. */
  readonly isCrowd: boolean;
  /** All of them pay at one instant, and the pace lets few go at a time. */
  readonly isRush: boolean;
  /** Requests a minute and endpoint; null where there is no limit. */
  readonly pace: number | null;
  /** Whether there are spending limits. */
  readonly isBraked: boolean;
  /** What was agreed is changed again and again: terms, pauses, items, second thoughts. */
  readonly isRestless: boolean;
  /** Its cards are at fault just when most charges of a day fall due, so that they wait for their channel, and it works again. */
  readonly isTroubled: boolean;
  /** Failovers take methods that were just saved, with what was charged to them; somebody arms at once after each. */
  readonly losesSavings: boolean;
  /** An edit raises prices for those who subscribe already, who are told, and asked. */
  readonly raisesPrices: boolean;
  /** Of one plan the customers come to the higher price by repricings alone, in stages that an admin stops and resumes. */
  readonly reprices: boolean;
  /** An admin takes over the subscribers of another biller. */
  readonly imports: boolean;
  /** Money is given back: by us, and in Xendit's dashboard. */
  readonly refunds: boolean;
  /** Whether Xendit's books are read once a day; where they are not, what only they can find is excused. */
  readonly hasBooks: boolean;
  /** Faults that it has none of, since they would blur what it shows. */
  readonly without: readonly FaultName[];
};

type Measure = Pick<Scene, 'days' | 'customers' | 'isCrowd' | 'isRush'>;

/** How long a seed is, and how many customers it has: few for long, or a crowd whose charges fall due together. */
const measures: readonly (readonly [number, (random: Chance) => Measure])[] = [
  [40, (random) => ({ days: between(random, 12, 26), customers: between(random, 6, 12), ...few })],
  [13, (random) => ({ days: between(random, 36, 50), customers: between(random, 3, 6), ...few })],
  [35, (random) => ({ days: between(random, 3, 5), customers: between(random, 16, 34), ...crowd })],
  [12, (random) => ({ days: between(random, 3, 4), customers: between(random, 24, 36), ...rush })],
];

const few = { isCrowd: false, isRush: false };
const crowd = { isCrowd: true, isRush: false };
const rush = { isCrowd: true, isRush: true };

const BOOKS_READ = 0.06;
const MOST_DAYS_OF_BOOKS = 15;
const BRAKED = 0.25;
/** In so many of the seeds with a brake nothing disturbs its count. */
const COUNTED = 0.7;
/** Of the crowds. */
const TROUBLED = 0.4;
const RESTLESS = 0.3;
/** Of the seeds without a brake. */
const LOSING = 0.2;
/** Of the seeds without a brake. */
const RAISING = 0.35;
/** Of those that raise prices. */
const REPRICING = 0.5;
const IMPORTING = 0.2;
const REFUNDING = 0.3;

/** What a frozen process or a slow statement sends late comes on top of somebody else's minute. */
export const BLUR_THE_PACE: readonly FaultName[] = ['clockSteps', 'paused', 'statementSlow'];
/** What was counted on another day, before a failover, or by another catalog, is not counted now. */
export const BLUR_THE_BRAKE: readonly FaultName[] = ['clockSteps', 'catalogEdited', 'failover'];
/**
 * By another clock a notice is recorded on another day, of a roll-out some daemons would sell by a third catalog, and a customer whose
 * row nobody can work with cannot be told either.
 */
const BLUR_THE_NOTICES: readonly FaultName[] = ['clockSteps', 'catalogEdited', 'poisoned'];
/** By another clock the day before a renewal is another one, and what nobody can work with is opened on no day of a calendar. */
const BLUR_THE_MOVE: readonly FaultName[] = ['clockSteps', 'poisoned'];
/** By another clock the next look at a refund is years away, and one that nobody can work with waits for the mend of its row. */
const BLUR_THE_REFUNDS: readonly FaultName[] = ['clockSteps', 'poisoned'];
/** What shows at Xendit only long after a failover is not found by whoever arms at once: absence is believed after five minutes. */
const SHOWS_LATE: readonly FaultName[] = ['slow', 'readLag', 'paused'];

/** `apart`: draws what came later, so that the other seeds stay the lives that they were. */
export function sceneOf(random: Chance, apart: Chance): Scene {
  const measure = drawn(random, measures)(random);
  const hasBooks = random() < BOOKS_READ;
  const isBraked = random() < BRAKED;
  const isCounted = isBraked && random() < COUNTED;
  const isRestless = random() < RESTLESS;
  const isTroubled = measure.isCrowd && random() < TROUBLED;
  const losesSavings = !isBraked && random() < LOSING;
  const raisesPrices = !isBraked && apart() < RAISING;
  const reprices = raisesPrices && apart() < REPRICING;
  const imports = apart() < IMPORTING;
  const refunds = apart() < REFUNDING;
  return {
    ...measure,
    days: hasBooks ? Math.min(measure.days, MOST_DAYS_OF_BOOKS) : measure.days,
    pace: measure.isRush ? between(random, 10, 15) : oneOf(random, [null, null, 20, 60]),
    isBraked,
    isRestless,
    isTroubled,
    losesSavings,
    raisesPrices,
    reprices,
    imports,
    refunds,
    hasBooks,
    without: [
      ...(measure.isRush ? BLUR_THE_PACE : []),
      ...(isCounted ? BLUR_THE_BRAKE : []),
      ...(losesSavings ? SHOWS_LATE : []),
      ...(raisesPrices ? BLUR_THE_NOTICES : []),
      ...(imports ? BLUR_THE_MOVE : []),
      ...(refunds ? BLUR_THE_REFUNDS : []),
    ],
  };
}
