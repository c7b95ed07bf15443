import type { Outcome } from '../../src/domain/charges/outcome.ts';
import { paymentEvent } from '../flows/xendit-events.ts';
import { chance, drawn } from '../support/chance.ts';
import { declined, type Reaction, type Sent, succeeded, unknown } from '../support/scripted-gateway.ts';
import type { World } from '../support/world.ts';

/** A gateway on bad days that tells by webhook too, as often as it must until somebody takes it. */
export type BadTill = {
  /** Events that were taken: answered with 200. */
  readonly taken: () => number;
  /** Deliveries that were not. */
  readonly refused: () => number;
  /** Resolves when every event was taken. */
  readonly quiet: () => Promise<void>;
};

type Deliver = (event: object) => Promise<unknown>;

/** Answers of every kind after some milliseconds, webhooks before, after or instead of them. Ends with `stop`. */
export function badTill(world: World, seed: number, deliver: Deliver): BadTill {
  const { gateway } = world;
  const random = chance(seed);
  const underWay = new Set<Promise<void>>();
  let taken = 0;
  let refused = 0;
  const send = (event: object): void => {
    const told = (async () => {
      for (;;) {
        try {
          await deliver(event);
          taken += 1;
          return;
        } catch {
          refused += 1;
          await milliseconds(20 + 80 * random());
        }
      }
    })();
    underWay.add(told);
    void told.then(() => underWay.delete(told));
  };
  gateway.otherwise(async (sent) => {
    await milliseconds(1 + 15 * random());
    const outcome = drawn<() => Outcome>(random, [
      [80, () => succeeded()],
      [10, () => declined('INSUFFICIENT_BALANCE')],
      [2, () => declined('ISSUER_UNAVAILABLE')],
      [4, () => unknown()],
    ])();
    return await tell(sent, outcome);
  });
  return {
    taken: () => taken,
    refused: () => refused,
    quiet: async () => void (await Promise.all(underWay)),
  };

  async function tell(sent: Sent, outcome: Outcome): Promise<Outcome> {
    if (outcome.kind !== 'succeeded' && outcome.kind !== 'declined') return outcome;
    const told = drawn(random, [
      [70, 'both'],
      [20, 'by the answer'],
      [6, 'by a webhook only'],
      [4, 'by nobody'],
    ] as const);
    if (told === 'both' || told === 'by a webhook only') send(paymentEvent(sent, outcome));
    return told === 'both' || told === 'by the answer' ? outcome : await silently(outcome)(sent);
  }

  function silently(outcome: Outcome): Reaction {
    return gateway.inSilence(outcome);
  }
}

function milliseconds(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
