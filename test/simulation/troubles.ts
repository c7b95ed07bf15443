import { between, type Chance, drawn, oneOf, spread } from '../support/chance.ts';
import type { Timeline } from './timeline.ts';
import type { Weather } from './weather.ts';
import type { Channel } from './xendit.ts';

/** What is wrong with every request for money of one channel, whoever's it is, for hours or days. */
export type Trouble =
  | 'limited'
  | 'misconfigured'
  | 'forbidden'
  | 'asks_customers'
  | 'invalid'
  | 'unknown_tokens'
  | 'down';

const KINDS: readonly Trouble[] = [
  'limited',
  'misconfigured',
  'forbidden',
  'asks_customers',
  'invalid',
  'unknown_tokens',
  'down',
];

/** Faults of a channel and not of a customer. */
export type Troubles = {
  /** Plans so many of them before `until`. */
  plan(count: number, until: number): void;
  /** Plans one of all cards, within the hour before most charges of a day fall due. */
  planAtItsWorst(until: number): void;
  /** What is wrong with this channel now; null when nothing is. */
  of(channel: Channel): Trouble | null;
  /** Everything is mended. */
  end(): void;
};

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Whoever stopped for it looks again by then. */
const NOTICED = 6 * HOUR;
/** When most charges of a day fall due: nine o'clock in Jakarta. */
const MOST_ARE_DUE = 2 * HOUR;

export function troublesOf(time: Timeline, random: Chance, weather: Weather, tell: (line: string) => void): Troubles {
  const present = new Map<Channel, Trouble>();
  let over = false;

  function beginAnywhere(): void {
    const channel = drawn<Channel>(random, [
      [3, 'CARDS'],
      [2, 'OVO'],
      [1, 'DANA'],
    ]);
    begin(channel);
  }

  function begin(channel: Channel): void {
    if (over) return;
    // A wallet has no second step that an account could be set to.
    const kind = oneOf(random, channel === 'CARDS' ? KINDS : KINDS.filter((one) => one !== 'asks_customers'));
    const until = time.now() + spread(random, HOUR, 60 * HOUR);
    present.set(channel, kind);
    weather.outage(channel, time.now(), until + NOTICED);
    tell(`trouble begins: ${channel} ${kind}`);
    time.at(until, () => {
      present.delete(channel);
      tell(`trouble ends: ${channel}`);
    });
  }

  return {
    plan(count, until) {
      for (let n = 0; n < count; n += 1) time.at(momentIn(random, time.now(), until), beginAnywhere);
    },
    planAtItsWorst(until) {
      time.at(beforeMostAreDue(random, between(random, time.now() + DAY, until)), () => begin('CARDS'));
    },
    of: (channel) => present.get(channel) ?? null,
    end() {
      over = true;
      present.clear();
    },
  };
}

/** Half of them come when they hurt most: within the hour before most charges of the day fall due. */
function momentIn(random: Chance, from: number, until: number): number {
  const any = between(random, from, until);
  return random() < 0.5 ? any : Math.max(from, beforeMostAreDue(random, any));
}

function beforeMostAreDue(random: Chance, day: number): number {
  return Math.floor(day / DAY) * DAY + MOST_ARE_DUE - between(random, 0, HOUR);
}
