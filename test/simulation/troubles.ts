import { between, type Chance, oneOf, spread } from '../support/chance.ts';
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
  /** What is wrong with this channel now; null when nothing is. */
  of(channel: Channel): Trouble | null;
  /** Everything is mended. */
  end(): void;
};

const HOUR = 3_600_000;
/** Whoever stopped for it looks again by then. */
const NOTICED = 6 * HOUR;

export function troublesOf(time: Timeline, random: Chance, weather: Weather, tell: (line: string) => void): Troubles {
  const present = new Map<Channel, Trouble>();
  let over = false;

  function begin(): void {
    if (over) return;
    const channel = oneOf<Channel>(random, ['CARDS', 'OVO', 'DANA']);
    // A wallet has no second step that an account could be set to.
    const kind = oneOf(random, channel === 'CARDS' ? KINDS : KINDS.filter((one) => one !== 'asks_customers'));
    const until = time.now() + spread(random, HOUR / 2, 60 * HOUR);
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
      for (let n = 0; n < count; n += 1) time.at(between(random, time.now(), until), begin);
    },
    of: (channel) => present.get(channel) ?? null,
    end() {
      over = true;
      present.clear();
    },
  };
}
