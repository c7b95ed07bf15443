import type { Failpoint } from '../../src/infra/failpoints.ts';

/** What becomes of a request to charge. */
export type Behaviour = 'pays' | 'pays in silence' | 'declines' | 'never hears of it';
/** What happens to the process. `lost answer`: a statement is committed, and its answer is lost with the connection. */
export type Fault = 'kill' | 'stop' | 'term' | 'lost answer';

export type CrashCase = {
  readonly fault: Fault;
  /** A failpoint, or for a lost answer a statement. */
  readonly at: Failpoint | Statement;
  readonly pass: number;
  readonly gateway: Behaviour;
  readonly channel: 'CARDS' | 'DANA';
};

/** The statements whose answer can be lost, told apart by their words. */
export const STATEMENTS = {
  'webhook insert': /insert into inbox/,
  'webhook close': /update "inbox" set "status"/,
  linking: /insert into tokens/,
  opening: /insert into charges /,
  claim: /insert into attempts /,
  settle: /update attempts t set/,
  'rescue claim': /with late as/,
  pace: /update pace p set/,
} as const;

export type Statement = keyof typeof STATEMENTS;

const WEBHOOK: readonly Failpoint[] = [
  'before-webhook-insert',
  'after-webhook-insert',
  'after-webhook-answer',
  'before-webhook-processing',
  'after-webhook-processing',
  'after-webhook-close',
];
const ONCE: readonly Failpoint[] = [
  'before-linking',
  'after-linking',
  'before-opening',
  'after-opening',
  'before-claim',
  'after-claim',
  'before-call',
  'after-request',
  'after-answer',
  'before-settle',
  'after-settle',
];
export const RESCUE: readonly Failpoint[] = ['after-rescue-claim', 'before-look-up', 'after-look-up', 'after-rescue'];
export const BOOT: readonly Failpoint[] = ['before-listening', 'after-listening'];
const BEHAVIOURS: readonly Behaviour[] = ['pays', 'pays in silence', 'declines'];

/** Every point, under each of three gateways, for one fault. The seed chooses what is not said: channel, pass, silence. */
export function crashCases(fault: Fault, seed: number): readonly CrashCase[] {
  const draw = chance(seed);
  const points: readonly (Failpoint | Statement)[] =
    fault === 'lost answer'
      ? (Object.keys(STATEMENTS) as Statement[])
      : [...WEBHOOK, ...ONCE, ...RESCUE, ...(fault === 'kill' ? BOOT : [])];
  return points.flatMap((at) =>
    BEHAVIOURS.map((gateway, index): CrashCase => {
      // The third of the three: a decline, or a request that never arrived.
      const third = gateway === 'declines' && draw(2) === 1 ? 'never hears of it' : gateway;
      return {
        fault,
        at,
        gateway: third,
        // Token and session are told of by a webhook each; the one about the payment comes third, where it comes at all.
        pass: WEBHOOK.includes(at as Failpoint)
          ? 1 + ((index + draw(3)) % (third === 'pays' || third === 'declines' ? 3 : 2))
          : 1,
        channel: draw(4) === 0 ? 'DANA' : 'CARDS',
      };
    }),
  );
}

/** Whole numbers below a bound, the same for the same seed (mulberry32). */
function chance(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}
