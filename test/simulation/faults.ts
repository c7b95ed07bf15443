import type { Chance } from '../support/chance.ts';

/** What can go wrong, and how likely it is each time it could: at a statement, a call, a payment, a webhook. */
type Faults = {
  /** The statement never arrived. */
  statementLost: number;
  /** The statement was committed and its answer was lost. */
  commitAnswerLost: number;
  statementSlow: number;
  /** The process dies at a call of a port; what had left it may still arrive. */
  killed: number;
  /** SIGTERM: nothing new is started, what is under way ends. */
  stopped: number;
  /** The process stands still for up to ten minutes, beyond any lease. */
  paused: number;
  /** The primary dies, and its standby never heard of the last statements. */
  failover: number;
  /** Everything is down for hours or days: how often in a seed, at most. */
  outages: number;
  /** Postgres' clock is set wrong for hours: how often in a seed, at most. */
  clockSteps: number;
  /** A row that nobody can work with, until a person mends it. */
  poisoned: number;
  /** Whoever starts from some day on has another catalog: a roll-out. */
  catalogEdited: number;
  /** Somebody else holds the rows that a statement wants. */
  rowsHeld: number;
  /** No connection came free. */
  poolExhausted: number;
  /** Something is wrong with a channel or with how the account is set up for it: how often in a seed, at most. */
  troubles: number;
  connectionRefused: number;
  /** Nobody answers: the request was lost on its way, or its answer was. */
  silentBefore: number;
  silentAfter: number;
  /** 500, 502, 503: without a charge, or with one. */
  errorBefore: number;
  errorAfter: number;
  garbage: number;
  throttled: number;
  /** 403: the account as a whole, until a person mends it. */
  accountRefused: number;
  /** 400, 404, 409 on a first sending: what was sent is at fault, or nobody can tell what is. */
  refused: number;
  /** Xendit works on a request for up to eight minutes. */
  slow: number;
  pending: number;
  declined: number;
  lateSuccess: number;
  /** A payment that is on its way ends because nobody confirmed it in time. */
  expires: number;
  /** A method ends at Xendit, and a webhook says so. */
  tokenEnds: number;
  lookUpFails: number;
  /** Payments that failed are not in the list of transactions. */
  failuresUnlisted: number;
  /** A payment shows up in look-ups only minutes after it was made. */
  readLag: number;
  webhookLost: number;
  webhookDoubled: number;
  webhookLate: number;
  /** Somebody has Xendit send a webhook again, days later. */
  webhookAgain: number;
  webhookForged: number;
  /** A customer or admin acts exactly while a charge of theirs is under way. */
  worstMoment: number;
};

/** The most likely that each gets; a seed that draws many of them at once should still get something done. */
const most: Faults = {
  statementLost: 0.05,
  commitAnswerLost: 0.05,
  statementSlow: 0.05,
  killed: 0.004,
  stopped: 0.002,
  paused: 0.01,
  failover: 0.004,
  outages: 4,
  clockSteps: 2,
  poisoned: 1,
  catalogEdited: 1,
  rowsHeld: 0.03,
  poolExhausted: 0.01,
  troubles: 3,
  connectionRefused: 0.1,
  silentBefore: 0.2,
  silentAfter: 0.3,
  errorBefore: 0.15,
  errorAfter: 0.2,
  garbage: 0.2,
  throttled: 0.1,
  accountRefused: 0.02,
  refused: 0.05,
  slow: 0.3,
  pending: 0.3,
  declined: 0.9,
  lateSuccess: 0.9,
  expires: 0.5,
  tokenEnds: 0.5,
  lookUpFails: 0.4,
  failuresUnlisted: 1,
  readLag: 0.5,
  webhookLost: 0.8,
  webhookDoubled: 0.5,
  webhookLate: 0.6,
  webhookAgain: 0.2,
  webhookForged: 0.3,
  worstMoment: 0.05,
};

export type FaultName = keyof Faults;
export const faultNames = Object.keys(most) as readonly FaultName[];

/** The faults of one seed. */
export type Swarm = {
  /** Whether this fault happens now; `scale` makes it rarer. */
  strikes(name: FaultName, scale?: number): boolean;
  /** Whether it may happen at all in this seed. */
  isDrawn(name: FaultName): boolean;
  /** One that was drawn at the beginning has come to be felt. */
  felt(name: FaultName): void;
  readonly outages: number;
  readonly troubles: number;
  readonly clockSteps: number;
  /** Nothing happens any more: what the quiet period at the end is made of. */
  end(): void;
  /** How often each struck. */
  readonly struck: Partial<Record<FaultName, number>>;
};

/** Those that are planned at the beginning. */
const COUNTED = ['outages', 'troubles', 'clockSteps'] as const;
const isCounted = (name: FaultName) => COUNTED.some((one) => one === name);

/**
 * Half of the faults, drawn, each at an intensity of its own: a seed with all of them at once would hide the rare ones.
 * `without`: those that this seed has none of.
 */
export function swarm(random: Chance, without: readonly FaultName[]): Swarm {
  const drawnShare = (name: FaultName) => {
    const share = random() < 0.5 ? 0 : most[name] * random() ** 2;
    // Of what is planned there is a whole number: a share of one is none, and excuses nothing.
    const planned = isCounted(name) ? Math.round(share) : share;
    return without.includes(name) ? 0 : planned;
  };
  const shares = new Map(faultNames.map((name) => [name, drawnShare(name)]));
  const [outages = 0, troubles = 0, clockSteps = 0] = COUNTED.map((name) => shares.get(name));
  const struck: Partial<Record<FaultName, number>> = {
    ...(outages > 0 ? { outages } : {}),
    ...(troubles > 0 ? { troubles } : {}),
    ...(clockSteps > 0 ? { clockSteps } : {}),
  };
  let ended = false;
  const strike = (name: FaultName): void => {
    struck[name] = (struck[name] ?? 0) + 1;
  };
  return {
    strikes(name, scale = 1) {
      const isHit = random() < (ended ? 0 : (shares.get(name) ?? 0) * scale);
      if (isHit) strike(name);
      return isHit;
    },
    isDrawn: (name) => (shares.get(name) ?? 0) > 0,
    felt: strike,
    outages,
    troubles,
    clockSteps,
    end() {
      ended = true;
    },
    struck,
  };
}
